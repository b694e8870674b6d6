"""What each variant is, by the numbers."""

import math

import pytest
import torch
from torch import nn

from reparam import zoo
from reparam.distributions import DiagonalNormal, FullNormal, IsotropicNormal
from reparam.errors import CompositionError
from reparam.objectives import (
    Distortion,
    MultiscaleSimilarity,
    OptimalSigma,
    RootMeanSquaredError,
    SquaredError,
)
from reparam.zoo import ZOO
from reparam.zoo.parts import LOSSES


def count(module):
    return sum(p.numel() for p in module.parameters())


def shapes_through(module, x):
    """The shape after every layer that holds weights; cropped where a crop follows."""
    found = []
    for layer in module:
        x = layer(x)
        if isinstance(layer, nn.ZeroPad2d) and min(layer.padding) < 0:
            found[-1] = tuple(x.shape[1:])
        elif list(layer.parameters()):
            found.append(tuple(x.shape[1:]))
    return found


def test_the_chapters_layers():
    model, objective = zoo.chapter((1, 28, 28))
    encoder, decoder = model.posterior.network, model.likelihood.network
    assert shapes_through(encoder, torch.zeros(1, 1, 28, 28)) == [
        (32, 16, 16), (64, 8, 8), (128, 4, 4), (4,),
    ]  # fmt: skip
    assert shapes_through(decoder, torch.zeros(1, 2)) == [
        (2048,), (128, 8, 8), (64, 16, 16), (32, 32, 32), (1, 32, 32),
    ]  # fmt: skip
    assert count(model) == 347_141
    assert [t.weight.item() for t in objective] == [1.0, pytest.approx(2.048)]
    assert count(zoo.chapter((1, 28, 28), variational=False).model) == 347_141 - 2 * 2049


def test_the_chapters_convolutions_pad_right_and_below():
    """Output (i, j) sees the rows 2 i to 2 i + 2 of the padded picture and no row above."""
    encoder = zoo.chapter((1, 28, 28)).model.posterior.network
    pad, convolve = encoder[1], encoder[2]
    picture = torch.zeros(1, 1, 32, 32, requires_grad=True)
    convolve(pad(picture))[0, :, 3, 5].sum().backward()
    rows, columns = picture.grad[0, 0].nonzero().T
    assert set(rows.tolist()) == {6, 7, 8}
    assert set(columns.tolist()) == {10, 11, 12}


def test_the_chapters_transposed_convolution_is_the_convolutions_mirror():
    decoder = zoo.chapter((1, 28, 28)).model.likelihood.network
    small = torch.zeros(1, 128, 4, 4, requires_grad=True)
    out = decoder[3](decoder[2](small))
    assert out.shape == (1, 128, 8, 8)
    out[0, :, 7, 4].sum().backward()
    rows, columns = small.grad[0].abs().sum(0).nonzero().T
    assert set(rows.tolist()) == {3}
    assert set(columns.tolist()) == {1, 2}


def test_the_chapters_loss_is_the_books_over_a_constant():
    """500 x mean binary cross-entropy over 32 x 32 + KL = (500 / 1024) x ours."""
    model, objective = zoo.chapter((1, 28, 28))
    x = torch.rand(6, 1, 28, 28)
    trace = model(x)
    padded = torch.nn.functional.pad(x, (2, 2, 2, 2))
    logits = model.likelihood.network(trace.latents[0].z[0])
    bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, padded)
    mean, log_variance = trace.latents[0].q.mean, trace.latents[0].q.log_variance
    kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1).mean()
    book = 500 * bce + kl
    torch.testing.assert_close(book, 500 / 1024 * objective(trace)["loss"])


def test_the_chapters_weights_start_glorot_uniform():
    dense = zoo.chapter((1, 28, 28)).model.likelihood.network[0]
    limit = math.sqrt(6 / (2 + 2048))
    assert dense.weight.abs().max() <= limit
    torch.testing.assert_close(dense.weight.std(), torch.tensor(limit / 3**0.5), rtol=0.05, atol=0)
    assert not dense.bias.any()


def test_the_default_network():
    model, objective = zoo.vae((1, 28, 28), latent=2)
    assert count(model) == 199_557
    assert [t.name for t in objective] == ["distortion", "rate"]
    assert [t.weight.item() for t in objective] == [1.0, 1.0]


@pytest.mark.parametrize("name", ["vae", "autoencoder", "chapter"])
def test_only_the_loss_differs_between_losses(name):
    some = ("bce", "rmse", "mse", "optimal_sigma", "learned_sigma", "laplace", "student_t")
    models = [ZOO[name].make((1, 28, 28), loss=loss, latent=2).model for loss in some]
    z, x = torch.randn(4, 2), torch.rand(4, 1, 28, 28)
    for other in models[1:]:
        assert str(other.likelihood.network) == str(models[0].likelihood.network)
        assert torch.equal(other.encode(x), models[0].encode(x))
        torch.testing.assert_close(other.decode(z), models[0].decode(z), rtol=0, atol=1e-7)


def test_each_loss_is_its_term():
    terms = {loss: zoo.vae((1, 4, 5), loss=loss).objective.terms[0] for loss in LOSSES}
    assert type(terms["bce"]) is Distortion
    assert type(terms["mse"]) is SquaredError
    assert type(terms["rmse"]) is RootMeanSquaredError
    assert type(terms["optimal_sigma"]) is OptimalSigma
    assert type(terms["ms_ssim"]) is MultiscaleSimilarity
    weights = {loss: term.weight.item() for loss, term in terms.items() if term.weight != 1}
    assert weights == {"rmse": 20.0, "ms_ssim": 20.0}
    others = set(LOSSES) - {"bce", "mse", "rmse", "optimal_sigma", "ms_ssim"}
    assert all(type(terms[loss]) is Distortion for loss in others)


@pytest.mark.parametrize(
    ("posterior", "kind"),
    [("diagonal", DiagonalNormal), ("isotropic", IsotropicNormal), ("full", FullNormal)],
)
def test_each_posterior_has_its_covariance(posterior, kind):
    model, _ = zoo.vae((7,), latent=3, posterior=posterior, widths=[4])
    q = model.posterior(torch.rand(2, 7))
    assert type(q) is kind
    assert q.event_shape == (3,)


def test_beta_weighs_the_rate():
    assert zoo.beta_vae((7,)).objective.terms[1].weight == 4
    assert zoo.beta_vae((7,), beta=9.0).objective.terms[1].weight == 9
    warmed = zoo.vae((7,), beta=2.0, warmup=10).objective
    assert warmed.terms[1].weight == 0
    warmed.finish()
    assert warmed.terms[1].weight == 2


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("vae", {"shape": (1, 4, 4), "loss": "l1"}, "loss must be one of bce, rmse, "),
        ("vae", {"shape": (7,), "network": "convolutional"}, "use network='mlp'"),
        ("vae", {"shape": (7,), "network": "resnet"}, "network must be one of auto, "),
        ("vae", {"shape": (7,), "posterior": "flow"}, "posterior must be one of point, "),
        (
            "vae",
            {"shape": (7,), "latent": 0},
            "latent must be a whole number of at least 1, not 0",
        ),
        (
            "vae",
            {"shape": (7,), "warmup": -1},
            "warmup must be a number of whole steps, or the part",
        ),
        ("vae", {"shape": (7,), "warmup": 1.5}, "or 0 for none, not 1.5"),
        ("annealed_vae", {"shape": (7,), "steps": 0}, "steps must be a number of whole steps"),
        ("vae", {"shape": (7,), "seed": 2**70}, "seed must be a whole number"),
        ("denoising_autoencoder", {"shape": (7,), "masked": 1.0}, "above 0 and below 1, not 1.0"),
        ("k_sparse_autoencoder", {"shape": (7,), "latent": 2, "active": 8}, "has no effect"),
        ("conditional_vae", {"shape": (7,), "beta": 0.0}, "would never learn"),
        ("chapter", {"shape": (7,)}, r"take pictures \(C, H, W\), not \(7,\)"),
        ("chapter", {"shape": (1, 8, 8), "variational": False, "beta": 1.0}, "beta weighs a rate"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(name, arguments, sentence):
    with pytest.raises(CompositionError, match=sentence) as refusal:
        ZOO[name].make(**arguments)
    assert "\n" not in str(refusal.value)

"""Penalties of regularised autoencoders, against exact Jacobians and sums."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd.functional import jacobian

from reparam import zoo
from reparam.conditional import Conditional
from reparam.errors import CompositionError
from reparam.families import Point
from reparam.networks import MaskingNoise
from reparam.objectives import (
    CodeNorm,
    Contraction,
    DecoderGradient,
    DecoderWeights,
    Objective,
    OptimalSigma,
    Sparsity,
    SquaredError,
)
from reparam.objectives.penalties import squared_jacobian
from reparam.randomness import seeded
from reparam.training import Step

ZOO = ["contractive_autoencoder", "rae_gp"]


def model_of(shape=(6,), latent=3, **parts):
    """A small autoencoder with tanh for its links: every Jacobian depends on where it is."""
    model, _ = zoo.autoencoder(
        shape, latent=latent, network="mlp", widths=[5], loss="mse", **parts
    )
    for part in (model.posterior, model.likelihood):
        network = part.network
        for i, layer in enumerate(network):
            if isinstance(layer, nn.ReLU):
                network[i] = nn.Tanh()
    return model.double()


def exact(function, inputs):
    """The squared Frobenius norm of each input's own Jacobian."""
    return torch.stack(
        [jacobian(lambda x: function(x[None])[0], x).square().sum() for x in inputs]
    )


def code(model):
    return lambda x: model.posterior(x).mean


def picture(model):
    return lambda z: model.likelihood(z).mean


@pytest.mark.parametrize("shape", [(6,), (1, 2, 3)])
def test_many_directions_tend_to_the_exact_jacobian(shape):
    model = model_of(shape)
    x = torch.rand(4, *shape).double()
    trace = model(x)
    for term, truth in (
        (Contraction, exact(code(model), x)),
        (DecoderGradient, exact(picture(model), trace.latents[0].z[0]) / 2),
    ):
        few = torch.stack([term()(trace) for _ in range(100)]).std(0)
        assert (few > 0.05 * truth).all()
        error = (term(directions=900)(trace) - truth).abs()
        assert (error < 5 * few / 30).all()


@pytest.mark.parametrize("directions", [1, 3])
def test_the_estimate_and_its_gradient_have_the_right_mean(directions):
    """Over many batches of one picture or code again and again."""
    model = model_of()
    x, z = torch.rand(1, 6).double(), torch.randn(1, 3).double()
    for function, at, part in (
        (code(model), x, model.posterior),
        (picture(model), z, model.likelihood),
    ):
        weights = [p for p in part.parameters() if p.ndim == 2]
        found = []
        for _ in range(100):
            mean = squared_jacobian(function, at.expand(50, -1), directions).mean()
            slopes = torch.autograd.grad(mean, weights)
            found.append(torch.cat([mean.detach()[None], *(slope.flatten() for slope in slopes)]))
        truth = jacobian(function, at, create_graph=True).square().sum()
        slopes = torch.autograd.grad(truth, weights)
        expected = torch.cat([truth.detach()[None], *(slope.flatten() for slope in slopes)])
        found = torch.stack(found)
        assert expected.abs().median() > 5 * found.std(0).median() / 10
        assert ((found.mean(0) - expected).abs() < 4.5 * found.std(0) / 10).all()


def test_one_direction_is_exact_where_the_jacobian_has_one_row():
    """A sign times the one row has the row's length; a column's entries add up before squaring."""
    row, column = nn.Linear(5, 1).double(), nn.Linear(1, 5).double()
    found = squared_jacobian(row, torch.randn(7, 5).double(), 1)
    torch.testing.assert_close(found, row.weight.square().sum().expand(7))
    found = squared_jacobian(column, torch.randn(7, 1).double(), 1)
    assert found.std() > 0.01
    signs = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0]).double()] * 5)
    possible = (signs @ column.weight[:, 0]).square()
    assert all((possible - value).abs().min() < 1e-12 for value in found)
    torch.testing.assert_close(possible.mean(), column.weight.square().sum())


def test_orthogonal_rows_make_one_direction_exact():
    turn = torch.linalg.qr(torch.randn(5, 5).double()).Q
    found = squared_jacobian(lambda x: x @ turn, torch.randn(3, 5).double(), 1)
    torch.testing.assert_close(found, torch.full((3,), 5.0).double())


def test_every_draw_of_a_code_counts():
    model, _ = zoo.vae((6,), latent=1, network="mlp", widths=[5])
    model.double().likelihood = Conditional(nn.Linear(1, 1).double(), Point(), [1])
    trace = model(torch.rand(2, 6).double(), samples=3)
    slope = model.likelihood.network.weight.square().sum() / 2
    torch.testing.assert_close(DecoderGradient()(trace), slope.expand(2))
    model.likelihood.network = nn.Sequential(nn.Linear(1, 1), nn.Tanh()).double()
    trace = model(torch.rand(2, 6).double(), samples=3)
    z = trace.latents[0].z
    truth = torch.stack([exact(picture(model), codes) for codes in z]).mean(0) / 2
    torch.testing.assert_close(DecoderGradient()(trace), truth)


@pytest.mark.parametrize(("name", "part"), [(ZOO[0], "posterior"), (ZOO[1], "likelihood")])
def test_the_penalty_trains_what_it_is_about(name, part):
    model, objective = getattr(zoo, name)((6,), latent=3, widths=[5], weight=2.0)
    terms = {term.name: term for term in objective}
    term = terms["contraction" if part == "posterior" else "decoder_gradient"]
    assert term.weight == 2
    trace = model(torch.rand(4, 6))
    weights = [p for p in getattr(model, part).parameters() if p.ndim == 2]
    assert all(g.any() for g in torch.autograd.grad(term(trace).sum(), weights))
    for bad in (Contraction, DecoderGradient):
        with pytest.raises(CompositionError, match="directions must be at least 1, not 0"):
            bad(directions=0)


def test_contraction_is_about_what_the_encoder_saw():
    model = model_of(latent=1)
    model.corruption = MaskingNoise(0.5)
    trace = model(torch.rand(4, 6).double())
    assert not torch.equal(trace.seen, trace.x)
    torch.testing.assert_close(Contraction()(trace), exact(code(model), trace.seen))


def test_sums_over_codes_and_weights_are_numpys(make):
    trace = make(k=3)
    z = trace.latents[0].z.numpy()
    np.testing.assert_allclose(CodeNorm()(trace), (z**2).sum(-1).mean(0) / 2)
    np.testing.assert_allclose(Sparsity()(trace), np.abs(z).sum(-1).mean(0))
    trace.model = model_of()
    squares = [(p.detach().numpy() ** 2).sum() for p in trace.model.likelihood.parameters()]
    assert DecoderWeights()(trace).item() == pytest.approx(sum(squares))


@pytest.mark.parametrize(
    ("name", "weights"),
    [("rae_l2", {"code_norm": 0.3, "decoder_weights": 0.2}),
     ("rae_gp", {"code_norm": 0.3, "decoder_gradient": 0.2}),
     ("rae_sn", {"code_norm": 0.3}), ("sparse_autoencoder", {"sparsity": 0.2}),
     ("contractive_autoencoder", {"contraction": 0.2})],
)  # fmt: skip
def test_the_zoos_objectives_weigh_them(name, weights):
    arguments = {"beta": 0.3} if "code_norm" in weights else {}
    arguments |= {"weight": 0.2} if 0.2 in weights.values() else {}
    model, objective = getattr(zoo, name)((6,), latent=3, widths=[5], loss="mse", **arguments)
    values = objective(model(torch.rand(4, 6)))
    assert values.keys() == {"squared_error", "loss", *weights}
    expected = values["squared_error"] + sum(w * values[key] for key, w in weights.items())
    torch.testing.assert_close(values["loss"], expected)


def test_denoising_spoils_what_is_seen_and_asks_for_what_is_clean():
    model, objective = zoo.denoising_autoencoder(
        (6,), latent=3, widths=[5], loss="mse", masked=0.5
    )
    x, seen = 0.9 * torch.rand(40, 6) + 0.1, []
    model.posterior.register_forward_hook(lambda module, given, out: seen.append(given[0]))
    with seeded(2):
        trace = model(x)
    assert seen[0] is trace.seen
    assert trace.x is x
    assert bool(((trace.seen == x) | (trace.seen == 0)).all())
    assert 0.3 < (trace.seen == 0).float().mean() < 0.7
    clean = (model.likelihood(model.posterior(trace.seen).mean).mean - x).square().sum(
        1
    ).mean() / 2
    torch.testing.assert_close(objective(trace)["loss"], clean)
    for call in (lambda: model.eval()(x).seen, lambda: (model.train().encode(x), seen[-1])[1]):
        assert torch.equal(call(), x)
    values = Step(model, objective).eval()(x)
    whole = (model.reconstruct(x) - x).square().sum(1).mean() / 2
    torch.testing.assert_close(values["loss"], whole)


def test_the_optimal_sigma_is_the_least_over_sigmas_of_the_normals_cost():
    """For an autoencoder trained with it, beside the squared error at any sigma."""
    model, objective = zoo.autoencoder((6,), latent=3, widths=[5], loss="optimal_sigma")
    trace = model.double()(torch.rand(8, 6).double())
    assert type(objective.terms[0]) is OptimalSigma
    square = SquaredError()(trace).mean()
    logs = torch.linspace(-4, 2, 60_001).double()
    costs = 6 * (logs + np.log(2 * np.pi) / 2) + square / (2 * logs).exp()
    torch.testing.assert_close(objective(trace)["loss"], costs.min(), rtol=1e-7, atol=0)
    assert Objective(OptimalSigma())(trace)["loss"] == objective(trace)["loss"]

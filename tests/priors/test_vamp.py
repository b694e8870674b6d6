"""The VampPrior: a mixture of the model's own posteriors at learned pseudo-inputs."""

import json

import pytest
import torch

from reparam import fit, load, save
from reparam.conditional import Conditional
from reparam.data import Dataset
from reparam.errors import CompositionError, NoDensityError
from reparam.families import (
    Bernoulli,
    DiagonalNormal,
    FullNormal,
    InverseAutoregressiveFlow,
    PlanarFlow,
    Point,
)
from reparam.models import VAE
from reparam.networks import MLP, ConvolutionalDecoder, ConvolutionalEncoder
from reparam.objectives import Distortion, Objective, Rate
from reparam.priors import VampPrior
from reparam.randomness import seeded
from reparam.registry import build, describe
from reparam.trace import detached
from reparam.training import Step

PICTURE = (1, 6, 5)
FAMILIES = {
    "diagonal": lambda dim: DiagonalNormal(),
    "full": FullNormal,
    "planar": lambda dim: PlanarFlow(2),
    "autoregressive": lambda dim: InverseAutoregressiveFlow(dim, 1, 3, (8,)),
}


def posterior(kind="diagonal", dim=2, shape=(7,)):
    torch.manual_seed(0)
    family = FAMILIES[kind](dim)
    outputs = family.features((dim,))
    if len(shape) == 3:
        network = ConvolutionalEncoder(shape, *outputs, widths=[6])
    else:
        network = MLP(*shape, *outputs, hidden=[8])
    return Conditional(network, family, [len(shape)])


def vae(kind="diagonal", shape=(7,), components=4):
    q = posterior(kind, 2, shape)
    if len(shape) == 3:
        likelihood = Conditional(ConvolutionalDecoder(2, shape, widths=[6]), Bernoulli(), [1])
    else:
        likelihood = Conditional(MLP(2, shape, hidden=[8]), Bernoulli(1), [1])
    return VAE(q, VampPrior(q, shape, components), likelihood)


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("shape", [(7,), PICTURE])
def test_it_is_the_mean_of_the_posteriors_densities(kind, shape):
    prior = VampPrior(posterior(kind, shape=shape), shape, 5).double()
    z = torch.randn(3, 4, 2).double()
    each = [prior.posterior(u[None]).log_prob(z).exp() for u in prior.pseudo_inputs]
    torch.testing.assert_close(prior().log_prob(z), (sum(each) / 5).log())
    assert prior().sample((9,)).shape == (9, 2)


@pytest.mark.parametrize("kind", ["diagonal", "planar"])
@pytest.mark.parametrize("dim", [1, 2])
def test_its_density_integrates_to_one_and_is_that_of_its_draws(kind, dim):
    prior = VampPrior(posterior(kind, dim), 7, 3).double()
    with torch.no_grad():
        for p in prior.parameters():
            p.mul_(2)
        width = 28 / 300
        middle = -14 + width * (torch.arange(300).double() + 0.5)
        z = torch.stack(torch.meshgrid(*[middle] * dim, indexing="ij"), -1)
        weight = prior().log_prob(z).exp() * width**dim
        assert weight.sum().item() == pytest.approx(1, abs=1e-4)
        draws = prior().sample((20_000,))
    for g in (lambda z: (2 * z.sum(-1)).cos(), lambda z: z[..., 0]):
        found, expected = g(draws), (g(z) * weight).sum()
        assert (found.mean() - expected).abs() < 5 * found.std() / len(found) ** 0.5


def test_pseudo_inputs_stay_within_zero_and_one_and_differ():
    prior = VampPrior(posterior(shape=PICTURE), PICTURE, 6)
    assert prior.pseudo_inputs.shape == (6, *PICTURE)
    assert 0 < prior.pseudo_inputs.min() < prior.pseudo_inputs.max() < 1
    with torch.no_grad():
        prior.raw.mul_(1e6)
    assert 0 <= prior.pseudo_inputs.min() < prior.pseudo_inputs.max() <= 1
    assert bool(torch.isfinite(prior().log_prob(torch.zeros(2))))


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("shape", [(7,), PICTURE])
def test_gradients_come_from_both_places(kind, shape):
    """The posterior's is the sum of what it gets as posterior and as part of the prior."""
    model, x = vae(kind, shape).double(), torch.rand(6, *shape).double()
    encoder = list(model.posterior.parameters())

    def gradients(as_posterior, as_prior):
        with seeded(1):
            latent = model(x).latents[0]
            z = latent.z if as_posterior else latent.z.detach()
            log_q = latent.q.log_prob(z) if as_posterior else 0.0
            p = model.prior() if as_prior else detached(model.prior())
            log_p = p.log_prob(z)
        return torch.autograd.grad((log_q - log_p).sum(), encoder, allow_unused=True)

    both, first, second = gradients(True, True), gradients(True, False), gradients(False, True)
    for whole, one, other in zip(both, first, second, strict=True):
        torch.testing.assert_close(whole, one + other)
        assert bool(other.any())
    model.prior().log_prob(torch.randn(5, 2).double()).sum().backward()
    assert (model.prior.raw.grad.flatten(1).abs().sum(-1) > 0).all()


@pytest.mark.parametrize("shape", [(7,), PICTURE])
def test_the_loss_has_its_slope(shape):
    step = Step(vae("diagonal", shape), Objective(Distortion(), Rate())).double()
    x, parameters = torch.rand(6, *shape).double(), list(step.parameters())

    def loss():
        with seeded(1):
            return step(x)["loss"]

    with torch.no_grad():
        for p in parameters:
            p.add_(0.02 * torch.randn_like(p))
    gradients = torch.autograd.grad(loss(), parameters)
    assert all(bool(g.any()) for g in gradients)
    directions = [torch.randn_like(p) for p in parameters]
    slope = sum((g * d).sum() for g, d in zip(gradients, directions, strict=True)).item()
    ends = []
    for move in (1e-6, -2e-6):
        with torch.no_grad():
            for p, d in zip(parameters, directions, strict=True):
                p.add_(d, alpha=move)
        ends.append(loss().item())
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(slope, rel=1e-5)


def test_the_posterior_is_shared_when_described_and_built():
    model = vae()
    tree = describe(model)
    assert tree["arguments"]["prior"]["arguments"]["posterior"] == {"shared": 0}
    again = build(json.loads(json.dumps(tree)))
    assert again.prior.posterior is again.posterior
    assert len(list(again.parameters())) == len(list(model.parameters()))


@pytest.mark.parametrize("kind", ["diagonal", "autoregressive"])
def test_the_posterior_is_shared_when_saved_and_loaded(kind, tmp_path):
    model = vae(kind, PICTURE)
    again = load(save(tmp_path / "model", model, Objective(Distortion(), Rate()))).model
    assert again.prior.posterior is again.posterior
    x = torch.rand(5, *PICTURE)
    assert torch.equal(again.log_prob(x, samples=3, seed=0), model.log_prob(x, samples=3, seed=0))
    assert torch.equal(again.sample(4, seed=0), model.sample(4, seed=0))


def test_it_is_trained_with_averaged_weights_and_comes_back(tmp_path):
    model, x = vae(), Dataset(torch.rand(40, 7))
    before = model.prior.raw.detach().clone()
    objective = Objective(Distortion(), Rate())
    fit(model, objective, x, epochs=2, batch_size=16, ema=0.9, out=tmp_path / "run",
        progress=False, device="cpu")  # fmt: skip
    assert (model.prior.raw - before).abs().max() > 1e-3
    assert model.prior.posterior is model.posterior
    again = load(tmp_path / "run").model
    assert torch.equal(again.sample(4, seed=0), model.sample(4, seed=0))


def test_a_compiled_step_is_the_eager_one():
    torch.compiler.reset()
    step, x = Step(vae("planar"), Objective(Distortion(), Rate())), torch.rand(4, 7)
    with seeded(1):
        eager = step(x)["loss"]
    with seeded(1):
        compiled = torch.compile(step, backend="eager", fullgraph=True)(x)["loss"]
    torch.testing.assert_close(compiled, eager)
    compiled.backward()


def test_what_cannot_be():
    with pytest.raises(CompositionError, match="at least one component, not 0"):
        VampPrior(posterior(), 7, 0)
    point = Conditional(MLP(7, 2, hidden=[8]), Point(), [1])
    with pytest.raises(NoDensityError):
        VampPrior(point, 7, 3)().log_prob(torch.zeros(2))

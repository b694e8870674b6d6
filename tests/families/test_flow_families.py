"""Posteriors that are normalizing flows: planar, radial, autoregressive, spline."""

import pytest
import torch
from torch import nn

from reparam.conditional import Conditional
from reparam.distributions import FullNormal
from reparam.errors import CompositionError
from reparam.families import (
    Bernoulli,
    InverseAutoregressiveFlow,
    NeuralSplineFlow,
    PlanarFlow,
    RadialFlow,
)
from reparam.models import VAE
from reparam.networks import MLP, ConvolutionalDecoder, ConvolutionalEncoder
from reparam.objectives import Distortion, Objective, Rate
from reparam.priors import StandardNormal
from reparam.randomness import seeded
from reparam.registry import build, describe
from reparam.training import Step

MAKERS = {
    "planar": lambda dim: PlanarFlow(3),
    "radial": lambda dim: RadialFlow(3),
    "autoregressive": lambda dim: InverseAutoregressiveFlow(dim, 2, 5, (12,)),
    "without context": lambda dim: InverseAutoregressiveFlow(dim, 2, 0, (12,)),
    "spline": lambda dim: NeuralSplineFlow(dim, 2, 5, (12,)),
}
each = pytest.mark.parametrize("kind", MAKERS)


def make(kind, dim, loud=True):
    """A family; its networks' weights are made large, so that it is far from the identity."""
    torch.manual_seed(3)
    family = MAKERS[kind](dim).double()
    with torch.no_grad():
        for p in family.parameters():
            p.mul_(5 if loud else 1)
    return family


def features(family, dim, *batch, seed=0, scale=1.0):
    source = torch.Generator().manual_seed(seed)
    drawn = torch.randn((*batch, *family.features((dim,))), generator=source, dtype=torch.float64)
    return scale * drawn


def grid(dim, points, end):
    middle = -end + 2 * end / points * (torch.arange(points, dtype=torch.float64) + 0.5)
    axes = torch.meshgrid(*[middle] * dim, indexing="ij")
    return torch.stack(axes, -1).flatten(0, -2), (2 * end / points) ** dim


@each
@pytest.mark.parametrize(("dim", "points"), [(1, 20_000), (2, 250)])
def test_densities_integrate_to_one_and_are_those_of_draws(kind, dim, points):
    family = make(kind, dim)
    given = features(family, dim, seed=4)
    given[dim : 2 * dim] /= 2
    q = family(given)
    z, volume = grid(dim, points, 12)
    with torch.no_grad():
        weight = q.log_prob(z).exp() * volume
        draws = q.sample((20_000,))
    assert weight.sum().item() == pytest.approx(1, abs=2e-3)
    normal = FullNormal(draws.mean(0), torch.linalg.cholesky(draws.T.cov().reshape(dim, dim)))
    bent = (q.log_prob(draws) - normal.log_prob(draws)).std()
    assert bent > 0.05 or (dim == 1 and kind in ("autoregressive", "without context"))  # affine
    for g in (lambda z: (2 * z.sum(-1)).cos(), lambda z: z[..., 0], lambda z: z.square().sum(-1)):
        found, expected = g(draws), (g(z) * weight).sum()
        assert (found.mean() - expected).abs() < 5 * found.std() / len(found) ** 0.5


@each
@pytest.mark.parametrize("dim", [1, 2, 5])
def test_a_draws_density_is_the_density_at_the_draw(kind, dim):
    family = make(kind, dim)
    q = family(features(family, dim, 4, 3))
    z, log_q = q.rsample_and_log_prob((6,))
    assert (q.batch_shape, q.event_shape) == ((4, 3), (dim,))
    assert (z.shape, log_q.shape, q.mean.shape) == ((6, 4, 3, dim), (6, 4, 3), (4, 3, dim))
    torch.testing.assert_close(q.log_prob(z), log_q, atol=1e-7, rtol=1e-7)


@each
def test_the_density_is_the_jacobians(kind):
    """Of the whole map from noise to z, the shift and scale among it."""
    family = make(kind, 3)
    q = family(features(family, 3))
    x = torch.randn(3, dtype=torch.float64)

    def push(x):
        for transform in q.transforms:
            x = transform(x)
        return x

    logdet = torch.linalg.slogdet(torch.autograd.functional.jacobian(push, x)).logabsdet
    expected = torch.distributions.Normal(0.0, 1.0).log_prob(x).sum() - logdet
    torch.testing.assert_close(q.log_prob(push(x)), expected)


@each
def test_gradients_of_the_density_are_its_slopes(kind):
    """In z and in the features, as sticking the landing and DReG need them."""
    family = make(kind, 2)
    given = features(family, 2, 3, scale=0.5).requires_grad_()
    z = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z, given: family(given).log_prob(z), (z, given))


@each
@pytest.mark.parametrize("dim", [1, 2, 5])
def test_zero_features_are_near_the_standard_normal_and_not_dead(kind, dim):
    family = make(kind, dim, loud=False)
    given = torch.zeros(family.features((dim,)), dtype=torch.float64, requires_grad=True)
    q, z = family(given), torch.randn(500, dim, dtype=torch.float64)
    off = q.log_prob(z) - torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(-1)
    assert 1e-4 < off.abs().mean() < 0.2 * dim + 0.2
    z, log_q = q.rsample_and_log_prob((50,))
    (log_q + (z - 1).square().sum(-1)).mean().backward()
    assert given.grad.abs().min() > 1e-9
    alive = [bool(p.grad.any()) for p in family.parameters()]
    assert sum(alive) >= len(alive) - (2 if dim == 1 else 0)  # the first layers see zeros alone


def test_features_are_the_mean_and_log_variance_of_the_last_step():
    """Flow parameters are in units of the posterior's own width."""
    for kind in MAKERS:
        family = make(kind, 2)
        given = features(family, 2)
        moved = given.clone()
        moved[:2] += 3
        with seeded(1):
            z = family(given).rsample()
        with seeded(1):
            torch.testing.assert_close(family(moved).rsample(), z + 3)


def test_how_many_features():
    assert PlanarFlow(4).features((3,)) == (2 * 3 + 4 * 7,)
    assert RadialFlow(4).features((3,)) == (2 * 3 + 4 * 5,)
    assert InverseAutoregressiveFlow(3, context=16).features((3,)) == (22,)
    assert NeuralSplineFlow(3, context=7).features((3,)) == (13,)


@pytest.mark.parametrize("family", [PlanarFlow, RadialFlow])
def test_a_flow_has_transforms(family):
    with pytest.raises(CompositionError, match="at least one transform, not 0"):
        family(0)


@each
@pytest.mark.parametrize("dim", [1, 5])
@pytest.mark.parametrize("scale", [30.0, 1e4, -1e4])
def test_no_feature_overflows_in_float32(kind, dim, scale):
    family = MAKERS[kind](dim)
    for given in (
        scale * torch.randn(64, *family.features((dim,))),
        torch.full((64, *family.features((dim,))), scale),
    ):
        given.requires_grad_()
        family.zero_grad()
        z, log_q = family(given).rsample_and_log_prob((4,))
        nats = family(given).log_prob(torch.randn(64, dim))
        (z.square().mean() + log_q.mean() + nats.mean()).backward()
        gradients = [p.grad for p in (given, *family.parameters())]
        for tensor in (z, log_q, nats, family(given).log_prob(z), *gradients):
            assert bool(torch.isfinite(tensor).all())


@each
def test_mixed_precision_stays_out_of_the_maps(kind):
    family = MAKERS[kind](3)
    given = torch.randn(5, *family.features((3,)))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        q = family(given)
        with seeded(0):
            z, log_q = q.rsample_and_log_prob((2,))
        nats = q.log_prob(z)
    with seeded(0):
        expected = family(given).rsample_and_log_prob((2,))
    torch.testing.assert_close((z, log_q), expected)
    torch.testing.assert_close(nats, family(given).log_prob(z))


def vae(kind, dim=2, pictures=False):
    torch.manual_seed(0)
    family = MAKERS[kind](dim)
    outputs = family.features((dim,))
    if pictures:
        network = ConvolutionalEncoder((1, 6, 5), *outputs, widths=[2])
        likelihood = ConvolutionalDecoder(dim, (1, 6, 5), widths=[2])
        last = Conditional(likelihood, Bernoulli(), [1])
        return VAE(Conditional(network, family, [3]), StandardNormal(dim), last)
    last = Conditional(MLP(dim, (12,), hidden=[8]), Bernoulli(1), [1])
    first = Conditional(MLP(12, *outputs, hidden=[8]), family, [1])
    return VAE(first, StandardNormal(dim), last)


@each
@pytest.mark.parametrize("pictures", [False, True])
@pytest.mark.parametrize("dim", [1, 3])
def test_inside_a_model_every_parameter_gets_its_slope(kind, dim, pictures):
    step = Step(vae(kind, dim, pictures), Objective(Distortion(), Rate())).double()
    x = torch.rand(4, *((1, 6, 5) if pictures else (12,)), dtype=torch.float64)

    def loss():
        with seeded(1):
            return step(x)["loss"]

    parameters = list(step.parameters())
    with torch.no_grad():  # zero biases put a ReLU at its kink
        for p in parameters:
            p.add_(0.02 * torch.randn_like(p))
    gradients = torch.autograd.grad(loss(), parameters)
    assert all(bool(g.any()) and bool(torch.isfinite(g).all()) for g in gradients)
    directions = [torch.randn_like(p) for p in parameters]
    slope = sum((g * d).sum() for g, d in zip(gradients, directions, strict=True)).item()
    ends = []
    for move in (1e-6, -2e-6):
        with torch.no_grad():
            for p, d in zip(parameters, directions, strict=True):
                p.add_(d, alpha=move)
        ends.append(loss().item())
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(slope, rel=1e-5, abs=1e-6)


@each
def test_a_model_is_described_and_built_again(kind):
    model = vae(kind)
    again = build(describe(model))
    again.load_state_dict(model.state_dict())
    x = torch.rand(4, 12)
    torch.testing.assert_close(again.log_prob(x, seed=0), model.log_prob(x, seed=0))
    assert model.encode(x).shape == (4, 2)


class Landing(nn.Module):
    """The evidence lower bound with the posterior's parameters stopped in its density."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        trace = self.model(x, samples=3)
        latent = trace.latents[0]
        log_q = latent.q_detached.log_prob(latent.z)
        return (log_q - latent.prior.log_prob(latent.z) - trace.log_likelihood).mean()


@pytest.mark.parametrize("kind", ["planar", "radial", "autoregressive", "spline"])
def test_a_compiled_pass_is_the_eager_one(kind):
    """It draws, scores through the inverses and detaches."""
    torch.compiler.reset()
    bound, x = Landing(vae(kind)), torch.rand(4, 12)
    with seeded(1):
        eager = bound(x)
    with seeded(1):
        compiled = torch.compile(bound, backend="eager", fullgraph=True)(x)
    torch.testing.assert_close(compiled, eager)
    compiled.backward()

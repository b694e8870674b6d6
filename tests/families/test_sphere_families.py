"""Families of unit vectors: any features give a valid direction and concentration."""

import json

import pytest
import torch
from torch.distributions import kl_divergence

from reparam import families
from reparam.conditional import Conditional
from reparam.errors import CompositionError
from reparam.models import VAE
from reparam.networks import MLP
from reparam.objectives import Distortion, Objective, Rate
from reparam.priors import UniformSphere
from reparam.randomness import seeded
from reparam.registry import build, describe
from reparam.training import Step

NAMES = ("VonMisesFisher", "PowerSpherical")


@pytest.fixture(params=NAMES)
def make(request):
    return getattr(families, request.param)


def step_of(make, dim):
    family = make(dim)
    posterior = Conditional(MLP(12, *family.features((dim,)), hidden=[8]), family, [1])
    pixels = Conditional(MLP(dim, (12,), hidden=[8]), families.Bernoulli(1), [1])
    return Step(VAE(posterior, UniformSphere(dim), pixels), Objective(Distortion(), Rate()))


def loss_of(step, x):
    with seeded(3):
        return step(x)["loss"]


def test_features_are_a_direction_and_a_concentration(make):
    family = make(3)
    assert family.features((3,)) == (4,)
    q = family(torch.tensor([[[3.0, 0.0, -4.0, 0.5]]]))
    torch.testing.assert_close(q.mean, torch.tensor([[[0.6, 0.0, -0.8]]]))
    squareplus = (0.5 + (0.5**2 + 4) ** 0.5) / 2
    expected = torch.full((1, 1), 3 * squareplus)
    torch.testing.assert_close(q.concentration, expected, rtol=1e-5, atol=0)
    assert (q.batch_shape, q.event_shape) == ((1, 1), (3,))


@pytest.mark.parametrize("dim", [2, 8, 64])
def test_zero_features_mean_the_same_in_every_dimension(make, dim):
    q = make(dim)(torch.zeros(dim + 1))
    assert q.mean.norm() == 1
    assert q.concentration == dim
    assert 0.49 < q.mean_cosine.item() < 0.71


@pytest.mark.parametrize("raw", [-1e3, -30.0, 0.0, 30.0, 1e3])
def test_a_concentration_comes_back_from_far_away(make, raw):
    """Its slope falls as a power, where an exponential's bound would be flat."""
    features = torch.tensor([1.0, 0.0, 0.0, raw], dtype=torch.float64, requires_grad=True)
    kappa = make(3)(features).concentration
    kappa.log().backward()
    torch.testing.assert_close(  # of squareplus
        features.grad[-1], torch.tensor((raw**2 + 4) ** -0.5).double(), rtol=1e-2, atol=0
    )
    assert 3 * 0.9 / (2 + abs(raw)) < kappa < 3 * (2 + abs(raw))


@pytest.mark.parametrize("dim", [2, 3, 200])
def test_no_features_give_an_infinite_loss_or_gradient(make, dim):
    sizes = torch.tensor([0.0, 1e-30, 1e-7, 1.0, 1e4, 1e30])[:, None, None]
    raws = torch.tensor([-1e30, -1e4, 0.0, 1e4, 1e30])[:, None].expand(6, 5, 1)
    features = torch.cat([sizes * torch.randn(6, 5, dim), raws], -1)
    q, p = make(dim)(features.requires_grad_()), UniformSphere(dim)()
    torch.testing.assert_close(q.mean.norm(dim=-1), torch.ones(6, 5))
    z = q.rsample((3,))
    numbers = (q.log_prob(z), q.log_prob(p.sample((3, 1, 1))), kl_divergence(q, p), z, q.variance)
    assert all(bool(torch.isfinite(part).all()) for part in numbers)
    sum(part.sum() for part in numbers).backward()
    assert bool(torch.isfinite(features.grad).all())
    assert bool((q.variance > 0).all())


def test_a_direction_can_leave_zero(make):
    features = torch.zeros(4, requires_grad=True)
    make(3)(features).mean[1].backward()
    assert features.grad[1] == 1


def test_halves_are_widened_and_mixed_precision_ends_at_the_family(make):
    features, z = torch.randn(5, 4).bfloat16(), UniformSphere(3)().sample((5,))
    expected = make(3)(features.float()).log_prob(z)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        q = make(3)(features)
        torch.testing.assert_close(q.log_prob(z), expected)
        assert q.rsample().dtype == torch.float32
    assert make(3)(features.double()).rsample().dtype == torch.float64


@pytest.mark.parametrize("dim", [2, 16])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_model_trains(make, dim, dtype):
    step, x = step_of(make, dim).to(dtype), torch.rand(6, 12, dtype=dtype)
    values = step(x)
    assert all(bool(torch.isfinite(value)) for value in values.values())
    values["loss"].backward()
    assert all(bool(p.grad.any()) for p in step.parameters())
    assert step.model.encode(x).norm(dim=-1).allclose(torch.ones(6, dtype=dtype))
    assert step.model.sample(4, seed=0).shape == (4, 12)
    tree = describe(step.model)
    assert describe(build(json.loads(json.dumps(tree)))) == tree


@pytest.mark.parametrize("dim", [2, 3, 16])
def test_the_gradient_is_the_losss_slope(make, dim):
    step, x = step_of(make, dim).double(), torch.rand(6, 12).double()
    parameters = list(step.parameters())
    with torch.no_grad():
        for p in parameters:
            p.add_(0.3 * torch.randn_like(p))
    gradients = torch.autograd.grad(loss_of(step, x), parameters)
    directions = [g / g.norm() + torch.randn_like(g) / g.numel() ** 0.5 for g in gradients]
    slope = sum((g * d).sum() for g, d in zip(gradients, directions, strict=True)).item()
    ends = []
    for move in (1e-6, -2e-6):
        with torch.no_grad():
            for p, d in zip(parameters, directions, strict=True):
                p.add_(move * d)
        ends.append(loss_of(step, x).item())
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(slope, rel=1e-6)


def test_one_graph_gives_the_same_values(make):
    torch.compiler.reset()
    step, x = step_of(make, 3), torch.rand(6, 12)
    with seeded(5):
        eager = step(x)
    compiled = torch.compile(step, backend="eager", fullgraph=True)
    with seeded(5):
        values = compiled(x)
    for name, value in values.items():
        torch.testing.assert_close(value, eager[name])


@pytest.mark.parametrize("part", [families.VonMisesFisher, families.PowerSpherical, UniformSphere])
def test_one_dimension_is_refused(part):
    with pytest.raises(CompositionError, match="at least 2 dimensions, not 1"):
        part(1)

"""One of several distributions is chosen, then drawn from."""

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily
from torch.distributions import Normal as TorchNormal

from reparam.distributions import (
    DiagonalNormal,
    FullNormal,
    Mixture,
    PointMass,
    VonMisesFisher,
    tempered,
)
from reparam.errors import CompositionError, NoDensityError
from reparam.randomness import seeded

K, D = 4, 2


@pytest.fixture
def parts():
    source = torch.Generator().manual_seed(2)
    means, log_variances = (
        torch.randn(K, D, generator=source, dtype=torch.float64) for _ in range(2)
    )
    logits = torch.randn(K, generator=source, dtype=torch.float64)
    return 2 * means, log_variances, logits


def grid(points=800, end=14.0):
    width = 2 * end / points
    middle = -end + width * (torch.arange(points, dtype=torch.float64) + 0.5)
    return torch.cartesian_prod(middle, middle), width**2


def test_it_agrees_with_torchs(parts):
    means, log_variances, logits = parts
    ours = Mixture(DiagonalNormal(means, log_variances), logits)
    normals = Independent(TorchNormal(means, (log_variances / 2).exp()), 1)
    torchs = MixtureSameFamily(Categorical(logits=logits), normals)
    z = torch.randn(5, 3, D, dtype=torch.float64)
    assert ours.log_prob(z).shape == (5, 3)
    torch.testing.assert_close(ours.log_prob(z), torchs.log_prob(z))
    torch.testing.assert_close(ours.mean, torchs.mean)
    torch.testing.assert_close(ours.variance, torchs.variance)


def test_its_density_integrates_to_one_and_is_that_of_its_draws(parts):
    means, log_variances, logits = parts
    p = Mixture(DiagonalNormal(means, log_variances), logits)
    z, volume = grid()
    weight = p.log_prob(z).exp() * volume
    assert weight.sum().item() == pytest.approx(1, abs=1e-9)
    draws = p.sample((40_000,))
    for g in (lambda z: (z[..., 0] + 2 * z[..., 1]).cos(), lambda z: z[..., 0] * z[..., 1]):
        found = g(draws)
        expected = (g(z) * weight).sum()
        assert (found.mean() - expected).abs() < 5 * found.std() / len(found) ** 0.5


def test_each_component_is_chosen_as_often_as_its_weight_says(parts):
    means, _, logits = parts
    p = Mixture(DiagonalNormal(100 * torch.arange(K)[:, None] + means, 0 * means - 9), logits)
    draws = p.sample((100, 200))
    assert draws.shape == (100, 200, D)
    kind = (draws[..., 0] / 100).round().long()
    share = kind.flatten().bincount(minlength=K) / kind.numel()
    weights = logits.softmax(-1)
    assert ((share - weights).abs() < 5 * (weights * (1 - weights) / kind.numel()).sqrt()).all()
    pairs = torch.stack([kind[:, :-1], kind[:, 1:]]).flatten(1).double()
    assert torch.corrcoef(pairs)[0, 1].abs() < 5 / 20_000**0.5
    assert len(draws.reshape(-1, D).unique(dim=0)) == 20_000
    assert p.sample().shape == (D,)


def test_components_may_have_any_events():
    pictures = DiagonalNormal(torch.randn(3, 1, 4, 5), torch.zeros(3, 1, 4, 5), 3)
    p = Mixture(pictures, torch.zeros(3))
    assert p.event_shape == p.mean.shape == p.variance.shape == (1, 4, 5)
    assert p.log_prob(p.sample((7, 2))).shape == (7, 2)
    full = Mixture(FullNormal(torch.randn(3, 2), torch.eye(2).expand(3, 2, 2)), torch.zeros(3))
    assert full.log_prob(full.sample((7,))).shape == (7,)


def test_gradients_reach_all_parameters_and_z(parts):
    given = [part.requires_grad_() for part in parts]
    z = torch.randn(3, D, dtype=torch.float64, requires_grad=True)

    def score(means, log_variances, logits, z):
        return Mixture(DiagonalNormal(means, log_variances), logits).log_prob(z)

    assert torch.autograd.gradcheck(score, [*given, z])
    assert not Mixture(DiagonalNormal(*given[:2]), given[2]).sample((2,)).requires_grad


def test_a_temperature_narrows_each_component(parts):
    means, log_variances, logits = parts
    p = Mixture(DiagonalNormal(means, log_variances), logits)
    cold = tempered(p, 0.5)
    torch.testing.assert_close(cold.mean, p.mean)
    torch.testing.assert_close(cold.components.variance, p.components.variance / 4)
    plain = Independent(TorchNormal(means, 1.0), 1)
    with pytest.raises(CompositionError, match="no temperature"):
        tempered(Mixture(plain, logits), 0.5)


def test_it_lies_where_its_components_lie():
    class OnACircle(DiagonalNormal):
        space = "on a circle"

    parts = torch.zeros(3, 2), torch.zeros(3, 2)
    assert Mixture(OnACircle(*parts), torch.zeros(3)).space == "on a circle"
    assert not hasattr(Mixture(DiagonalNormal(*parts), torch.zeros(3)), "space")


def test_points_have_no_mixture_density():
    p = Mixture(PointMass(torch.zeros(3, 2)), torch.zeros(3))
    with pytest.raises(NoDensityError):
        p.log_prob(torch.zeros(2))


@pytest.mark.parametrize("distance", [1e4, 1e8])
def test_far_points_have_finite_densities_and_gradients(distance):
    means = torch.randn(3, 2, requires_grad=True)
    z = torch.full((2,), distance, requires_grad=True)
    nats = Mixture(DiagonalNormal(means, torch.zeros(3, 2)), torch.zeros(3)).log_prob(z)
    nats.backward()
    assert all(bool(torch.isfinite(t).all()) for t in (nats, means.grad, z.grad))


def test_on_a_sphere_the_moments_are_of_the_draws():
    """A zonal density's `mean` is its direction; its expectation is shorter."""
    directions = torch.nn.functional.normalize(torch.randn(3, 3, dtype=torch.float64), dim=-1)
    p = Mixture(VonMisesFisher(directions, torch.tensor([1.0, 3.0, 9.0]).double()), torch.zeros(3))
    with seeded(0):
        z = p.sample((100_000,))
    torch.testing.assert_close(p.mean, z.mean(0), atol=0.01, rtol=0)
    torch.testing.assert_close(p.variance, z.var(0), atol=0.01, rtol=0)

"""Every family's density adds up to 1."""

import itertools
import math

import pytest
import torch

from reparam import families


def grid(low, high, points, axes):
    """Points of an even grid, (points ** axes, axes), and the volume of each cell's middle."""
    width = (high - low) / points
    middle = low + width * (torch.arange(points).double() + 0.5)
    mesh = torch.meshgrid(*[middle] * axes, indexing="ij")
    return torch.stack(mesh, -1).flatten(0, -2), width**axes


NORMALS = [
    (families.DiagonalNormal(), 2),
    (families.IsotropicNormal(), 2),
    (families.FullNormal(2), 2),
    (families.Normal(sigma=0.7, event_dims=1), 2),
    (families.Normal(sigma=0.7, variance="scalar", event_dims=1), 2),
    (families.Normal(sigma=0.7, variance="pixel", link="identity", event_dims=1), 2),
]


@pytest.mark.parametrize(("family", "dims"), NORMALS)
def test_normals_integrate_to_one(family, dims):
    source = torch.Generator().manual_seed(3)
    features = torch.randn(family.features((dims,)), generator=source).double() / 2
    x, volume = grid(-12, 12, 600, dims)
    total = family(features).log_prob(x).exp().sum() * volume
    assert total.item() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("logits", [(0.0, 1.0), (-3.0, 4.0), (-20.0, 0.01), (30.0, 15.0)])
def test_the_continuous_bernoulli_integrates_to_one(logits):
    x, volume = grid(0, 1, 1500, 2)
    family = families.ContinuousBernoulli(event_dims=1)
    total = family(torch.tensor(logits).double()).log_prob(x).exp().sum() * volume
    assert total.item() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("size", [0.3, 5.0, 200.0])
def test_bernoulli_pictures_sum_to_one(size):
    features = size * torch.randn(1, 2, 2)
    pictures = torch.tensor(list(itertools.product([0.0, 1.0], repeat=4))).reshape(16, 1, 2, 2)
    total = families.Bernoulli()(features).log_prob(pictures).exp().sum()
    assert total.item() == pytest.approx(1, abs=1e-5)


def test_bernoulli_is_the_cross_entropy_of_grey_pixels():
    x, features = torch.rand(1, 2, 2), torch.randn(1, 2, 2)
    m = features.sigmoid()
    expected = (x * m.log() + (1 - x) * (1 - m).log()).sum()
    torch.testing.assert_close(families.Bernoulli()(features).log_prob(x), expected)
    assert torch.isfinite(families.Bernoulli()(features * 1e4).log_prob(x))


@pytest.mark.parametrize("sigma", [0.01, 0.2, 3.0])
def test_sigma_is_the_first_standard_deviation_of_all_three(sigma):
    x, features = torch.rand(3, 1, 4, 4).double(), torch.randn(3, 1, 4, 4).double()
    scalar = torch.distributions.Normal(features.sigmoid(), sigma)
    expected = scalar.log_prob(x).sum((1, 2, 3))
    for variance in ("fixed", "scalar", "pixel"):
        family = families.Normal(sigma=sigma, variance=variance)
        given = torch.cat([features, 0 * features], 1) if variance == "pixel" else features
        torch.testing.assert_close(family(given).log_prob(x), expected, atol=0, rtol=1e-5)


def test_sigma_one_is_half_the_squared_error_and_a_constant():
    x, features = torch.rand(3, 1, 4, 4), torch.randn(3, 1, 4, 4)
    half = (x - features.sigmoid()).square().sum((1, 2, 3)) / 2
    nats = -families.Normal()(features).log_prob(x)
    torch.testing.assert_close(nats, half + 8 * math.log(2 * math.pi))


def test_a_learned_sigma_gets_its_gradient():
    """d/d(log s^2) of D/2 log s^2 + E / (2 s^2) is D/2 - E / (2 s^2)."""
    family = families.Normal(variance="scalar", link="identity").double()
    x, m = torch.rand(1, 1, 4, 4).double(), torch.rand(1, 1, 4, 4).double()
    (-family(m).log_prob(x)).sum().backward()
    expected = 8 - (x - m).square().sum() / 2
    torch.testing.assert_close(family.log_variance.grad, expected)
    assert not list(families.Normal().parameters())
    assert not list(families.Normal(variance="pixel").parameters())


def test_each_pixels_sigma_comes_from_the_network():
    features = torch.zeros(1, 2, 2, 2)
    features[:, 1, 0, 0] = 1.0
    variance = families.Normal(variance="pixel", sigma=0.5)(features).variance
    assert variance.shape == (1, 1, 2, 2)
    expected = torch.full((1, 1, 2, 2), 0.25)
    expected[..., 0, 0] *= math.e
    torch.testing.assert_close(variance, expected, atol=0, rtol=2e-3)

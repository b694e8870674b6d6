"""A padded density is the larger picture's density with zeros around the data."""

import pytest
import torch
from torch.distributions import Bernoulli, Independent

from reparam.distributions import DiagonalNormal, Padded, PointMass

BORDER = (1, 2, 3, 0)


def large():
    return Independent(Bernoulli(logits=torch.randn(5, 2, 8, 8)), 3)


def framed(x):
    whole = torch.zeros(*x.shape[:-2], 8, 8)
    whole[..., 3:8, 1:6] = x
    return whole


def test_log_prob_is_the_larger_pictures():
    base = large()
    x = torch.rand(7, 5, 2, 5, 5).round()
    padded = Padded(base, BORDER)
    assert (padded.batch_shape, padded.event_shape) == ((5,), (2, 5, 5))
    torch.testing.assert_close(padded.log_prob(x), base.log_prob(framed(x)))


def test_the_border_costs_nats():
    base = large()
    x = torch.rand(5, 2, 5, 5).round()
    inner = base.base_dist.log_prob(framed(x))[..., 3:8, 1:6].sum((-3, -2, -1))
    assert bool((Padded(base, BORDER).log_prob(x) < inner).all())


def test_mean_and_draws_lie_inside_the_border():
    base = large()
    padded = Padded(base, BORDER)
    assert torch.equal(padded.mean, base.mean[..., 3:8, 1:6])
    torch.manual_seed(0)
    inside = padded.sample((4,))
    torch.manual_seed(0)
    assert torch.equal(inside, base.sample((4,))[..., 3:8, 1:6])


def test_draws_have_gradients_where_the_larger_have():
    mean = torch.zeros(2, 1, 8, 8, requires_grad=True)
    padded = Padded(DiagonalNormal(mean, torch.zeros(2, 1, 8, 8), 3), BORDER)
    assert padded.has_rsample
    padded.rsample().sum().backward()
    assert mean.grad.sum() == 2 * 5 * 5
    assert not Padded(large(), BORDER).has_rsample


@pytest.mark.parametrize("has", [True, False])
def test_a_density_is_there_where_the_larger_has_one(has):
    base = large() if has else PointMass(torch.zeros(5, 2, 8, 8), 3)
    assert Padded(base, BORDER).has_density is has

"""On-off pixels against torch's, one by one."""

import pytest
import torch
from torch.distributions import Bernoulli as Pixel
from torch.distributions import Independent

from reparam.distributions import Bernoulli


@pytest.fixture
def pair():
    logits = 3 * torch.randn(5, 2, 3, 4, generator=torch.Generator().manual_seed(0)).double()
    ours = logits.clone().requires_grad_()
    theirs = logits.clone().requires_grad_()
    return Bernoulli(ours), Independent(Pixel(logits=theirs, validate_args=False), 3), ours, theirs


@pytest.mark.parametrize("lead", [(), (5,), (6, 5), (6, 1)])
def test_density_and_gradient_are_torchs_on_grey_pixels_too(pair, lead):
    ours, theirs, left, right = pair
    x = torch.rand(*lead, 2, 3, 4, generator=torch.Generator().manual_seed(1)).double()
    torch.testing.assert_close(ours.log_prob(x), theirs.log_prob(x))
    ours.log_prob(x).sum().backward()
    theirs.log_prob(x).sum().backward()
    torch.testing.assert_close(left.grad, right.grad)


def test_moments_and_entropy_are_torchs(pair):
    ours, theirs, _, _ = pair
    assert (ours.batch_shape, ours.event_shape) == (theirs.batch_shape, theirs.event_shape)
    for name in ("mean", "variance"):
        torch.testing.assert_close(getattr(ours, name), getattr(theirs, name))
    torch.testing.assert_close(ours.entropy(), theirs.entropy())


def test_draws_are_zeros_and_ones_with_that_mean(pair):
    ours, _, _, _ = pair
    torch.manual_seed(0)
    draws = ours.sample((4000,))
    assert draws.shape == (4000, 5, 2, 3, 4)
    assert not draws.requires_grad
    assert set(draws.unique().tolist()) == {0.0, 1.0}
    error = (ours.variance / 4000).sqrt()
    assert ((draws.mean(0) - ours.mean).abs() < 5 * error).all()
    assert ours.support.check(draws).all()


def test_numbers_without_events():
    flat = Bernoulli(torch.zeros(3), event_dims=0)
    torch.testing.assert_close(flat.log_prob(torch.ones(3)).exp(), torch.full((3,), 0.5))

"""The point mass: it can be drawn from, and refuses to have a density."""

import pytest
import torch

from reparam.distributions import PointMass
from reparam.errors import NoDensityError


def test_every_draw_is_the_value_and_carries_its_gradient():
    value = torch.randn(3, 2, requires_grad=True)
    point = PointMass(value)
    draws = point.rsample((5,))
    assert draws.shape == (5, 3, 2)
    assert bool((draws == value).all())
    draws.sum().backward()
    assert bool((value.grad == 5).all())
    assert not point.sample().requires_grad
    assert torch.equal(point.mean, value)


def test_event_axes_are_counted():
    picture = PointMass(torch.zeros(5, 1, 4, 4), event_dims=3)
    assert (picture.batch_shape, picture.event_shape) == ((5,), (1, 4, 4))


def test_a_density_is_refused_with_the_way_out():
    point = PointMass(torch.zeros(3, 2))
    with pytest.raises(NoDensityError, match=r"a point has no density.*DiagonalNormal") as refusal:
        point.log_prob(torch.zeros(3, 2))
    assert "\n" not in str(refusal.value)
    assert point.has_density is False

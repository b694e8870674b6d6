"""Directions that stand for an attribute."""

import pytest
import torch

from reparam.errors import CompositionError
from reparam.latent import attribute


def test_a_planted_direction_is_found():
    has = torch.arange(1000) % 3 == 0
    way = torch.tensor([2.0, -1.0, 0.0, 0.5])
    z = torch.randn(1000, 4) + has[:, None] * way
    found = attribute(z, has)
    torch.testing.assert_close(found.direction, way, atol=0.25, rtol=0)
    assert found.examples == (334, 666)
    low, high = found.separation.interval
    expected = 0.5 * (1 + torch.erf(way.norm() / 2)).item()  # of two normals so far apart
    assert low < expected < high
    torch.testing.assert_close(found.subtract(found.add(z, 2.0), 2.0), z)
    torch.testing.assert_close(found.add(torch.zeros(4), 0.5), found.direction / 2)


def test_an_attribute_that_codes_do_not_hold_is_at_chance():
    """On items that made the direction it would seem to separate: 60 numbers fit anything."""
    z, has = torch.randn(200, 60), torch.rand(200) > 0.5
    found = attribute(z, has)
    low, high = found.separation.interval
    assert low < 0.5 < high
    seen = z.double() @ found.direction.double()
    assert (seen[has][:, None] > seen[~has]).double().mean() > 0.7


def test_too_few_are_refused():
    with pytest.raises(CompositionError, match="4 items have the attribute and 96 have not"):
        attribute(torch.randn(100, 2), torch.arange(100) < 4)

"""Ways between codes."""

import math

import pytest
import torch

from reparam.errors import CompositionError
from reparam.latent import linear, spherical, traversal_grid, traversals


@pytest.mark.parametrize("way", [linear, spherical])
@pytest.mark.parametrize("shape", [(2,), (16,), (4, 3, 3)])
def test_a_way_begins_and_ends_where_it_should_and_moves_evenly(way, shape):
    start, end = torch.randn(2, *shape, dtype=torch.float64)
    z = way(start, end, 33)
    assert z.shape == (33, *shape)
    torch.testing.assert_close(z[0], start)
    torch.testing.assert_close(z[-1], end)
    steps = (z[1:] - z[:-1]).flatten(1).norm(dim=1)
    assert steps.max() < 2 * steps.mean()


def test_an_arc_keeps_the_length_that_a_line_loses():
    start = torch.randn(512)
    end = torch.randn(512)
    end *= start.norm() / end.norm()
    lengths = spherical(start, end, 9).norm(dim=1)
    torch.testing.assert_close(lengths, start.norm().expand(9))
    assert linear(start, end, 9)[4].norm() < 0.8 * start.norm()


def test_an_arc_turns_evenly():
    z = spherical(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 3.0]), 4)
    angles = torch.atan2(z[:, 1], z[:, 0])
    torch.testing.assert_close(angles, torch.linspace(0, math.pi / 2, 4))
    torch.testing.assert_close(z.norm(dim=1), torch.linspace(1, 3, 4))


def test_an_arc_between_equal_directions_is_a_line():
    z = torch.tensor([1.0, 2.0])
    torch.testing.assert_close(spherical(z, 3 * z, 3), linear(z, 3 * z, 3))


def test_what_has_no_way_is_refused():
    z = torch.ones(2)
    with pytest.raises(CompositionError, match="opposite each other"):
        spherical(z, -2 * z, 3)
    with pytest.raises(CompositionError, match="the origin has no direction"):
        spherical(z, 0 * z, 3)
    with pytest.raises(CompositionError, match=r"\(2,\) and \(3,\)"):
        linear(z, torch.ones(3), 3)
    with pytest.raises(CompositionError, match="not 1 steps"):
        linear(z, z, 1)


def test_traversals_move_one_dimension_each_and_begin_with_what_carries_most():
    start, values = torch.tensor([5.0, 6.0, 7.0]), torch.linspace(-3, 3, 5)
    order, z = traversals(start, values, torch.tensor([0.1, 3.0, 2.0]), dimensions=2)
    assert order.tolist() == [1, 2]
    assert z.shape == (2, 5, 3)
    torch.testing.assert_close(z[0, :, 1], values)
    assert (z[0, :, [0, 2]] == torch.tensor([5.0, 7.0])).all()
    torch.testing.assert_close(z[1, :, 2], values)
    assert traversals(start, values)[0].tolist() == [0, 1, 2]


def test_each_dimension_may_have_values_of_its_own():
    start, values = torch.tensor([5.0, 6.0]), torch.tensor([[1.0, 2.0, 3.0], [7.0, 8.0, 9.0]])
    order, z = traversals(start, values, torch.tensor([0.1, 3.0]))
    assert order.tolist() == [1, 0]
    assert z.tolist() == [[[5, 7], [5, 8], [5, 9]], [[1, 6], [2, 6], [3, 6]]]


def test_a_grid_moves_two_dimensions_and_nothing_else():
    start = torch.tensor([5.0, 6.0, 7.0])
    across, up = torch.tensor([-1.0, 0.0, 1.0, 2.0]), torch.tensor([-3.0, 3.0])
    z = traversal_grid(start, (2, 0), across, up)
    assert z.shape == (2, 4, 3)
    assert (z[:, :, 1] == 6).all()
    for row, value in enumerate(up):
        assert torch.equal(z[row, :, 2], across)
        assert (z[row, :, 0] == value).all()
    assert start.tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    ("dimensions", "sentence"),
    [
        ((0, 3), "there is no dimension 3 in a code of 3: give two of 0 to 2"),
        ((-1, 0), "there is no dimension -1"),
        ((1, 1), "a plane has two different dimensions, not 1, 1"),
        ((0, 1, 2), "a plane has two different dimensions, not 0, 1, 2"),
    ],
)
def test_what_is_no_plane_is_refused(dimensions, sentence):
    with pytest.raises(CompositionError, match=sentence):
        traversal_grid(torch.zeros(3), dimensions, torch.ones(2), torch.ones(2))

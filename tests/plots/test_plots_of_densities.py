"""Contours hold the mass that they say, and maps keep what they say."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from reparam.plots.densities import contours, levels, mesh, shade
from reparam.plots.maps import APART, CORNERS, hemispheres, rims, simplex, triangle

FRAME = ((-6.0, 6.0), (-5.0, 7.0))


def normal(side=401):
    return np.exp(-np.square(mesh(FRAME, side)).sum(-1) / 2)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_normals_levels_are_those_of_its_circles(share):
    (height,) = levels(normal(), [share])
    assert np.sqrt(-2 * np.log(height)) == pytest.approx(np.sqrt(-2 * np.log(1 - share)), abs=0.02)


def test_levels_rise_whatever_the_order_of_the_shares():
    one, other = levels(normal(), [0.5, 0.9]), levels(normal(), [0.9, 0.5])
    assert one.tolist() == other.tolist() == sorted(one)


def test_a_contour_lies_where_the_density_has_its_level():
    axes = Figure().subplots()
    shade(axes, normal(), FRAME)
    contours(axes, normal(), FRAME, [0.9])
    line = axes.collections[0].get_paths()[0].vertices
    radii = np.linalg.norm(line, axis=1)
    assert radii.min() > 2.1
    assert radii.max() < 2.2
    assert axes.get_ylim() == FRAME[1]


def test_equal_areas_of_the_sphere_are_equal_areas_of_the_discs():
    """A zone's area on the sphere is its height: half of a half lies above z = 1/2."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(40_000, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    flat = hemispheres(points)
    upper = points[:, 2] >= 0
    radii = np.linalg.norm(flat[upper], axis=1)
    assert radii.max() <= 1
    assert (radii < np.sqrt(0.5)).mean() == pytest.approx(0.5, abs=0.02)
    assert ((points[upper, 2] > 0.5) == (radii < np.sqrt(0.5))).all()
    lower = flat[~upper] - [APART, 0]
    assert np.linalg.norm(lower, axis=1).max() <= 1


def test_shares_lie_in_the_triangle_and_whole_ones_at_its_corners():
    np.testing.assert_allclose(simplex(np.eye(3)), CORNERS)
    middle = simplex(np.full((1, 3), 1 / 3))
    np.testing.assert_allclose(np.linalg.norm(CORNERS - middle, axis=1), 1 / np.sqrt(3))


def test_frames_hold_the_discs_and_the_triangle():
    left, right = Figure().subplots(1, 2)
    rims(left, 0, APART)
    triangle(right)
    assert len(left.patches) == 2
    assert left.get_xlim()[1] > APART + 1
    assert right.get_ylim()[1] > CORNERS[:, 1].max()

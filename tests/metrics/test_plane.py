"""Measures of a plane against what is known of normal distributions, discs and rings."""

import numpy as np
import pytest

from reparam.metrics.plane import (
    area_ratio,
    central,
    density_area,
    extent,
    gap_points,
    gap_share,
    offset,
    probes,
    quadrant_ratio,
    whitened,
)

MAP = np.array([[3.0, 0.0], [2.0, 0.1]])
SHIFT = np.array([3, 4])


@pytest.fixture
def normal():
    return np.random.default_rng(0).normal(size=(20_000, 2))


@pytest.fixture
def ring():
    rng = np.random.default_rng(1)
    angle, radius = rng.random(4000) * 2 * np.pi, 1 + 0.1 * rng.random(4000)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)


@pytest.mark.parametrize("mass", [0.5, 0.9])
def test_the_area_of_a_normal_distributions_densest_part(normal, mass):
    assert density_area(normal, mass) == pytest.approx(-2 * np.pi * np.log(1 - mass), rel=0.06)


def test_areas_grow_with_the_map_and_ratios_do_not(normal):
    assert density_area(normal @ MAP) == pytest.approx(0.3 * density_area(normal), rel=0.05)
    labels = np.arange(len(normal)) % 2
    z = normal * np.where(labels, 3.0, 1.0)[:, None]
    assert area_ratio(z, labels) == pytest.approx(9, rel=0.08)
    assert area_ratio(z @ MAP, labels) == pytest.approx(area_ratio(z, labels), rel=0.03)


def test_symmetry(normal):
    assert offset(normal) < 0.02
    assert offset(normal + SHIFT) == pytest.approx(5 / np.sqrt(2), rel=0.02)
    assert offset(7 * (normal + SHIFT)) == pytest.approx(offset(normal + SHIFT))
    assert quadrant_ratio(normal) < 1.1
    assert quadrant_ratio(normal + 1) > 20


def test_extent_of_a_normal_and_of_a_disc(normal):
    assert extent(normal) == pytest.approx(np.sqrt(np.log(100) / np.log(2)), rel=0.02)
    rng = np.random.default_rng(2)
    angle, radius = rng.random(20_000) * 2 * np.pi, np.sqrt(rng.random(20_000))
    disc = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    assert extent(disc) == pytest.approx(np.sqrt(0.99 / 0.5), rel=0.01)


def test_whitening_gives_the_identity(normal):
    np.testing.assert_allclose(np.cov(whitened(normal @ MAP).T), np.eye(2), atol=1e-9)
    points = np.array([[1.0, 2.0]])
    np.testing.assert_allclose(
        np.linalg.norm(whitened(points @ MAP, normal @ MAP)),
        np.linalg.norm(whitened(points, normal)),
    )


def test_a_normal_has_no_gaps_and_a_ring_has_its_hole(normal, ring):
    assert gap_share(normal[:2000]) < 0.01
    hole = 1 / 1.1**2  # of the hull's area
    assert gap_share(ring) == pytest.approx(hole, abs=0.12)
    assert np.linalg.norm(gap_points(ring), axis=1).max() < 1


def test_gaps_do_not_change_under_a_map(ring):
    assert gap_share(ring @ MAP) == pytest.approx(gap_share(ring), abs=0.02)


def test_the_region_is_filled_evenly_and_leaves_outliers_out(normal):
    far = np.concatenate([normal, [[1000.0, 1000.0]]])
    points = probes(far)
    assert np.abs(points).max() < 4
    assert len(central(far)) == pytest.approx(0.9 * len(far), abs=1)
    points = probes(normal)
    quadrants = np.bincount((points[:, 0] > 0) * 2 + (points[:, 1] > 0)) / len(points)
    np.testing.assert_allclose(quadrants, 0.25, atol=0.03)


def test_the_mean_of_many_codes_in_float32_is_exact():
    """A running sum in float32 loses the digits of codes far from the origin."""
    z = 1000 + np.random.default_rng(0).normal(size=(100_000, 2)).astype(np.float32)
    np.testing.assert_allclose(whitened(z).mean(0), 0, atol=1e-7)
    assert offset(z) == pytest.approx(offset(z.astype(float)), rel=1e-6)

"""Distances between two sets of points, where they are known."""

import numpy as np
import pytest
import torch
from scipy.stats import wasserstein_distance

from reparam.divergences import (
    energy_distance,
    maximum_mean_discrepancy,
    random_directions,
    sliced_wasserstein,
)


def test_shifted_normals_are_as_far_as_they_must_be():
    """W of one covariance and means m apart is m along each line: |m|^2 / D in the mean."""
    x, way = torch.randn(4000, 3), torch.tensor([2.0, 0.0, 1.0])
    lines = random_directions(2000, 3)
    assert sliced_wasserstein(x, x + way, lines).item() == pytest.approx(5 / 3, rel=0.05)
    assert sliced_wasserstein(x, torch.randn(4000, 3), lines).item() < 0.01


@pytest.mark.parametrize(("n", "m"), [(7, 5), (3, 12), (100, 1)])
def test_sets_of_unequal_size_are_transported_as_they_must_be(n, m):
    """All on one side of each other W_1 is the difference of means, and W_2 at least its square;
    repeating every point changes nothing."""
    x, y = torch.rand(n, 1).double(), torch.rand(m, 1).double()
    line = torch.ones(1, 1).double()
    found = sliced_wasserstein(x, y, line).item()
    assert found >= wasserstein_distance(x[:, 0], y[:, 0]) ** 2 - 1e-9
    same = sliced_wasserstein(x.repeat(m, 1), y.repeat(n, 1), line).item()
    assert found == pytest.approx(same, rel=1e-6)


def test_the_discrepancy_is_unbiased():
    """Over many pairs of sets from one distribution it is 0 in the mean, and not within a set."""
    values = [maximum_mean_discrepancy(*torch.randn(2, 20, 2)) for _ in range(300)]
    found = torch.stack(values)
    assert abs(found.mean()) < 4 * found.std() / 300**0.5
    assert (found < 0).any()


def test_the_discrepancy_sees_a_shift_and_a_narrowing():
    x, y = torch.randn(2, 500, 4)
    alike = maximum_mean_discrepancy(x, y)
    assert maximum_mean_discrepancy(x, y + 0.5) > 10 * alike.abs()
    assert maximum_mean_discrepancy(x, 0.5 * y) > 10 * alike.abs()
    assert maximum_mean_discrepancy(x, y + 1e4) < 2


def test_both_have_gradients():
    x = torch.randn(30, 2, requires_grad=True)
    y = torch.randn(20, 2)
    for value in (
        maximum_mean_discrepancy(x, y),
        sliced_wasserstein(x, y, random_directions(9, 2)),
    ):
        (gradient,) = torch.autograd.grad(value, x)
        assert gradient.isfinite().all()
        assert gradient.any()


@pytest.mark.parametrize("place", [0.0, 100.0, 1000.0])
def test_sets_far_from_the_origin_are_as_far_apart_as_near_it(place):
    """Points on a grid that float32 holds anywhere; the truth is of plain differences."""
    rng = np.random.default_rng(0)
    x, y = (np.round(rng.normal(size=(60, 8)) * 64 + shift) / 64 for shift in (0, 8))
    pairs = [np.linalg.norm(a[:, None] - b, axis=2) for a, b in ((x, y), (x, x), (y, y))]

    def means(kernel):
        between, *within = (kernel(distances) for distances in pairs)
        n = len(x)
        inner = [(part.sum() - np.trace(part)) / (n * (n - 1)) for part in within]
        return 2 * between.mean() - sum(inner)

    scales = np.array([0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]).reshape(-1, 1, 1) * 16
    kernel = -means(lambda d: (scales / (scales + d**2)).mean(0))
    first, second = (torch.from_numpy(points + place).float() for points in (x, y))
    assert energy_distance(first, second).item() == pytest.approx(means(lambda d: d), abs=5e-6)
    found = maximum_mean_discrepancy(first, second).item()
    assert found == pytest.approx(kernel, abs=1e-6)

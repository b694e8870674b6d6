r"""How far two sets of points are from one distribution, as effect sizes with intervals.

The second set is the reference: its spread is the unit of length, so that no effect changes when
both sets are moved, turned or stretched alike. The spread is the root mean square over dimensions
of the standard deviations, :math:`\sigma = \sqrt{\mathrm{tr}(\Sigma_y) / D}`.

Distances of all pairs are kept for the intervals: memory and time grow with the square of the
number of points. `two_sample` takes some of them and has all four effects at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from reparam.alone import alone
from reparam.divergences import (
    energy_distance,
    multiscale_kernel,
    sliced_wasserstein,
)
from reparam.metrics.estimate import Estimate, estimate

LINES = 100
ROWS = 256
HALVINGS = 8


def energy(x: Float[NDArray, "N D"], y: Float[NDArray, "M D"], seed: int = 0) -> Estimate:
    r"""The energy distance as a share of the distance between the sets, with its interval.

    .. math:: \frac{2 E\|x - y\| - E\|x - x'\| - E\|y - y'\|}{2 E\|x - y\|}

    0 where the sets are alike, 1 where each is a point: `two_sample.energy_share`.

    Args:
        x: Points.
        y: Points to compare with.
        seed: Of the interval.

    Source: Szekely & Rizzo 2013, "Energy statistics", the coefficient of inhomogeneity.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> energy(rng.normal(size=(200, 2)), rng.normal(size=(200, 2)) + 100).value > 0.9
        True
    """
    means = _pairs(_distances(x, y), len(x))

    def share(chosen: Int[NDArray, "n"]) -> float:
        first, second, between = means(chosen)
        return (2 * between - first - second) / (2 * between)

    return _estimate(share, x, y, seed)


def discrepancy(x: Float[NDArray, "N D"], y: Float[NDArray, "M D"], seed: int = 0) -> Estimate:
    r"""The squared maximum mean discrepancy under a kernel of the reference's own scale.

    .. math:: E k(x, x') + E k(y, y') - 2 E k(x, y), \quad
        k(a, b) = \frac17 \sum_s \frac{2 D \sigma^2 s}{2 D \sigma^2 s + \|a - b\|^2}

    with sigma the spread of y and seven s from 0.1 to 10: 0 where the sets are alike, at most 2;
    two normals shifted by one spread along every axis give 0.13.

    Args:
        x: Points.
        y: Points to compare with.
        seed: Of the interval.

    Source: Gretton et al. 2012; the kernel: Tolstikhin et al. 2018,
        https://arxiv.org/abs/1711.01558

    Example:
        >>> rng = np.random.default_rng(0)
        >>> discrepancy(rng.normal(size=(200, 2)), rng.normal(size=(200, 2)) + 100).value > 1
        True
    """
    kernel, sigma = _distances(x, y), spread(y)
    for part in kernel.split(ROWS):
        part.copy_(multiscale_kernel(part, x.shape[1], sigma))
    kernel.fill_diagonal_(0)  # no point is its own pair
    means = _pairs(kernel, len(x))

    def squared(chosen: Int[NDArray, "n"]) -> float:
        first, second, between = means(chosen)
        return first + second - 2 * between

    return _estimate(squared, x, y, seed)


def wasserstein(x: Float[NDArray, "N D"], y: Float[NDArray, "M D"], seed: int = 0) -> Estimate:
    r"""The sliced Wasserstein distance in units of the reference's spread.

    .. math:: \frac1\sigma \sqrt{\frac1L \sum_l W_2^2(x \cdot d_l, \, y \cdot d_l)}

    over some 100 random lines d, at right angles as far as the dimensions allow. Two equal normals
    shifted by one spread along every axis give 1. It is above 0 for finite sets of one
    distribution, too: about 0.06 with 2,000 points each.

    Args:
        x: Points.
        y: Points to compare with.
        seed: Of the lines and the interval.

    Source: Rabin et al. 2012; Kolouri et al. 2019, https://arxiv.org/abs/1804.01947; right angles:
        Rowland et al. 2019, https://arxiv.org/abs/1903.03784

    Example:
        >>> y = np.random.default_rng(0).normal(size=(200, 2))
        >>> 0.8 < wasserstein(y + y.std(0), y).value < 1.2
        True
    """
    along, sigma = _points(x, y) @ _lines(x.shape[1], seed).T, spread(y)
    axes = torch.eye(along.shape[1], dtype=along.dtype)

    def distance(chosen: Int[NDArray, "n"]) -> float:
        first, second = (along[part] for part in _sides(chosen, len(x)))
        return float(sliced_wasserstein(first, second, axes).sqrt()) / sigma

    return _estimate(distance, x, y, seed)


def energy_over_own(
    z: Float[NDArray, "N D"],
    draws: Float[NDArray, "N D"],
    others: Float[NDArray, "M D"],
    seed: int = 0,
    rounds: int = 40,
) -> Estimate:
    """The energy distance of codes from draws, in units of the draws' distance from themselves.

    Args:
        z: Codes.
        draws: As many draws.
        others: Twice as many further draws: their random halves show how far chance takes them.
        seed: Of the interval.
        rounds: How many halves the interval is made of.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> draws, others = rng.normal(size=(100, 2)), rng.normal(size=(200, 2))
        >>> energy_over_own(rng.normal(size=(100, 2)) + 3, draws, others).value > 100
        True
    """
    pool, generator = torch.from_numpy(others), torch.Generator().manual_seed(0)
    halves = [
        pool[torch.randperm(len(pool), generator=generator)].chunk(2) for _ in range(HALVINGS)
    ]
    by_chance = [energy_distance(*pair).abs().item() for pair in halves]
    own = max(float(np.mean(by_chance)), 1e-12)

    def distance(a: NDArray, b: NDArray) -> float:
        return energy_distance(torch.from_numpy(a), torch.from_numpy(b)).item() / own

    return estimate(distance, z, draws, seed=seed, rounds=rounds)


def spread(y: Float[NDArray, "M D"]) -> float:
    """The root mean square over dimensions of points' standard deviations.

    Args:
        y: Points.

    Example:
        >>> spread(np.array([[0.0, 0.0], [2.0, 0.0]])) == 0.5**0.5
        True
    """
    return float(np.sqrt(y.var(0, dtype=float).mean()))


def _points(x: NDArray, y: NDArray) -> Tensor:
    """Both sets from the reference's mean, so that squares do not swallow differences."""
    return torch.from_numpy(np.concatenate([x, y]).astype(float) - y.mean(0, dtype=float))


def _lines(dimensions: int, seed: int) -> Tensor:
    """Unit vectors: whole bases of the space, or a part of one that has too many."""
    generator = torch.Generator().manual_seed(seed)
    count, square = max(1, LINES // dimensions), (dimensions, dimensions)
    bases = [torch.randn(square, generator=generator).double() for _ in range(count)]
    return torch.cat([torch.linalg.qr(basis).Q.T[:LINES] for basis in bases])


def _distances(x: NDArray, y: NDArray) -> Tensor:
    points = _points(x, y)
    return torch.cdist(points, points).fill_diagonal_(0)


def _pairs(matrix: Tensor, n: int) -> Callable[[NDArray], tuple[float, float, float]]:
    """The means of a symmetric matrix without diagonal over pairs in x, in y, and between."""

    def means(chosen: NDArray) -> tuple[float, float, float]:
        sides = _sides(chosen, n)
        members = matrix.new_zeros(len(matrix), 2)
        for column, side in enumerate(sides):
            members[side, column] = 1
        sums = members.T @ (matrix @ members)
        a, b = map(len, sides)
        within = sums[0, 0] / (a * (a - 1)), sums[1, 1] / (b * (b - 1))
        return float(within[0]), float(within[1]), float(sums[0, 1] / (a * b))

    return means


def _sides(chosen: NDArray, n: int) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(chosen[chosen < n]), torch.from_numpy(chosen[chosen >= n])


def _estimate(statistic: Callable[..., float], x: NDArray, y: NDArray, seed: int) -> Estimate:
    """Halves of each set, the same for every effect of one seed."""
    which = np.repeat([0, 1], [len(x), len(y)])
    with _one_thread():
        return estimate(statistic, np.arange(len(which)), strata=which, seed=seed)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Hundreds of short operations: on a busy machine threads would wait for each other."""
    with alone():  # the number is the process's
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)

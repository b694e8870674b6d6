r"""How a model's samples lie among real items, in a feature space.

Around each point of one set lies a ball that reaches its k-th neighbour in that set: together they
are where the set lives. Four shares follow from which points of the other set lie in them, and
none of them means anything without the name of the features.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from reparam.errors import CompositionError
from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.progress import bar

AT_ONCE = 2**22
"""Distances in memory at a time."""


@dataclass(frozen=True)
class Support:
    """Where samples lie among real items.

    The intervals are over items, with the balls as they are.

    Args:
        precision: The share of samples within a real item's ball: are they realistic?
        recall: The share of real items within a sample's ball: is their variety reached?
        density: How many real balls hold a sample, over k; about 1 where real items lie. Unlike
            precision, one stray real item cannot raise it much.
        coverage: The share of real items whose ball holds a sample. Unlike recall, stray samples
            cannot raise it.
        features: What the distances were measured in.
        neighbours: k.
        real: How many real items were measured: no number means anything without these two.
        samples: How many samples.
    """

    precision: Estimate
    recall: Estimate
    density: Estimate
    coverage: Estimate
    features: str
    neighbours: int
    real: int
    samples: int


def support(
    real: Float[NDArray, "N F"],
    samples: Float[NDArray, "M F"],
    features: str,
    neighbours: int = 5,
    seed: int = 0,
    limit: int = 10_000,
    progress: bool = True,
) -> Support:
    r"""Measure precision, recall, density and coverage, on at most so many points of each.

    Time grows with the square of the limit: every real item is held against every sample. A point
    on the edge of a ball is in it, to within float64's rounding of both points' squares about the
    real items' mean: clusters narrower than about 1e-6 of their distance from it run together.

    Args:
        real: Features of real items, best of a test set.
        samples: Features of as many samples: all four depend on the numbers of points.
        features: The name of the features.
        neighbours: k; the ball of a point reaches its k-th neighbour.
        seed: Of the intervals, and of the choice of points where there are more than the limit.
        limit: The most points of each that are measured.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Raises:
        CompositionError: If a set or the limit has no more than k points, or the features differ
            in number.

    Source: Kynkaanniemi et al. 2019, https://arxiv.org/abs/1904.06991; Naeem et al. 2020,
        https://arxiv.org/abs/2002.09797

    Example:
        >>> rng = np.random.default_rng(0)
        >>> real, far = rng.normal(size=(200, 2)), rng.normal(size=(200, 2)) + 100
        >>> support(real, far, "pixels").coverage
        0
    """
    if real.shape[1:] != samples.shape[1:] or min(len(real), len(samples), limit) <= neighbours:
        raise CompositionError(
            f"{len(real)} real items of {real.shape[1:]} and {len(samples)} samples of "
            f"{samples.shape[1:]}, at most {limit} of each: give features of one shape, and more "
            f"than {neighbours} of each"
        )
    rng = np.random.default_rng(seed)
    real, samples = (_some(points, limit, rng) for points in (real, samples))
    first, second = (p.astype(float) - real.mean(0, dtype=float) for p in (real, samples))
    of_real, of_samples = (_radii(points, neighbours) for points in (first, second))
    held = np.zeros(len(samples), int)  # by how many real balls
    covered, reached = [], []
    rows = max(1, AT_ONCE // len(second))
    for start in bar(range(0, len(first), rows), unit="parts", progress=progress):
        part = _squares(first[start : start + rows], second, _uncertainty(real.shape[1]))
        inside = part <= of_real[start : start + rows, None]
        held += inside.sum(0)
        covered.append(inside.any(1))
        reached.append((part <= of_samples).any(1))

    def share(values: NDArray[Any]) -> Estimate:
        return estimate(np.mean, values.astype(float), seed=seed)

    return Support(
        precision=share(held > 0),
        recall=share(np.concatenate(reached)),
        density=share(held / neighbours),
        coverage=share(np.concatenate(covered)),
        features=features,
        neighbours=neighbours,
        real=len(real),
        samples=len(samples),
    )


def frechet_distance(x: Float[NDArray, "N F"], y: Float[NDArray, "M F"]) -> float:
    r"""The Frechet distance between two sets of features, as if both were normal.

    .. math:: \|\mu_x - \mu_y\|^2 + \mathrm{tr}\left(\Sigma_x + \Sigma_y
        - 2 (\Sigma_x \Sigma_y)^{1/2}\right)

    It is the "FID" where the features are an Inception network's, and comparable only within one
    feature space and one number of items: it falls as they grow.

    Args:
        x: Features.
        y: Features.

    Raises:
        CompositionError: If one of the sets has fewer than two items, and so no covariance.

    Source: Dowson & Landau 1982; Heusel et al. 2017, https://arxiv.org/abs/1706.08500

    Example:
        >>> round(frechet_distance(np.zeros((2, 1)), np.full((2, 1), 3.0)), 6)
        9.0
    """
    if min(len(x), len(y)) < 2:
        raise CompositionError(
            f"a Frechet distance needs at least two items of each set, not {len(x)} and {len(y)}"
        )
    covariances = [np.atleast_2d(np.cov(points, rowvar=False)) for points in (x, y)]
    shift = x.mean(0, dtype=float) - y.mean(0, dtype=float)  # float32 loses digits
    values, vectors = np.linalg.eigh(covariances[0])
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    common = np.linalg.eigvalsh(root @ covariances[1] @ root).clip(0)  # of Sx Sy, symmetric
    total = shift @ shift + sum(np.trace(c) for c in covariances) - 2 * np.sqrt(common).sum()
    return float(max(total, 0.0))


def _some(points: NDArray, limit: int, rng: np.random.Generator) -> NDArray:
    return points if len(points) <= limit else points[rng.choice(len(points), limit, False)]


def _radii(points: NDArray, neighbours: int) -> Float[NDArray, "N"]:
    """How far the k-th other point lies from each, squared."""
    radii, rows = np.empty(len(points)), max(1, AT_ONCE // len(points))
    for start in range(0, len(points), rows):
        part = _squares(points[start : start + rows], points)
        part.partition(neighbours, axis=1)  # itself is the nearest
        radii[start : start + rows] = part[:, neighbours]
    return radii


def _uncertainty(dimensions: int) -> float:
    """By how much rounding may separate two equal squares, as a share of the points' own."""
    return float(8 * np.sqrt(dimensions) * np.finfo(float).eps)


def _squares(x: NDArray, y: NDArray, less: float = 0.0) -> Float[NDArray, "N M"]:
    """The squared distances in float64 of points about their centre.

    Less a share of both points' own squares: no ball loses a point on its edge to rounding.
    """
    own = [(1 - less) * np.square(points).sum(1) for points in (x, y)]
    squares: NDArray[np.floating] = x @ (-2 * y.T)
    squares += own[0][:, None]
    squares += own[1]
    return squares

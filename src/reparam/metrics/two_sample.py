"""Whether two sets of codes come from one distribution, as effect sizes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from reparam.divergences import energy_distance
from reparam.divergences.energy import distances
from reparam.errors import CompositionError
from reparam.metrics.effects import discrepancy, energy, spread, wasserstein
from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.progress import bar

LEAST = 10
"""Points of each set, below which halves and folds say nothing."""


@dataclass(frozen=True)
class TwoSample:
    """How far points are from a reference, four ways, each with its interval over the points.

    Args:
        energy: The energy distance as a share of the distance between the sets: 0 to 1.
        wasserstein: The sliced Wasserstein distance in units of the reference's spread, the root
            mean square over dimensions of its standard deviations.
        discrepancy: The squared maximum mean discrepancy, its kernel as wide as that spread: 0 to
            2.
        separability: The area under the ROC curve of a classifier that tells one set from the
            other: 0.5 is chance, 1 is certainty.
        points: How many points were measured.
        reference: How many points of the reference.
    """

    energy: Estimate
    wasserstein: Estimate
    discrepancy: Estimate
    separability: Estimate
    points: int
    reference: int

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {
            key: value.to_json() if isinstance(value, Estimate) else value
            for key, value in vars(self).items()
        }


def two_sample(
    x: Float[NDArray, "N D"],
    y: Float[NDArray, "M D"],
    limit: int = 2000,
    seed: int = 0,
    progress: bool = True,
) -> TwoSample:
    """Measure how far points are from a reference, on at most so many random points of each.

    Distances between all pairs, and their halves, are what bounds the number: memory and time grow
    with the square of the limit (0.25 GB at 2,000) and do not grow with N and M.

    Args:
        x: Points, such as codes, or features of samples.
        y: The reference, such as draws from the prior, or features of real items.
        limit: The most points of each that are measured.
        seed: Of the choice of points, the lines, the folds and the intervals.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Raises:
        CompositionError: If the points differ in dimensions, are fewer than ten of each, are not
            finite, or those of the reference are all the same.

    Source: see `effects` for three of them, and `separability`.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> found = two_sample(rng.normal(size=(500, 2)) + 1, rng.normal(size=(900, 2)), limit=300)
        >>> found.points, found.reference, round(found.wasserstein.value)
        (300, 300, 1)
    """
    if x.ndim != 2 or x.shape[1:] != y.shape[1:] or min(len(x), len(y), limit) < LEAST:
        raise CompositionError(
            f"points of shape {x.shape} against {y.shape}, at most {limit} of each: give points "
            f"of one number of dimensions, (N, D) and (M, D), at least {LEAST} of each"
        )
    rng = np.random.default_rng(seed)
    x, y = (_some(points, limit, rng) for points in (x, y))
    if not (np.isfinite(x).all() and np.isfinite(y).all() and spread(y) > 0):
        raise CompositionError(
            "points that are not finite, or a reference whose points are all the same: "
            "there is no unit to measure in"
        )
    measures = (energy, wasserstein, discrepancy, separability)
    shown = bar(measures, unit="measures", progress=progress)
    found = {measure.__name__: measure(x, y, seed) for measure in shown}
    return TwoSample(**found, points=len(x), reference=len(y))


def _some(points: NDArray, limit: int, rng: np.random.Generator) -> NDArray:
    if len(points) > limit:
        points = points[rng.choice(len(points), limit, replace=False)]
    return points.astype(float)


def separability(x: Float[NDArray, "N D"], y: Float[NDArray, "M D"], seed: int = 0) -> Estimate:
    """How well a classifier tells one set from the other: the area under its ROC curve.

    0.5 is chance, 1 is certainty. Gradient-boosted trees score each point after learning from the
    other four fifths. The spread is over the points, not over trainings.

    Args:
        x: Points.
        y: Points.
        seed: Of the folds.

    Source: Lopez-Paz & Oquab 2017, https://arxiv.org/abs/1610.06545

    Example:
        >>> rng = np.random.default_rng(0)
        >>> separability(rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) + 5).value > 0.99
        True
    """
    points = np.concatenate([x, y])
    which = np.repeat([0, 1], [len(x), len(y)])
    model = HistGradientBoostingClassifier(max_iter=60, random_state=seed)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    with threadpool_limits(1, user_api="openmp"):  # several would wait for each other too often
        scores = cross_val_predict(model, points, which, cv=folds, method="predict_proba")[:, 1]
    return estimate(roc_auc_score, which, scores, strata=which, seed=seed)


def energy_share(x: Float[NDArray, "N D"], y: Float[NDArray, "M D"]) -> float:
    r"""The energy distance as a share of the distance between the sets: 0 where they are alike.

    .. math:: \frac{2 E\|x - y\| - E\|x - x'\| - E\|y - y'\|}{2 E\|x - y\|}

    Args:
        x: Points.
        y: Points.

    Source: Szekely & Rizzo 2013, "Energy statistics", the coefficient of inhomogeneity.

    Example:
        >>> energy_share(np.array([[0.0], [1.0]]), np.array([[10.0], [11.0]]))
        0.9
    """
    first, second = torch.from_numpy(x), torch.from_numpy(y)
    between = 2 * distances(first, second).mean()
    return float(energy_distance(first, second) / between)


def reflection(z: Float[NDArray, "N D"]) -> float:
    """How far codes are from being symmetric about the origin: `energy_share` with their image.

    Args:
        z: Codes.

    Example:
        >>> reflection(np.array([[1.0, 2.0], [-1.0, -2.0], [3.0, 0.0], [-3.0, 0.0]])) < 0.01
        True
    """
    return energy_share(z, -z)

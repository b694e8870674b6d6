r"""Whether samples copy training items.

A sample that is near to a training item need not be a copy: real items lie near to each other,
too. So each sample has its nearest training item compared with its nearest item that was held out.
Of M training and L held-out items the nearest is held out in L / (M + L) of cases where nothing
was memorised, whatever the samples look like, and never where samples are copies: how often it is,
in units of that, says how much was memorised at any numbers of items.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from reparam.errors import CompositionError
from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.progress import bar

KEPT = 16
"""Neighbours kept of each sample: random halves of the items all but surely hold one of them."""
AT_ONCE = 512
LEAST = 10


@dataclass(frozen=True)
class Memorisation:
    """How often samples are nearer to training items than to held-out ones.

    Args:
        share: The share of samples that would lie nearer to a training item than to a held-out
            one if there were as many of both; 0.5 where nothing is memorised, 1 where samples are
            copies. The interval is over samples and real items together.
        nearest: The place of each sample's nearest training item, of all of them, (N,).
        distance: How far each is from that item, (N,).
        compared: How many training items were compared.
        held_out: With how many held-out ones.
    """

    share: Estimate
    nearest: Int[NDArray, "N"]
    distance: Float[NDArray, "N"]
    compared: int
    held_out: int

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values, without each sample's."""
        return {
            "share": self.share.to_json(),
            "median_distance": float(np.median(self.distance)),
            "compared": self.compared,
            "held_out": self.held_out,
            "samples": len(self.distance),
        }


def memorisation(
    samples: Float[NDArray, "N ..."],
    train: Float[NDArray, "M ..."],
    held_out: Float[NDArray, "L ..."],
    seed: int = 0,
    progress: bool = True,
) -> Memorisation:
    r"""Compare how near samples are to training items and to held-out ones.

    .. math:: 1 - \frac{M + L}{2 L} P\left(\min_i \|s - h_i\| < \min_i \|s - t_i\|\right)
        - \tfrac12 P\left(\min_i \|s - h_i\| = \min_i \|s - t_i\|\right)

    with M training items t and L held-out items h, and not below 0. With equally many it is the
    share of samples nearer to a training item, half of the ties added; with fewer held-out items
    its interval is wider. Time grows with the samples times the items, memory with each alone.

    Args:
        samples: Pixels of samples, or features of them.
        train: The same of the items that were trained on.
        held_out: The same of real items that were not, such as the test set.
        seed: Of the interval.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Raises:
        CompositionError: If shapes differ, or there are fewer than ten of a kind.

    Source: the three samples: Meehan, Chaudhuri & Dasgupta 2020, https://arxiv.org/abs/2004.05675

    Example:
        >>> rng = np.random.default_rng(0)
        >>> train, held_out = rng.normal(size=(2, 200, 4))
        >>> memorisation(train[:100], train, held_out).share.value  # copies
        1.0
    """
    sets = (samples, train, held_out)
    if len({part.shape[1:] for part in sets}) > 1 or min(map(len, sets)) < LEAST:
        raise CompositionError(
            f"samples of shape {samples.shape}, training items of {train.shape} and held-out "
            f"items of {held_out.shape}: give at least {LEAST} of each, of one shape"
        )
    kind = np.result_type(*sets, np.float32)
    s, t, h = (part.reshape(len(part), -1).astype(kind, copy=False) for part in sets)
    first, second = (_neighbours(s, part, KEPT, progress) for part in (t, h))
    nearest = first[1][:, 0]
    distance = [
        np.linalg.norm(s[part] - t[nearest[part]].astype(float), axis=1) for part in _parts(s)
    ]
    share = _share(first, second, len(t), len(h), seed)
    return Memorisation(share, nearest, np.concatenate(distance), len(t), len(h))


Neighbours = tuple[NDArray[Any], NDArray[Any]]
"""Distances and places of the nearest of some items, (N, K) each."""


def _neighbours(s: NDArray, items: NDArray, most: int, progress: bool) -> Neighbours:
    search = NearestNeighbors(n_neighbors=min(most, len(items))).fit(items)
    parts = bar(_parts(s), unit="parts", progress=progress)
    distances, places = zip(*(search.kneighbors(s[part]) for part in parts), strict=True)
    return np.concatenate(distances), np.concatenate(places)


def _share(first: Neighbours, second: Neighbours, known: int, others: int, seed: int) -> Estimate:
    """Halves of the samples look for their nearest among halves of the items."""
    n = len(first[0])
    which = np.repeat([0, 1, 2], [n, known, others])

    def share(half: NDArray) -> float:
        taken = np.zeros(len(which), bool)
        taken[half] = True
        rows = np.flatnonzero(taken[:n])
        near, far = (
            np.where(taken[start + places[rows]], distances[rows], np.inf).min(1)
            for start, (distances, places) in ((n, first), (n + known, second))
        )
        m, k = taken[n : n + known].sum(), taken[n + known :].sum()
        held_out = (far < near).mean() * (m + k) / (2 * k)
        return float(1 - held_out - (far == near).mean() / 2)

    found = estimate(share, np.arange(len(which)), strata=which, seed=seed)
    value = max(found.value, 0.0)
    return Estimate(value, np.clip(found.value + found.scatter, 0, 1) - value)


def _parts(points: NDArray) -> list[slice]:
    return [slice(start, start + AT_ONCE) for start in range(0, len(points), AT_ONCE)]

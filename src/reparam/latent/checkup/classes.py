"""How classes lie among the codes, and whether sampling favours one."""

from functools import partial

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from reparam.latent.checkup import figures
from reparam.latent.checkup.finding import Seen
from reparam.latent.checkup.subject import PICTURES, Subject
from reparam.metrics.classes import class_shares
from reparam.metrics.estimate import estimate
from reparam.metrics.plane import area_ratio

NEIGHBOURS = 11
"""Odd, so that two classes cannot draw."""
LEAST = 50
"""Classes of fewer codes are left out."""
CLUSTERS = 10
MOST = 5000
"""Codes whose neighbours are counted."""
ROUNDS = 40
NO_LABELS = "Without labels nothing is known of classes: give data with labels."
FEW_LABELS = "Fewer than two classes have 50 codes: give data with more of them."


def areas(subject: Subject) -> Seen | str:
    """Whether some classes have much more room than others."""
    found = _labelled(subject)
    if isinstance(found, str):
        return found
    z, labels = found
    flat = z.shape[1] == 2 and all(_flat(z[labels == k]) for k in np.unique(labels))
    ratio = area_ratio if flat else spread_ratio
    value = estimate(ratio, z, labels, strata=labels, seed=subject.seed, rounds=ROUNDS)
    sizes = {k: class_spread(z[labels == k]) for k in np.unique(labels)}
    small, large = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    what = "area" if flat else "variance"
    return Seen(
        {"largest class area over smallest": value},
        f"The class with the largest {what} has {value.value:.1f} times that of the smallest "
        f"(widest: {subject_class(subject, large)}, narrowest: {subject_class(subject, small)}).",
        "Train with a rate, or with a larger one; sample by class, so that the wide ones are not "
        "drawn more often.",
        lambda: figures.by_class(subject),
    )


def class_spread(z: Float[NDArray, "N D"]) -> float:
    """The mean squared distance from the mean.

    Args:
        z: Codes.
    """
    return float(z.var(0).sum())


def spread_ratio(z: Float[NDArray, "N D"], labels: Int[NDArray, "N"]) -> float:
    """The widest class's variance over the narrowest's.

    Args:
        z: Codes.
        labels: Their classes.

    Example:
        >>> z = np.random.default_rng(0).normal(size=(4000, 8))
        >>> z[2000:] *= 2
        >>> round(spread_ratio(z, np.arange(4000) // 2000))
        4
    """
    spreads = [class_spread(z[labels == label]) for label in np.unique(labels)]
    return max(spreads) / max(min(spreads), 1e-300)


def overlap(subject: Subject) -> Seen | str:
    """Whether codes lie among those of another class."""
    found = _labelled(subject)
    if isinstance(found, str):
        return found
    z, labels = found[0][:MOST], found[1][:MOST]
    named = _named_by_neighbours(z, labels)
    wrong = (named != labels).astype(float)
    chance = 1 - np.square(class_shares(labels, int(labels.max()) + 1)).sum()
    share = estimate(np.mean, wrong, seed=subject.seed)
    measured = {
        "codes among another class, of what chance gives": share / chance,
        "share of codes among another class": share,
    }
    if subject.data is not None and subject.labels is not None:
        known = subject.labels[: len(subject.data)]
        keep = known >= 0
        if keep.sum() > NEIGHBOURS:
            seen, codes = subject.seen(subject.data.x)[keep], subject.some[keep]
            more = [
                (_named_by_neighbours(part, known[keep]) != known[keep]).astype(float)
                for part in (codes, seen)
            ]
            name = "share of codes among another class minus that in features"
            measured[name] = estimate(np.mean, more[0] - more[1], seed=subject.seed)
    mixed = ""
    if (pair := _most_confused(labels, named)) is not None:
        one, other = (subject_class(subject, label) for label in pair)
        mixed = f"; {one} lies most often among {other}"
    return Seen(
        measured,
        f"{share.value:.0%} of codes have neighbours that are mostly of another class "
        f"({chance:.0%} by chance){mixed}.",
        "Use more latents or a lower beta; where classes must be apart, train with labels.",
        lambda: figures.confusion(subject, labels, named),
    )


def sampling(subject: Subject) -> Seen | str:
    """Whether sampling favours a class, or, without labels, a cluster of the codes."""
    points, draws, made = *(part[:PICTURES] for part in subject.moving), "codes"
    if not points.shape[1]:
        return "All codes are the same."
    if subject.decode is not None:
        points, draws, made = (
            subject.seen(subject.decoded), subject.seen(subject.drawn), "decodings",
        )  # fmt: skip
    labels, lacks = None, ""
    without = _labelled(subject)
    if subject.labels is not None and not isinstance(without, str):
        of_points = subject.labels[: len(points)]
        points, labels = points[of_points >= 0], of_points[of_points >= 0]
    n = len(points) // 2
    if labels is not None and n >= NEIGHBOURS:
        judge = KNeighborsClassifier(min(NEIGHBOURS, n)).fit(points[:n], labels[:n])
        usual, drawn = judge.predict(points[n:]), judge.predict(draws)
        what, names = "class", subject.classes
    else:
        clusters = KMeans(CLUSTERS, n_init=1, random_state=subject.seed).fit(points[:n])
        usual, drawn = clusters.predict(points[n:]), clusters.predict(draws)
        what, names = "cluster", ()
        lacks = f"These are clusters of {made}, not classes. {without}"
    many = int(max(usual.max(), drawn.max())) + 1
    m = min(len(usual), len(drawn))
    value = estimate(partial(moved, many=many), usual[:m], drawn[:m], seed=subject.seed)
    gain = class_shares(drawn, many) - class_shares(usual, many)
    best, least = int(gain.argmax()), int(gain.argmin())
    label = [names[k] if k < len(names) else f"{what} {k}" for k in range(many)]
    return Seen(
        {"share of draws of a wrong class, above chance": value},
        f"{max(value.value, 0):.0%} of draws from {subject.source} would have to change their "
        f"{what}, above what chance moves: "
        f"most too often comes {label[best]} ({gain[best]:+.0%}), too rarely {label[least]} "
        f"({gain[least]:+.0%}).",
        "Sample from a density fitted to the codes, or draw codes by class.",
        lambda: figures.shares(usual, drawn, label),
        lacks,
    )


def moved(usual: Int[NDArray, "N"], drawn: Int[NDArray, "M"], many: int) -> float:
    r"""The share of draws that would have to change their class, above what chance moves.

    .. math:: \frac12 \sum_k |p_k - q_k| - \frac12 \sum_k \sqrt{\tfrac{2}{\pi}
        \bar p_k (1 - \bar p_k) (\tfrac1N + \tfrac1M)}

    with p and q the shares of the classes, and :math:`\bar p` those of both together.

    Args:
        usual: The items' classes, from 0 on.
        drawn: The draws'.
        many: How many classes there are.

    Example:
        >>> round(moved(np.arange(1000) % 2, np.zeros(1000, int), 2), 2)
        0.48
    """
    p, q = class_shares(usual, many), class_shares(drawn, many)
    both = (p * len(usual) + q * len(drawn)) / (len(usual) + len(drawn))
    chance = np.sqrt(2 / np.pi * both * (1 - both) * (1 / len(usual) + 1 / len(drawn)))
    return float((np.abs(p - q) - chance).sum() / 2)


def subject_class(subject: Subject, label: int) -> str:
    """What a class is called.

    Args:
        subject: What is checked.
        label: The class.
    """
    return subject.classes[label] if label < len(subject.classes) else f"class {label}"


def _labelled(subject: Subject) -> tuple[NDArray, NDArray] | str:
    """Codes of the classes that have enough of them, or why there are none."""
    if subject.labels is None:
        return NO_LABELS
    counts = np.bincount(subject.labels[subject.labels >= 0], minlength=1)
    if (counts >= LEAST).sum() < 2:
        return FEW_LABELS
    keep = (subject.labels >= 0) & (counts[subject.labels.clip(0)] >= LEAST)
    return subject.z[keep], subject.labels[keep]


def _flat(z: NDArray) -> bool:
    """Whether points in a plane cover an area."""
    spread = np.linalg.eigvalsh(np.cov(z.T))
    return bool(spread[0] > 1e-9 * spread[1])


def _named_by_neighbours(z: NDArray, labels: NDArray) -> NDArray:
    """Each item's class by a vote of its neighbours, itself left out."""
    search = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(z) - 1) + 1).fit(z)
    votes = labels[search.kneighbors(z)[1][:, 1:]]
    counts = np.stack([(votes == k).sum(1) for k in range(labels.max() + 1)], 1)
    return counts.argmax(1)


def _most_confused(labels: NDArray, named: NDArray) -> tuple[int, int] | None:
    wrong = labels != named
    if not wrong.any():
        return None
    many = int(max(labels.max(), named.max())) + 1
    pairs = np.bincount(labels[wrong] * many + named[wrong], minlength=many**2)
    return divmod(int(pairs.argmax()), many)

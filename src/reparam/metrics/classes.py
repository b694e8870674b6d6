"""How evenly a set of decoded pictures spreads over the classes."""

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray


def class_shares(labels: Int[NDArray, "N"], classes: int = 10) -> Float[NDArray, "C"]:
    """The share of each class.

    Args:
        labels: Classes, from 0 on.
        classes: How many there are.

    Example:
        >>> class_shares(np.array([0, 0, 0, 1]), 2).tolist()
        [0.75, 0.25]
    """
    return np.bincount(labels, minlength=classes) / len(labels)


def unevenness(labels: Int[NDArray, "N"], classes: int = 10) -> float:
    r"""Cramer's V against equal shares: 0 where all are equal, 1 where all items are in one class.

    .. math:: V = \sqrt{\frac{\chi^2}{N (C - 1)}}

    Args:
        labels: Classes, from 0 on.
        classes: How many there are.

    Source: Cramer 1946, "Mathematical Methods of Statistics"

    Example:
        >>> unevenness(np.array([0, 1, 0, 1]), 2), unevenness(np.array([1, 1]), 2)
        (0.0, 1.0)
    """
    shares = class_shares(labels, classes)
    return float(np.sqrt(classes * np.square(shares - 1 / classes).sum() / (classes - 1)))


def share_ratio(labels: Int[NDArray, "N"], classes: int = 10) -> float:
    """Items of the commonest class over items of the rarest; each is counted one too high.

    Args:
        labels: Classes, from 0 on.
        classes: How many there are.

    Example:
        >>> share_ratio(np.array([0, 0, 0, 1]), 2)
        2.0
    """
    counts = np.bincount(labels, minlength=classes) + 1
    return float(counts.max() / counts.min())

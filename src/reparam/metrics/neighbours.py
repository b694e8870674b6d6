"""How near pictures come to the nearest of others."""

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from reparam.metrics.progress import bar

AT_ONCE = 512


def nearest_error(
    x: Float[NDArray, "N C H W"], others: Float[NDArray, "M C H W"]
) -> Float[NDArray, "N"]:
    """The root mean squared error of each picture from the nearest of others, in pixel units.

    Args:
        x: Pictures.
        others: Pictures of the same shape, such as the training set.

    Example:
        >>> nearest_error(np.zeros((1, 1, 2, 2)), np.full((3, 1, 2, 2), 0.5)).tolist()
        [0.5]
    """
    flat, pool = (part.reshape(len(part), -1) for part in (x, others))
    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(pool)
    parts = bar(range(0, len(flat), AT_ONCE), unit="parts")
    found = [search.kneighbors(flat[start : start + AT_ONCE])[0][:, 0] for start in parts]
    return np.concatenate(found) / np.sqrt(flat.shape[1])


def novel(
    x: Float[NDArray, "N C H W"],
    train: Float[NDArray, "M C H W"],
    held_out: Float[NDArray, "L C H W"],
    share: float = 0.05,
) -> Bool[NDArray, "N"]:
    """Which pictures are farther from every training picture than a share of held-out ones are.

    Args:
        x: Pictures, such as a model's samples.
        train: The training pictures.
        held_out: Real pictures that were not trained on.
        share: Of the held-out pictures that would not count as novel.

    Example:
        >>> train, held_out = np.zeros((1, 1, 2, 2)), np.full((1, 1, 2, 2), 0.5)
        >>> novel(np.array([0.1, 0.9])[:, None, None, None] + train, train, held_out).tolist()
        [False, True]
    """
    usual = nearest_error(held_out, train)
    far: NDArray[np.bool_] = nearest_error(x, train) > np.quantile(usual, share)
    return far

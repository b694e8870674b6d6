"""How near pictures come to the nearest of others."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors


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
    distance, _ = search.kneighbors(flat)
    return distance[:, 0] / np.sqrt(flat.shape[1])

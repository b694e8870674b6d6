"""Pictures as numbers: their error, how grey, how sharp and how fine they are."""

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.ndimage import laplace
from sklearn.decomposition import PCA

Pictures = Float[NDArray, "N C H W"]


def squared_error(x: Pictures, y: Pictures) -> Float[NDArray, "N"]:
    """The mean squared difference of each pair of pictures, in squared pixel units.

    Args:
        x: Pictures in [0, 1].
        y: As many of the same shape.

    Example:
        >>> squared_error(np.zeros((2, 1, 4, 4)), np.full((2, 1, 4, 4), 0.5)).tolist()
        [0.25, 0.25]
    """
    return np.square(x - y).reshape(len(x), -1).mean(1)


def pca_reconstructions(train: Pictures, test: Pictures, components: int) -> Pictures:
    """What the best linear autoencoder of a size makes of pictures, clipped to [0, 1].

    Args:
        train: What the principal components are fitted to.
        test: What to reconstruct.
        components: How many components.

    Example:
        >>> x = np.random.default_rng(0).random((50, 1, 4, 4))
        >>> bool(np.allclose(pca_reconstructions(x, x, 16), x))
        True
    """
    return projected(principal(train, components), test)


def principal(x: Float[NDArray, "N ..."], components: int) -> PCA:
    """The principal components of items.

    Args:
        x: What they are fitted to.
        components: How many.

    Example:
        >>> principal(np.random.default_rng(0).random((50, 1, 4, 4)), 3).components_.shape
        (3, 16)
    """
    return PCA(components, svd_solver="auto", random_state=0).fit(x.reshape(len(x), -1))


def projected(model: PCA, x: Float[NDArray, "N ..."]) -> Float[NDArray, "N ..."]:
    """What is left of items in some principal components, clipped to [0, 1].

    Args:
        model: The components.
        x: Items.

    Example:
        >>> x = np.random.default_rng(0).random((50, 1, 4, 4))
        >>> projected(principal(x, 3), x).shape
        (50, 1, 4, 4)
    """
    flat = x.reshape(len(x), -1)
    made: NDArray[Any] = model.inverse_transform(model.transform(flat))
    return made.reshape(x.shape).clip(0, 1)


def greyness(x: Pictures) -> Float[NDArray, "N"]:
    """How far each picture's pixels are from black or white, in the mean: at most 1/2.

    Args:
        x: Pictures in [0, 1].

    Example:
        >>> greyness(np.array([0.0, 0.5, 0.9]).reshape(3, 1, 1, 1)).round(2).tolist()
        [0.0, 0.5, 0.1]
    """
    return np.minimum(x, 1 - x).reshape(len(x), -1).mean(1)


def sharpness(x: Pictures) -> Float[NDArray, "N"]:
    """The standard deviation of each picture's Laplacian, in pixel units.

    Args:
        x: Pictures in [0, 1].

    Source: Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy"

    Example:
        >>> board = np.indices((8, 8)).sum(0) % 2
        >>> bool(sharpness(board[None, None] * 1.0) > sharpness(board[None, None] * 0.5))
        True
    """
    edges = laplace(x, axes=(2, 3), mode="nearest")
    return edges.reshape(len(x), -1).std(1)


def fine_detail(x: Pictures) -> Float[NDArray, "N"]:
    """The root of each picture's energy above half the highest frequency, in pixel units.

    This is where single pixels stand out: jagged, "pixelised" edges.

    Args:
        x: Pictures.

    Example:
        >>> board = np.indices((8, 8)).sum(0) % 2
        >>> float(fine_detail(board[None, None] * 1.0).round(3)[0])  # all of its variance
        0.5
    """
    height, width = x.shape[2:]
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)
    fine = np.hypot(rows, columns) > 0.25
    energy = np.square(np.abs(np.fft.fft2(x))) / (height * width) ** 2
    return np.sqrt((energy * fine).sum((2, 3)).mean(1))

r"""Between rows of X and what a model sees of them: standardised vectors, or pictures.

A density of standardised numbers u = (x - mean) / scale is one of x by the change of variables,

.. math:: \log p(x) = \log p(u) - \sum_j \log \mathrm{scale}_j
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data
from torch import Tensor

from reparam.data import Dataset, Schema
from reparam.errors import DataError

Array = NDArray[Any]


def checked(
    estimator: Any,  # noqa: ANN401
    X: object,
    image_shape: Sequence[int] | None,
    reset: bool = False,
) -> Array:
    """Rows as scikit-learn checks them: two axes, dense, finite, of known features.

    They lie one after the other in memory, so that a frame gives the same bits as an array.

    Args:
        estimator: Who asks, for its name, `n_features_in_` and `feature_names_in_`.
        X: (N, D) numbers, as an array, a data frame or lists.
        image_shape: Of pictures, whose bytes stay bytes; `None` for numbers.
        reset: Whether to learn the features rather than to compare them.

    Raises:
        ValueError: In scikit-learn's words.
        DataError: If rows are no pictures of the shape.
    """
    kept = [np.float64, np.float32] + ([np.uint8] if image_shape is not None else [])
    rows: Array = validate_data(estimator, X, dtype=kept, order="C", reset=reset)
    if image_shape is not None:
        pixels = math.prod(channels_first(image_shape))
        if pixels != rows.shape[1]:
            raise DataError(
                f"image_shape={tuple(image_shape)} has {pixels} pixels and X has {rows.shape[1]} "
                "columns: give the shape (H, W) or (H, W, C) of one row's picture"
            )
    return rows


def channels_first(image_shape: Sequence[int]) -> tuple[int, int, int]:
    """A picture's (C, H, W).

    Args:
        image_shape: (H, W) or (H, W, C).

    Raises:
        DataError: If it is neither.

    Example:
        >>> channels_first((8, 8)), channels_first((32, 48, 3))
        ((1, 8, 8), (3, 32, 48))
    """
    sizes = list(image_shape) if isinstance(image_shape, Sequence) else []
    whole = all(isinstance(size, int | np.integer) and size > 0 for size in sizes)
    if len(sizes) not in (2, 3) or not whole:
        raise DataError(f"image_shape is (H, W) or (H, W, C), not {image_shape!r}")
    height, width, channels = [*sizes, 1][:3]
    return int(channels), int(height), int(width)


def vectors(rows: Array, mean: Array, scale: Array) -> Tensor:
    """Standardised numbers, in the rows' own precision.

    Args:
        rows: (N, D).
        mean: (D,).
        scale: (D,).
    """
    return torch.from_numpy(((rows - mean) / scale).astype(rows.dtype, copy=False))


def pictures(rows: Array, image_shape: Sequence[int]) -> Tensor:
    """Pictures (N, C, H, W), float32 in [0, 1].

    Args:
        rows: (N, H W C), floats in [0, 1] or bytes.
        image_shape: (H, W) or (H, W, C).

    Raises:
        DataError: If a float lies outside [0, 1].

    Example:
        >>> pictures(np.full((2, 12), 255, np.uint8), (2, 2, 3)).shape
        torch.Size([2, 3, 2, 2])
    """
    channels, height, width = channels_first(image_shape)
    shaped = rows.reshape(-1, height, width, channels).transpose(0, 3, 1, 2)
    kept = np.uint8 if rows.dtype == np.uint8 else np.float32
    return Dataset(torch.from_numpy(np.array(shaped, kept, order="C"))).tensor()


def flat(shown: Array) -> Array:
    """Pictures as rows: the inverse of `pictures`.

    Args:
        shown: (N, C, H, W).
    """
    return shown.transpose(0, 2, 3, 1).reshape(len(shown), -1)


def dataset(seen: Tensor) -> Dataset:
    """The same as a data set that `fit` takes.

    Args:
        seen: (N, D), any real numbers, or (N, C, H, W) in [0, 1].
    """
    shape = tuple(seen.shape[1:])
    kind, values = ("vectors", "real") if len(shape) == 1 else ("pictures", "unit")
    schema = Schema("X", "train", kind, shape, "float32", values=values)
    return Dataset(seen.to(torch.float32), schema=schema)

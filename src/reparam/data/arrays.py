"""NumPy arrays and torch tensors in one form: (N, C, H, W) or (N, D), uint8 or float32."""

import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from reparam.data.dataset import DTYPES, Dataset
from reparam.data.layout import resolve
from reparam.data.schema import KINDS, Schema
from reparam.errors import DataError

Array = NDArray[Any]
BINARY = (
    "{} are all 0 or 1 and are taken for binary values, not for the two darkest of 256 levels; "
    "divide by 255 yourself if they are those"
)


def from_array(
    array: Array | Tensor,
    labels: ArrayLike | Tensor | None = None,
    *,
    layout: str | None = None,
    name: str = "array",
    source: str | None = None,
    binary: bool = False,
) -> Dataset:
    """Make a dataset of an array; bytes that are all 0 or 1 become binary values.

    Args:
        array: Bytes, floats in [0, 1] or booleans; (N, H, W), (N, H, W, C), (N, C, H, W) or
            (N, D).
        labels: (N,) integers.
        layout: How the axes are ordered; by default channels are last in NumPy's arrays and first
            in tensors.
        name: What to call it.
        source: The file that it came from.
        binary: Whether bytes of zeros alone are binary values, too, as those beside them.

    Raises:
        DataError: If it is no array of pictures or vectors.

    Example:
        >>> from_array(np.zeros((7, 32, 48, 3), np.uint8), range(7))
        Dataset(7 pictures of (3, 32, 48), array, all)
    """
    axes = resolve(array.shape, layout, channels_last=not isinstance(array, Tensor))
    pixels = arrange(_tensor(array), axes)
    if pixels.dtype == torch.uint8 and pixels.numel():
        most = int(pixels.max())
        if most == 1:
            warnings.warn(BINARY.format(f"the bytes of {name}"), stacklevel=3)
        if most == 1 or (binary and most == 0):
            pixels = pixels.to(torch.float32)
    shape = tuple(pixels.shape[1:])
    schema = Schema(
        name=name,
        split="all",
        kind=KINDS[len(shape)],
        shape=shape,
        dtype=DTYPES[pixels.dtype],
        source=source,
        options={} if layout is None else {"layout": layout},
    )
    return Dataset(pixels, None if labels is None else label_tensor(labels), schema)


def arrange(pixels: Tensor, axes: str) -> Tensor:
    """Put the channels first.

    Args:
        pixels: The items.
        axes: What their axes are: `ND`, `NHW`, `NHWC` or `NCHW`.
    """
    if axes == "NHW":
        return pixels.unsqueeze(1)
    if axes == "NHWC":
        return pixels.permute(0, 3, 1, 2).contiguous()
    return pixels


def label_tensor(labels: ArrayLike | Tensor) -> Tensor:
    """Read labels as int64.

    Args:
        labels: (N,) integers of any width.

    Raises:
        DataError: If they are no integers.
    """
    if not isinstance(labels, Tensor):
        array = np.asarray(labels)
        _check_integers(array.dtype.kind in "iub", array.dtype)
        return torch.from_numpy(array.astype(np.int64))
    _check_integers(not (labels.is_floating_point() or labels.is_complex()), labels.dtype)
    return labels.to(torch.int64)


def _check_integers(are: bool, dtype: object) -> None:
    if not are:
        raise DataError(f"the labels are {dtype}: give one integer for each item, from 0 on")


def _tensor(array: Array | Tensor) -> Tensor:
    """The same numbers as uint8 or float32."""
    if isinstance(array, Tensor):
        _check_kind(str(array.dtype), _kind(array), "x.to(torch.uint8)")
        bytes_ = array.dtype == torch.uint8
        return array.detach() if bytes_ else array.detach().to(torch.float32)
    _check_kind(str(array.dtype), array.dtype.kind, "x.astype('uint8')")
    if array.dtype != np.uint8:
        with np.errstate(over="ignore"):  # a number that is too large is named by Dataset
            array = array.astype(np.float32, copy=False)
    return torch.from_numpy(np.require(array, requirements=["C", "W"]))


def _kind(tensor: Tensor) -> str:
    """NumPy's letter for a tensor's kind of number."""
    if tensor.dtype in (torch.bool, torch.uint8):
        return "b" if tensor.dtype == torch.bool else "u"
    if tensor.is_complex():
        return "c"
    return "f" if tensor.is_floating_point() else "i"


def _check_kind(dtype: str, kind: str, cast: str) -> None:
    if kind in "bf" or dtype in ("uint8", "torch.uint8"):
        return
    if kind in "iu":
        raise DataError(
            f"the pixels are {dtype}: if they are 0 to 255 say {cast}, else divide them by their "
            "largest value"
        )
    if kind == "O":
        raise DataError(
            "the array holds objects, such as pictures of several sizes: give numbers of one shape"
        )
    raise DataError(f"the pixels are {dtype}: give uint8, or floats in [0, 1]")

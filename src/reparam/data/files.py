"""Arrays in files: `.npy` holds one, `.npz` several by name. Pickled objects are never loaded."""

import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from reparam.data.arrays import from_array
from reparam.data.dataset import Dataset
from reparam.data.memory import check_fits
from reparam.errors import DataError

PIXEL_KEYS = ("x", "images", "X", "data")
LABEL_KEYS = ("y", "labels")
SUFFIXES = (".npy", ".npz")


def read_file(
    place: Path, *, layout: str | None = None, labels: ArrayLike | Tensor | None = None
) -> tuple[Dataset, Dataset | None]:
    """Read an `.npy` or `.npz` file.

    Args:
        place: The file.
        layout: How its axes are ordered; channels last by default.
        labels: (N,) integers that go with an `.npy` file.

    Returns:
        The items and, where an archive has `x_test`, the test set.

    Raises:
        DataError: If it cannot be read or holds no pictures or vectors.
    """
    if place.suffix.lower() not in SUFFIXES:
        raise DataError(
            f"{place} is no .npy, .npz or .parquet file and no folder: give one of these"
        )
    if place.suffix.lower() == ".npy":
        return _read_one(place, layout, labels), None
    if labels is not None:
        raise DataError(f"labels= has no effect on {place}: put them into it as y")
    return _read_archive(place, layout)


def _read_one(place: Path, layout: str | None, labels: ArrayLike | Tensor | None) -> Dataset:
    with _reading(place):
        array = np.lib.format.open_memmap(place, mode="r")  # the header; no pixel yet
    _check_room(place, array.shape, array.dtype)
    source = str(place) if labels is None else None
    with _naming(place):
        return from_array(array, labels, layout=layout, name=place.stem, source=source)


def _read_archive(place: Path, layout: str | None) -> tuple[Dataset, Dataset | None]:
    if not zipfile.is_zipfile(place):
        raise DataError(f"{place} is no .npz archive, or is truncated: write it with numpy.savez")
    with _reading(place), place.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        if "x_train" in archive and "x_test" in archive:
            first = _member(place, archive, "x_train", ("y_train",), layout)
            binary = archive["x_train"].dtype == np.uint8 and first.schema.dtype == "float32"
            test = _member(place, archive, "x_test", ("y_test",), layout, binary)
            _check_pair(place, first, test)
            return first, test
        found = [key for key in PIXEL_KEYS if key in archive]
        if len(found) != 1:
            wanted = f"one of {', '.join(PIXEL_KEYS)}, or x_train and x_test"
            holds = ", ".join(archive) or "nothing"
            raise DataError(f"{place} holds {holds}: name its pixels {wanted}")
        return _member(place, archive, found[0], LABEL_KEYS, layout), None


def _check_member(place: Path, archive: Any, key: str) -> None:  # noqa: ANN401
    """Refuse an array that is not there as its header says, or that no memory can hold."""
    file = archive.zip
    name = next(each for each in (key, f"{key}.npy") if each in file.namelist())
    with file.open(name) as member:
        read = np.lib.format.read_array_header_1_0
        if np.lib.format.read_magic(member) != (1, 0):
            read = np.lib.format.read_array_header_2_0
        shape, _, dtype = read(member)
    held, said = file.getinfo(name).file_size, math.prod(shape) * dtype.itemsize
    if not 0 <= said <= held:
        raise DataError(
            f"{place} is damaged: its {key} says that it has {said:,} bytes: write it again"
        )
    check_fits(said, f"{key} in {place}", "give fewer items or smaller pictures")


def _member(
    place: Path,
    archive: Mapping[str, NDArray[Any]],
    key: str,
    label_keys: tuple[str, ...],
    layout: str | None,
    binary: bool = False,
) -> Dataset:
    wanted = [name for name in label_keys if name in archive][:1]
    for name in (key, *wanted):
        _check_member(place, archive, name)
    array = archive[key]
    labels = archive[wanted[0]] if wanted else None
    with _naming(place):
        return from_array(
            array, labels, layout=layout, name=place.stem, source=str(place), binary=binary
        )


def _check_pair(place: Path, first: Dataset, test: Dataset) -> None:
    if first.shape != test.shape or first.schema.dtype != test.schema.dtype:
        raise DataError(
            f"{place}: x_train holds {first.schema.dtype} of {first.shape} and x_test "
            f"{test.schema.dtype} of {test.shape}: give both the same"
        )
    if (first.labels is None) != (test.labels is None):
        lacks = "y_train" if first.labels is None else "y_test"
        raise DataError(f"{place} has no {lacks}: give labels for both parts or for none")


def _check_room(place: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    width = 1 if dtype == np.uint8 else 4
    check_fits(math.prod(shape) * width, str(place), "give fewer items or smaller pictures")


@contextmanager
def _reading(place: Path) -> Iterator[None]:
    """What NumPy says of a file that it cannot read, as one sentence that names the file."""
    try:
        yield
    except DataError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # a header is Python's text, which may be wrong in any way
        if "Object arrays" in str(error) or "Python objects" in str(error):
            raise DataError(
                f"{place} holds Python objects, such as pictures of several sizes: "
                "save one array of numbers"
            ) from error
        raise DataError(
            f"{place} cannot be read ({error}): write it again with numpy.save or numpy.savez"
        ) from error


@contextmanager
def _naming(place: Path) -> Iterator[None]:
    """Put the file's name before what is wrong with its array."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{place}: {error}") from error

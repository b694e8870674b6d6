"""A folder of pictures: its sub-folders are classes, or it has none.

Every header is read first, so that a picture of another size, a broken file or a lack of memory is
known before the first is decoded. Decoding runs in threads, as pillow works outside Python's lock.
"""

import os
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from PIL import Image

from reparam.data.dataset import Dataset
from reparam.data.listing import Listing, list_folder
from reparam.data.memory import check_fits
from reparam.data.pictures import Header, read_header, read_picture
from reparam.data.schema import Schema
from reparam.errors import DataError

Result = TypeVar("Result")
Size = tuple[int, int]


def read_pictures(folder: Path, size: Size | None = None) -> tuple[Dataset, Dataset | None]:
    """Read a folder of pictures into memory.

    Args:
        folder: It holds pictures, or a sub-folder of pictures for each class, or `train` and
            `test` that hold one of these.
        size: The height and width in pixels to stretch to; not needed where all have one size.

    Returns:
        The items, sorted by name, and the test set where there is a `test` folder.

    Raises:
        DataError: If a file cannot be read, sizes are mixed, or memory would not do.
    """
    if size is not None and (len(size) != 2 or min(size) < 1):
        raise DataError(f"size={size}: give the height and the width in pixels, such as (64, 64)")
    listing = list_folder(folder)
    headers = in_threads(read_header, listing.files)
    grey = all(header.grey for header in headers)
    target = (size[0], size[1]) if size else _common_size(listing.files, headers)
    channels = 1 if grey else 3
    check_fits(
        len(listing.files) * channels * target[0] * target[1],
        f"the {len(listing.files)} pictures in {folder} at {target[0]} x {target[1]}",
        "give a smaller --size or fewer pictures",
    )
    pixels = np.empty((len(listing.files), channels, *target), np.uint8)

    def place(index: int) -> None:
        pixels[index] = read_picture(listing.files[index], grey=grey, size=target)

    in_threads(place, range(len(listing.files)))
    schema = Schema(
        name=folder.resolve().name,
        split="all",
        kind="pictures",
        shape=pixels.shape[1:],
        dtype="uint8",
        classes=listing.classes,
        source=str(folder),
        options={} if size is None else {"size": target},
    )
    labels = None if listing.labels is None else torch.tensor(listing.labels)
    whole = Dataset(torch.from_numpy(pixels), labels, schema)
    return _parts(whole, listing)


def in_threads(work: Callable[..., Result], items: Sequence[object]) -> list[Result]:
    """Do work on every item, and report the first failure with the number of the others.

    Args:
        work: What to do; it raises `DataError` where it fails.
        items: What to do it on.

    Raises:
        DataError: If it failed on one.
    """

    def attempt(item: object) -> Result | DataError:
        try:
            return work(item)
        except DataError as error:
            return error

    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        results = list(pool.map(attempt, items))
    failures = [result for result in results if isinstance(result, DataError)]
    if failures:
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        raise DataError(f"{failures[0]}{more}") from failures[0]
    return [result for result in results if not isinstance(result, DataError)]


def _common_size(files: Sequence[Path], headers: Sequence[Header]) -> Size:
    sizes = [(header.height, header.width) for header in headers]
    counts = Counter(sizes)
    if len(counts) > 1:
        (usual, _), (other, _) = counts.most_common(2)
        first, second = files[sizes.index(usual)], files[sizes.index(other)]
        raise DataError(
            f"the pictures have {len(counts)} sizes, such as {usual[0]} x {usual[1]} "
            f"(height x width: {first}) and {other[0]} x {other[1]} ({second}): stretch them to "
            f"one with --size {usual[0]} {usual[1]} (in Python: size={usual})"
        )
    return sizes[0]


def _parts(whole: Dataset, listing: Listing) -> tuple[Dataset, Dataset | None]:
    if listing.train is None:
        return whole, None
    return whole[: listing.train], whole[listing.train :]

"""A collection of encoded pictures to a dataset, through the cache.

First the survey: every file is read once, for its size, its colour and its content's name. Then
what the cache lacks is decoded, in threads, since pillow works outside Python's lock, and some
pictures at a time, so that memory does not grow with their number. A file that cannot be read at
either step is left out, and named with all others in one sentence.
"""

import hashlib
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from tqdm import tqdm

from reparam.data import cache
from reparam.data.arrays import BINARY
from reparam.data.collection import Collection, Decoding, Size
from reparam.data.dataset import Dataset
from reparam.data.items import OnDisk
from reparam.data.pictures import Header, quietly, read_header, read_picture
from reparam.data.schema import Schema
from reparam.errors import DataError

Result = TypeVar("Result")
Skipped = dict[int, str]
VERSION, PIXELS, BLOCK, NAMED = 2, "pixels.npy", 1024, 10


@dataclass(frozen=True)
class Survey:
    """What the files of a collection have in common.

    Args:
        key: The cache entry's name: of the files' content and how they are decoded.
        shape: One decoded picture's (C, H, W).
        skipped: Which cannot be read, and why.
        frames: How many images those files hold that hold several.
    """

    key: str
    shape: tuple[int, int, int]
    skipped: Skipped
    frames: dict[int, int]


def decoded(
    collection: Collection, how: Decoding, *, strict: bool = False
) -> tuple[Dataset, Dataset | None]:
    """Make a dataset of a collection; its pictures stay on disk.

    Args:
        collection: The encoded pictures.
        how: How they become arrays of one size.
        strict: Whether to refuse a file that cannot be read, instead of leaving it out.

    Returns:
        The items and, where the collection has one, the test set.

    Raises:
        DataError: If sizes are mixed, nothing can be read, or a file cannot and `strict` is set.
    """
    stamp = cache.digest(VERSION, how.options, list(collection.files), list(collection.stamp))
    place = cache.remembered(stamp)
    if place is None:
        found = survey(collection, how)
        if strict:
            _refuse(collection, found.skipped)
        needed = len(collection.files) * int(np.prod(found.shape))
        place = cache.entry(
            found.key, needed, lambda folder: build(folder, collection, how, found)
        )
        cache.remember(stamp, place)
    skipped = {int(index): why for index, why in cache.contents(place)["skipped"].items()}
    if strict:
        _refuse(collection, skipped)
    if skipped:
        warnings.warn(_told(collection, skipped), stacklevel=2)
    frames = {int(index): count for index, count in cache.contents(place)["frames"].items()}
    if frames:
        warnings.warn(_first_frames(collection, frames), stacklevel=2)
    if cache.contents(place)["binary"]:
        warnings.warn(BINARY.format(f"the pixels of {collection.source}"), stacklevel=2)
    return _dataset(place, collection, how, skipped)


def survey(collection: Collection, how: Decoding) -> Survey:
    """Read every file once.

    Args:
        collection: The encoded pictures.
        how: How they will be decoded.

    Raises:
        DataError: If none can be read, or their sizes differ and none is given.
    """
    sizes: Counter[Size] = Counter()
    first: dict[Size, str] = {}
    skipped: Skipped = {}
    frames: dict[int, int] = {}
    grey, content = True, hashlib.blake2b(digest_size=16)
    content.update(cache.digest(VERSION, how.options).encode())

    def look(index: int) -> tuple[Header, bytes]:
        read = _read(collection, index)
        return read_header(read), hashlib.blake2b(read, digest_size=16).digest()

    for index, result in in_threads(look, len(collection.files), "reading"):
        content.update(collection.files[index].encode(errors="surrogateescape") + b"\0")
        if isinstance(result, DataError):
            skipped[index] = str(result)
            content.update(str(result).encode(errors="surrogateescape") + b"\0")
            continue
        header, name = result
        content.update(name)
        size = header.height, header.width
        sizes[size] += 1
        first.setdefault(size, collection.files[index])
        grey = grey and header.grey
        if header.frames > 1:
            frames[index] = header.frames
    if not sizes:
        _refuse(collection, skipped)
    target = how.size or _common_size(sizes, first)
    return Survey(content.hexdigest(), (1 if grey else 3, target[0], target[1]), skipped, frames)


def build(folder: Path, collection: Collection, how: Decoding, found: Survey) -> dict[str, Any]:
    """Decode a collection into a cache entry.

    Args:
        folder: The new entry.
        collection: The encoded pictures.
        how: How they are decoded.
        found: What the survey said.

    Returns:
        What the entry says of itself: `skipped` and `frames`, by index, and `binary`.

    Raises:
        DataError: If none can be decoded.
    """
    channels, height, width = found.shape
    count, skipped = len(collection.files), dict(found.skipped)
    array = np.lib.format.open_memmap(
        folder / PIXELS, mode="w+", dtype=np.uint8, shape=(count, *found.shape)
    )
    begin, step = array.offset, int(np.prod(found.shape))
    most = np.zeros(count, np.uint8)
    del array

    def decode(index: int) -> None:
        if index not in found.skipped:
            content = _read(collection, index)
            pixels = read_picture(content, grey=channels == 1, size=(height, width), how=how)
            most[index] = pixels.max()
            os.pwrite(file.fileno(), pixels.tobytes(), begin + index * step)

    with (folder / PIXELS).open("r+b") as file:
        for index, result in in_threads(decode, count, "decoding"):
            if isinstance(result, DataError):
                skipped[index] = str(result)
        os.fsync(file.fileno())
    if len(skipped) == count:
        _refuse(collection, skipped)
    binary = bool(most.max() == 1)
    if binary:
        stored = np.lib.format.open_memmap(folder / PIXELS, mode="r+")
        for start in range(0, count, BLOCK):
            stored[start : start + BLOCK] *= 255
        stored.flush()
    told = {"skipped": skipped, "frames": found.frames, "binary": binary}
    return {"files": count, "shape": found.shape, **told}


def in_threads(
    work: Callable[[int], Result], count: int, what: str
) -> Iterator[tuple[int, Result | DataError]]:
    """Do work for every index; results come in order, failures among them.

    Args:
        work: What to do; it raises `DataError` where it fails.
        count: How many indices.
        what: What the progress bar says.
    """

    def attempt(index: int) -> Result | DataError:
        try:
            return work(index)
        except DataError as error:
            return error

    with quietly(), ThreadPoolExecutor(os.cpu_count()) as pool:
        shown = tqdm(total=count, desc=what, unit="pictures", delay=2.0, leave=False)
        with shown:
            for start in range(0, count, BLOCK):
                block = range(start, min(start + BLOCK, count))
                yield from zip(block, pool.map(attempt, block), strict=True)
                shown.update(len(block))


def _read(collection: Collection, index: int) -> bytes:
    try:
        return collection.read(index)
    except OSError as error:
        raise DataError(error.strerror or str(error)) from error


def _dataset(
    place: Path, collection: Collection, how: Decoding, skipped: Skipped
) -> tuple[Dataset, Dataset | None]:
    kept = torch.ones(len(collection.files), dtype=torch.bool)
    kept[list(skipped)] = False
    items = OnDisk(place / PIXELS, kept.nonzero().flatten())
    labels = None if collection.labels is None else torch.tensor(collection.labels)[kept]
    schema = Schema(
        name=collection.name,
        split="all",
        kind="pictures",
        shape=items.shape,
        dtype="uint8",
        classes=collection.classes,
        source=collection.source,
        options=how.options,
    )
    whole = Dataset(items, labels, schema)
    if collection.train is None:
        return whole, None
    train = int(kept[: collection.train].sum())
    for part, count in (("training", train), ("test", len(whole) - train)):
        if count == 0:
            raise DataError(f"no picture of the {part} set in {collection.source} can be read")
    return whole[:train], whole[train:]


def _common_size(sizes: Counter[Size], first: dict[Size, str]) -> Size:
    if len(sizes) > 1:
        (usual, _), (other, _) = sizes.most_common(2)
        raise DataError(
            f"the pictures have {len(sizes)} sizes, such as {usual[0]} x {usual[1]} "
            f"(height x width: {first[usual]}) and {other[0]} x {other[1]} ({first[other]}): "
            f"bring them to one with --size {usual[0]} {usual[1]} (in Python: size={usual}), and "
            "say with --fit crop, pad or stretch how"
        )
    return next(iter(sizes))


def _listed(files: Sequence[str], skipped: Skipped) -> str:
    shown = [f"{files[index]} ({skipped[index]})" for index in sorted(skipped)[:NAMED]]
    more = len(skipped) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _told(collection: Collection, skipped: Skipped) -> str:
    return (
        f"{len(skipped):,} of {len(collection.files):,} pictures in {collection.source} are left "
        f"out, since they cannot be read: {_listed(collection.files, skipped)}; "
        "--strict (strict=True) refuses instead"
    )


def _first_frames(collection: Collection, frames: dict[int, int]) -> str:
    left = sum(frames.values()) - len(frames)
    named = collection.files[min(frames)]
    return (
        f"{len(frames):,} of {len(collection.files):,} files in {collection.source}, such as "
        f"{named}, hold several images (pages, or frames of an animation), of which the first is "
        f"taken and {left:,} are left out: save each as a file of its own to have them all"
    )


def _refuse(collection: Collection, skipped: Skipped) -> None:
    if skipped:
        raise DataError(
            f"{len(skipped):,} of {len(collection.files):,} pictures in {collection.source} "
            f"cannot be read: {_listed(collection.files, skipped)}: replace them or take them out"
        )

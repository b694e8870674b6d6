"""A folder of pictures: its sub-folders are classes, or it has none."""

import os
from pathlib import Path

from reparam.data.collection import Collection
from reparam.data.listing import list_folder


def read_folder(folder: Path) -> Collection:
    """List a folder's pictures; none is opened.

    Args:
        folder: It holds pictures, or a sub-folder of pictures for each class, or `train` and
            `test` that hold one of these.

    Raises:
        DataError: If it holds none, or pictures both beside and inside its sub-folders.
    """
    listing = list_folder(folder)

    def read(index: int) -> bytes:
        if not os.path.isfile(listing.files[index]):  # a pipe would be waited for
            raise OSError("it is no regular file")
        with open(listing.files[index], "rb") as file:
            return file.read()

    return Collection(
        name=_printable(folder.resolve().name),
        source=str(folder),
        files=[_printable(os.path.relpath(file, folder)) for file in listing.files],
        read=read,
        stamp=[os.path.realpath(folder), *(_stamp(file) for file in listing.files)],
        labels=listing.labels,
        classes=listing.classes and tuple(map(_printable, listing.classes)),
        train=listing.train,
    )


def _printable(name: str) -> str:
    """A file's name, with bytes that are no UTF-8 written out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _stamp(file: str) -> tuple[int, int]:
    """A file's size and the time of its last change; no file, no time."""
    try:
        found = os.stat(file)
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns

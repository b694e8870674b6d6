"""A folder of decoded pictures, so that every picture is decoded once.

An entry is named for what is in it: the content of the files and how they were decoded. It is
built beside its place and takes its name only when it is whole, so that a killed build is never
read; a lock lets one process build while others wait. What a source looked like from outside, its
files' names, sizes and times, is kept with the entry's name, so that the next run need not open a
single file.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pooch
from filelock import FileLock, Timeout

from reparam.atomic import replacing, sweep
from reparam.data.memory import GIB
from reparam.errors import DataError

VARIABLE = "REPARAM_CACHE"
BUILDING, LOCK, STAMPS, CONTENTS = ".building", ".lock", "stamps", "contents.json"


def root() -> Path:
    """The folder that holds the entries: what `REPARAM_CACHE` names, or the user's cache."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser() if named else Path(pooch.os_cache("reparam")) / "pictures"


def digest(*parts: Any) -> str:  # noqa: ANN401
    """A short name for plain values.

    Args:
        parts: Numbers, strings, lists of these.

    Example:
        >>> digest("a", 1) == digest("a", 1), digest("a", 1) == digest("a", 2)
        (True, False)
    """
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def remembered(stamp: str) -> Path | None:
    """The entry that was made of a source that looked like this; `None` if it is gone.

    Args:
        stamp: What the source looks like.
    """
    try:
        place = root() / (root() / STAMPS / stamp).read_text()
    except OSError:
        return None
    return place if (place / CONTENTS).is_file() else None


def remember(stamp: str, place: Path) -> None:
    """Keep which entry was made of a source that looked like this.

    Args:
        stamp: What the source looks like.
        place: The entry.
    """
    with replacing(root() / STAMPS / stamp) as file:
        file.write(place.name.encode())


def entry(key: str, needed: int, build: Callable[[Path], dict[str, Any]]) -> Path:
    """An entry's folder; it is built if it is not there.

    Args:
        key: What it is called.
        needed: About how many bytes it takes.
        build: Writes into a new folder, and returns what `contents` shall say.

    Raises:
        DataError: If there is no room for it, or the cache cannot be written.
    """
    place = root() / key
    with _writable(), FileLock(root() / f"{key}{LOCK}"):
        if (place / CONTENTS).is_file():
            return place
        _sweep(key)
        _check_room(needed)
        new = root() / f"{key}{BUILDING}-{os.getpid()}"
        new.mkdir()
        try:
            contents = build(new)
            with replacing(new / CONTENTS) as file:
                file.write(json.dumps(contents).encode())
            os.replace(new, place)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return place


def contents(place: Path) -> dict[str, Any]:
    """What an entry says of itself.

    Args:
        place: The entry.
    """
    found: dict[str, Any] = json.loads((place / CONTENTS).read_text())
    return found


def clear() -> tuple[int, int]:
    """Delete all entries but those that are being built.

    Returns:
        How many, and how many bytes they took.
    """
    entries = freed = 0
    with _writable():
        shutil.rmtree(root() / STAMPS, ignore_errors=True)
        for lock in sorted(root().glob(f"*{LOCK}")):
            try:
                with FileLock(lock, timeout=0):
                    key = lock.name.removesuffix(LOCK)
                    for place in [root() / key, *root().glob(f"{key}{BUILDING}*")]:
                        freed += sum(f.stat().st_size for f in place.rglob("*") if f.is_file())
                        entries += (place / CONTENTS).is_file()
                        shutil.rmtree(place, ignore_errors=True)
                lock.unlink(missing_ok=True)
            except Timeout:
                continue
    return entries, freed


def _sweep(key: str) -> None:
    """Remove what builds that were killed have left: of this key, which is held, and others'."""
    sweep(root() / STAMPS)
    for left in root().glob(f"*{BUILDING}*"):
        other = left.name.partition(BUILDING)[0]
        with suppress(Timeout), ExitStack() as stack:
            if other != key:
                stack.enter_context(FileLock(root() / f"{other}{LOCK}", timeout=0))
            shutil.rmtree(left, ignore_errors=True)


def _check_room(needed: int) -> None:
    free = shutil.disk_usage(root()).free
    if needed > free:
        raise DataError(
            f"the decoded pictures take {needed / GIB:.1f} GiB, and {root()} has "
            f"{free / GIB:.1f} GiB free: give a smaller size, or another folder by {VARIABLE}"
        )


@contextmanager
def _writable() -> Iterator[None]:
    """What the system says of a folder that it cannot write, as one sentence."""
    try:
        root().mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise DataError(
            f"the cache {root()} cannot be written ({error.strerror or error}): give another "
            f"folder by {VARIABLE}"
        ) from error

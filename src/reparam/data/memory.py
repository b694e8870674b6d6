"""Whether data fit into memory, asked before they are read."""

import math
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from reparam.errors import DataError

SHARE = 0.5
GIB = 2**30
AT_ONCE = 2**24
"""Numbers of the items that are taken at a time, at most."""


def items_at_once(shape: Sequence[int], most: int = 500) -> int:
    """How many items to take at a time: fewer of large ones.

    Args:
        shape: One item's shape.
        most: At most so many.

    Example:
        >>> items_at_once((3, 64, 64)), items_at_once((3, 480, 640))
        (500, 18)
    """
    return max(1, min(most, AT_ONCE // max(math.prod(shape), 1)))


def available(root: Path = Path("/")) -> int | None:
    """How many bytes of memory are free for use; `None` where the system does not say.

    A limit of the process's control group counts too, as in containers and batch systems.

    Args:
        root: Where the system's own files are.
    """
    found = [free for free in (_of_the_machine(root), *_of_the_groups(root)) if free is not None]
    return min(found, default=None)


def _of_the_machine(root: Path) -> int | None:
    try:
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _of_the_groups(root: Path) -> list[int]:
    """What the limit of each control group around the process leaves, in versions 1 and 2."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    left = []
    for line in lines:
        number, _, rest = line.partition(":")
        kinds, _, path = rest.partition(":")
        if number == "0":
            top, names = root / "sys/fs/cgroup", ("memory.max", "memory.current")
        elif "memory" in kinds.split(","):
            top = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        inner = top / path.strip("/")
        around = [parent for parent in inner.parents if parent.is_relative_to(top)]
        for group in (inner, *around):
            with suppress(OSError, ValueError):  # "max" is no number
                limit, used = (int((group / name).read_text()) for name in names)
                left.append(max(0, limit - used + _reclaimable(group)))
    return left


def _reclaimable(group: Path) -> int:
    """The bytes of cached files that a group gives back when it needs them."""
    with suppress(OSError, ValueError):
        pairs = (line.split() for line in (group / "memory.stat").read_text().splitlines())
        kept = dict(pair for pair in pairs if len(pair) == 2)
        return int(kept.get("total_inactive_file", kept.get("inactive_file", 0)))
    return 0


def check_fits(needed: int, what: str, advice: str) -> None:
    """Refuse data that would fill more than half of the memory.

    Args:
        needed: Bytes.
        what: What would fill it.
        advice: What to do instead.

    Raises:
        DataError: If they do not fit.
    """
    free = available()
    if free is not None and needed > SHARE * free:
        raise DataError(
            f"{what} would take {needed / GIB:.1f} GiB of the {free / GIB:.1f} GiB of memory that "
            f"are free: {advice}"
        )

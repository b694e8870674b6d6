"""Whether data fit into memory, asked before they are read."""

import os
from pathlib import Path

from reparam.errors import DataError

SHARE = 0.5
GIB = 2**30


def available() -> int | None:
    """How many bytes of memory are free for use; `None` where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


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

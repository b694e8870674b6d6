"""Keeping freed memory for the next step.

A step frees some tens of megabytes and asks for as many again. glibc hands them back to the system
in between, which then clears thousands of pages a step: about an eighth of the time on the CPU.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

TRIM, MMAP = -1, -3
MMAP_LARGEST = 32 * 2**20
NEVER = 2**31 - 1
USERS = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES", "LD_PRELOAD")


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Inside, glibc keeps what is freed; afterwards it hands it back.

    glibc does not say what its settings were: afterwards it goes on to keep up to 64 MiB.

    Does nothing with another C library, or where the user has set how memory is allocated.

    Example:
        >>> with freed_memory_kept():
        ...     sum(range(3))
        3
    """
    library = _c_library()
    if library is None or any(os.environ.get(name) for name in USERS):
        yield
        return
    library.mallopt(MMAP, MMAP_LARGEST)
    library.mallopt(TRIM, NEVER)
    try:
        yield
    finally:
        library.mallopt(TRIM, 2 * MMAP_LARGEST)
        library.malloc_trim(0)


def _c_library() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None) if os.name == "posix" else None
    return library if hasattr(library, "mallopt") else None

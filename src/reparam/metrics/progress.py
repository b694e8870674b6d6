"""Progress on standard error, of what takes longer than one likes to wait without a word."""

from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

PATIENCE = 2.0
"""Seconds after which progress is shown."""


def bar(
    work: Iterable[Any] | None = None,
    total: int | None = None,
    unit: str = "items",
    progress: bool = True,
) -> tqdm:
    """A progress bar that appears after two seconds, so that short work leaves no trace.

    Args:
        work: What to go through; without it the bar is moved by hand.
        total: How much there is, where it cannot be counted.
        unit: What is counted.
        progress: Whether to show anything at all.

    Example:
        >>> list(bar([3, 4]))
        [3, 4]
    """
    return tqdm(work, total=total, unit=unit, delay=PATIENCE, disable=not progress, leave=False)

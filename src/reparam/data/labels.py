"""Labels as other programs write them, as indices of classes."""

from collections.abc import Sequence
from typing import Any

from reparam.errors import DataError


def numbered(
    values: Sequence[Any], names: Sequence[str] | None, column: str
) -> tuple[list[int], tuple[str, ...] | None]:
    """Count labels from 0.

    Args:
        values: Whole numbers or names; `None` where an item has none.
        names: The classes' names, where numbers stand for them.
        column: What the labels are called.

    Returns:
        The index of each one's class, -1 for none, and the classes' names where there are any.

    Raises:
        DataError: If they are neither.

    Example:
        >>> numbered(["dog", "cat", None, "dog"], None, "label")
        ([1, 0, -1, 1], ('cat', 'dog'))
    """
    given = [value for value in values if value is not None]
    if all(isinstance(value, str) for value in given):
        found = tuple(sorted(set(given)))
        index = {name: label for label, name in enumerate(found)}
        return [-1 if value is None else index[value] for value in values], found
    if all(isinstance(value, int) for value in given):
        classes = None if names is None else tuple(names)
        return [-1 if value is None else int(value) for value in values], classes
    raise DataError(
        f"the column {column!r} holds neither whole numbers nor names: give a label for each item"
    )

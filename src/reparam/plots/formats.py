"""Which format a path asks for."""

import os
from pathlib import Path

from reparam.errors import ReparamError


def format_of(path: str | os.PathLike[str], formats: dict[str, str]) -> str:
    """The format that a path's suffix names.

    Args:
        path: A path with a suffix; upper and lower case are alike.
        formats: Formats by suffix, dot included.

    Returns:
        The format.

    Raises:
        ReparamError: If the suffix is none of these.

    Examples:
        >>> format_of("loss.PNG", {".png": "png", ".svg": "svg"})
        'png'
    """
    suffix = Path(path).suffix.lower()
    if suffix not in formats:
        known = list(formats)
        names = " or ".join(filter(None, [", ".join(known[:-1]), known[-1]]))
        raise ReparamError(f"{path} names no format: end it in {names}")
    return formats[suffix]

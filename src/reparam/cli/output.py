"""What commands print and write."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reparam.errors import ReparamError

SHEETS = (".png", ".jpg", ".jpeg", ".webp")
"""Suffixes of many pictures as one."""
FIGURES = (".png", ".svg")
"""Suffixes of drawings with words in them."""


def show(document: Any, as_json: bool, title: str = "") -> None:  # noqa: ANN401
    """Print a result: JSON if asked for, else a line for each name and value.

    Args:
        document: Plain values.
        as_json: Whether to print JSON.
        title: What to say above the lines.
    """
    if as_json:
        json.dump(document, sys.stdout, indent=1, allow_nan=False)
        sys.stdout.write("\n")
        return
    lines = rows(document)
    width = max(len(name) for name, _ in lines)
    for line in [title] * bool(title) + [f"{name:<{width}}  {value}" for name, value in lines]:
        print(line)


def rows(document: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested names and values as lines of one name and one value.

    Args:
        document: Plain values, nested.
        prefix: What names start with.
    """
    found: list[tuple[str, str]] = []
    for key, value in document.items():
        name = f"{prefix}{key}".replace("_", " ")
        if isinstance(value, Mapping):
            found += rows(value, f"{name}: ")
        elif isinstance(value, float):
            found.append((name, f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"))
        elif isinstance(value, list | tuple):
            found.append((name, ", ".join(_shown(each) for each in value)))
        else:
            found.append((name, "none" if value is None else str(value)))
    return found


def _shown(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def suffix_of(out: Path, pictures: Sequence[str] = ()) -> str:
    """Whether a path is for arrays or for a picture, before any work is done.

    Args:
        out: Where to write.
        pictures: The suffixes of pictures that can be written.

    Raises:
        ReparamError: If it is for neither.
    """
    suffix = out.suffix.lower()
    if suffix not in (".npz", *pictures):
        or_else = f" or in {', '.join(pictures)} for a picture" if pictures else ""
        raise ReparamError(
            f"--out {out} is no kind of file that this command writes: end it in .npz for arrays"
            f"{or_else}"
        )
    return suffix


def check_drawable(out: Path, shape: Sequence[int]) -> None:
    """Refuse to draw what is no picture.

    Args:
        out: Where to write; arrays can be of anything.
        shape: One item's shape.

    Raises:
        ReparamError: If these are vectors and the path is for a picture.
    """
    if out.suffix.lower() != ".npz" and len(shape) != 3:
        raise ReparamError(f"vectors of {shape[0]} numbers cannot be drawn: end --out in .npz")


def write_json(out: Path | None, document: Any) -> None:  # noqa: ANN401
    """Write a result as JSON, whole or not at all.

    Args:
        out: Where to; `None` for nowhere.
        document: Plain values.
    """
    if out is None:
        return
    from reparam.atomic import replacing

    with replacing(out) as file:
        file.write(json.dumps(document, indent=1, allow_nan=False).encode())


def write_arrays(out: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays as .npz, whole or not at all.

    Args:
        out: Where.
        arrays: By name; `None` is left out.
    """
    from reparam.atomic import replacing

    with replacing(out) as file:
        given: dict[str, Any] = {k: np.asarray(v) for k, v in arrays.items() if v is not None}
        np.savez(file, **given)

"""What commands print and write."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from reparam.errors import ReparamError

PICTURES = (".png", ".jpg", ".jpeg", ".webp")


def show(document: Any, as_json: bool, title: str = "") -> None:  # noqa: ANN401
    """Print a result: JSON if asked for, else a table of names and values.

    Args:
        document: Plain values.
        as_json: Whether to print JSON.
        title: Over the table.
    """
    if as_json:
        json.dump(document, sys.stdout, indent=1, allow_nan=False)
        sys.stdout.write("\n")
        return
    table = Table(title=title or None, show_header=False, title_justify="left", box=None)
    for key, value in rows(document):
        table.add_row(key, value)
    Console().print(table)


def rows(document: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """A nested table as lines of names and values.

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
        else:
            found.append((name, str(value)))
    return found


def suffix_of(out: Path) -> str:
    """Whether a path is for pictures or for arrays, before any work is done.

    Args:
        out: Where to write.

    Raises:
        ReparamError: If it is for neither.
    """
    suffix = out.suffix.lower()
    if suffix not in (*PICTURES, ".npz"):
        raise ReparamError(
            f"--out {out} names no kind of file: end it in .npz for arrays"
            f" or in {', '.join(PICTURES)} for a picture"
        )
    return suffix


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

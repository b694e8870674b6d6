"""What commands print and write."""

import json
import math
import shutil
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reparam.errors import ReparamError

SHEETS = (".png", ".jpg", ".jpeg", ".webp")
"""Suffixes of many pictures as one."""
FIGURES = (".png", ".svg")
"""Suffixes of drawings with words in them."""

GIB = 2**30
LEGIBLE = 28
"""Pixels that an image takes in a drawing at least."""
MOST_PIXELS, LONGEST = 2**26, 2**15
"""Of a drawing: in all, and along a side."""


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


@dataclass
class Parts:
    """An array that is written as it is made, some of its first axis at a time.

    Args:
        shape: Of the whole.
        parts: Its parts in order, float32.
    """

    shape: tuple[int, ...]
    parts: Iterable[Any]


def write_arrays(out: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays as .npz, whole or not at all.

    Args:
        out: Where.
        arrays: By name, whole or in `Parts`; `None` is left out.
    """
    from reparam.atomic import replacing

    with replacing(out) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            if array is None:
                continue
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                if isinstance(array, Parts):
                    head = {"descr": "<f4", "fortran_order": False, "shape": array.shape}
                    np.lib.format.write_array_header_1_0(member, head)
                    for part in array.parts:
                        member.write(np.ascontiguousarray(part, "<f4").data)
                else:
                    np.lib.format.write_array(member, np.asarray(array))


def check_room(out: Path, shape: Sequence[int]) -> None:
    """Refuse float32 arrays for which the disk has no room.

    Args:
        out: Where to write.
        shape: The array's.

    Raises:
        ReparamError: If it is too large.
    """
    folder = next(parent for parent in out.absolute().parents if parent.exists())
    needed, free = 4 * math.prod(shape), shutil.disk_usage(folder).free
    if needed > free:
        raise ReparamError(
            f"--out {out} would take {needed / GIB:.1f} GiB, and {free / GIB:.1f} GiB are free "
            "there: take fewer, or write elsewhere"
        )


def check_sheet(out: Path, rows: int, columns: int, shape: Sequence[int], option: str) -> None:
    """Refuse drawings that are too large to be made or looked at.

    Args:
        out: Where to write; arrays may have any size.
        rows: Images from the top down.
        columns: Images in a row.
        shape: One image's (C, H, W).
        option: What to give less of.

    Raises:
        ReparamError: If it is too large.
    """
    if out.suffix.lower() == ".npz":
        return
    height, width = (max(side, LEGIBLE) for side in shape[-2:])
    high, wide = rows * height, columns * width
    if high * wide > MOST_PIXELS or max(high, wide) > LONGEST:
        raise ReparamError(
            f"a drawing of {rows:,} x {columns:,} images is too large: give a smaller {option}, "
            "or end --out in .npz"
        )

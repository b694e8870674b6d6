"""Rows of pictures that change from left to right, with names for rows and columns."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reparam.errors import DataError, ReparamError
from reparam.plots.pictures import enlarged, pixels
from reparam.plots.style import DPI, FAINT, style
from reparam.plots.words import length, line_height

# All lengths are pixels of the saved PNG, so that a picture's pixels stay sharp.
_MARGIN = 24
_GAP = 4  # pictures
_APART = 28  # what stands apart
_TILE = 112  # the longer side of a picture, when there is room
_WIDTH = 1400  # all columns together, when there is a choice
_NARROWEST = 600  # what has room for a title
_LONGEST = 2**16 - 1  # what can be drawn
_SIZES = {"title": 11.0, "note": 8.5, "side": 8.5, "label": 7.5}


def strips(
    pictures: NDArray[Any],
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    note: str = "",
    ends: Sequence[str] = (),
    apart: Sequence[int] = (),
) -> Figure:
    """Draw pictures in rows, each row on its way from left to right.

    Args:
        pictures: (R, K, C, H, W), C 1 or 3: bytes, or floats in [0, 1].
        rows: A name for each row, on its left; it may have several lines.
        columns: A name for each column, above it.
        title: A line above all.
        note: Fainter lines under the title, such as what the columns' numbers are.
        ends: A name for each row on its right; none if empty.
        apart: Before which columns to leave a wider gap.

    Returns:
        A figure with one axes, to be shown or saved at 150 dots per inch.

    Raises:
        DataError: If these are no pictures, or the names do not go with them.
        ReparamError: If there are more than can be drawn.

    Example:
        >>> x = np.random.default_rng(0).random((2, 3, 1, 28, 28))
        >>> figure = strips(x, ["a", "b"], ["-1", "0", "1"], "Two ways", apart=[1])
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['Two ways', 'a', 'b', '-1', '0', '1']
    """
    given = np.asarray(pictures)
    if given.ndim != 5:
        raise DataError(f"The pictures must have the shape (R, K, C, H, W), not {given.shape}.")
    if given.shape[:2] != (len(rows), len(columns)) or len(ends) not in (0, len(rows)):
        raise DataError(
            f"There are {len(rows)} rows and {len(columns)} columns of names for "
            f"{given.shape[0]} and {given.shape[1]} of pictures."
        )
    bytes_ = pixels(given.reshape(-1, *given.shape[2:]))
    height, width = bytes_.shape[1:3]
    words = max(_length(name, "label") for name in columns) + 8
    room = max(_WIDTH // len(columns), words)
    scale = max(1, min(_TILE // max(height, width), room // width))
    height, width = height * scale, width * scale

    cell = max(width, words) + _GAP
    tallest = max(name.count("\n") + 1 for name in (*rows, *ends))
    down = max(height, tallest * _line("side") + 8) + _GAP
    left = _MARGIN + max(_length(name, "side") for name in rows) + 12
    across = [left + i * cell + _APART * sum(i >= j for j in apart) for i in range(len(columns))]
    right = across[-1] + cell - _GAP
    beside = max((12 + _length(name, "side") for name in ends), default=0)
    total = max(right + beside + _MARGIN, _NARROWEST)
    heading = [(line, "title") for line in _wrapped(title, total, "title")]
    heading += [(line, "note") for line in _wrapped(note, total, "note")]
    top = _MARGIN + sum(_line(kind) for _, kind in heading) + 12 + _line("label")
    bottom = top + len(rows) * down - _GAP + _MARGIN
    if max(total, bottom) > _LONGEST:
        raise ReparamError(
            f"The sheet would have {total} x {bottom} pixels, but a figure ends at {_LONGEST}: "
            "draw fewer pictures or write arrays (.npz)."
        )

    sheet = np.full((bottom, total, 3), 255, np.uint8)
    for i, picture in enumerate(enlarged(bytes_, scale)):
        row, column = divmod(i, len(columns))
        y = top + row * down + (down - _GAP - height) // 2
        x = across[column] + (cell - _GAP - width) // 2
        sheet[y : y + height, x : x + width] = picture
    with style():
        figure = Figure(figsize=(total / DPI, bottom / DPI), dpi=DPI)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), xlim=(0, total), ylim=(bottom, 0))
        axes.set_axis_off()
        axes.imshow(sheet, extent=(0, total, bottom, 0), interpolation="nearest", aspect="auto")
        y = _MARGIN
        for line, kind in heading:
            look: dict[str, Any] = {"fontweight": "bold"} if kind == "title" else {"color": FAINT}
            axes.text(_MARGIN, y, line, fontsize=_SIZES[kind], va="top", parse_math=False, **look)
            y += _line(kind)
        for names, x, side in ((rows, left - 12, "right"), (ends, right + 12, "left")):
            for row, name in enumerate(names):
                axes.text(
                    x, top + row * down + (down - _GAP) / 2, name, fontsize=_SIZES["side"],
                    ha=side, va="center", parse_math=False,
                )  # fmt: skip
        for x, name in zip(across, columns, strict=True):
            axes.text(
                x + (cell - _GAP) / 2, top - 7, name, fontsize=_SIZES["label"], ha="center",
                va="baseline", parse_math=False,
            )  # fmt: skip
    return figure


def _line(kind: str) -> int:
    return line_height(_SIZES[kind])


def _length(text: str, kind: str) -> int:
    return length(text, _SIZES[kind], kind == "title")


def _wrapped(text: str, total: int, kind: str) -> list[str]:
    """A text's lines, each short enough for a sheet of some width."""
    room = 0.95 * (total - 2 * _MARGIN)  # drawn letters are a little wider than measured
    longest = max(map(len, text.splitlines()), default=0)
    letters = max(12, int(longest * room / max(1, _length(text, kind))))
    return [line for part in text.splitlines() for line in textwrap.wrap(part, letters)]

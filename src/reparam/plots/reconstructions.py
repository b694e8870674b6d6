"""Originals over their reconstructions, so that each can be compared with its own."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reparam.errors import DataError, ReparamError
from reparam.plots.pictures import enlarged, pixels, tiled
from reparam.plots.style import DPI, style
from reparam.plots.words import length, line_height

# All lengths are pixels of the saved PNG, so that a picture's pixels fall on whole
# ones and stay sharp.
_MARGIN = 24
_BETWEEN = 8  # columns of pairs
_WITHIN = 4  # an original and its reconstruction
_AFTER = 24  # rows of pairs
_TILE = 140  # the longer side of a picture, when there is room
_WIDTH = 1400  # all columns together, when there is a choice
_COLUMNS = range(8, 17)
_SIZES = {"title": 11.0, "side": 9.0, "label": 7.5}
_SIDES = ("original", "reconstruction")


def reconstructions(
    originals: NDArray[Any],
    reconstructed: NDArray[Any],
    labels: Sequence[object] | None = None,
    title: str | None = None,
    columns: int | None = None,
) -> Figure:
    """Draw pictures over their reconstructions, in rows of pairs.

    Args:
        originals: Pictures (N, C, H, W), C 1 or 3: bytes, or floats in [0, 1].
        reconstructed: What the model makes of each, of the same shape.
        labels: A name for each pair, such as its class, or `None`.
        title: A line above all, or `None`.
        columns: Pairs in a row; if not given, 8 to 16, so that few places stay empty.

    Returns:
        A figure with one axes, to be shown or saved at 150 dots per inch.

    Raises:
        DataError: If these are no pictures, or do not go together.
        ReparamError: If `columns` makes no sense.

    Examples:
        >>> x = np.random.default_rng(0).random((10, 1, 28, 28))
        >>> figure = reconstructions(x, x**2, labels=range(10), title="10 pictures, squared")
        >>> [text.get_text() for text in figure.axes[0].texts][:3]
        ['10 pictures, squared', 'original', 'reconstruction']
    """
    first, second = pixels(originals, "originals"), pixels(reconstructed, "reconstructions")
    if first.shape != second.shape:
        raise DataError(
            f"The originals have the shape {np.shape(originals)}, but their reconstructions "
            f"{np.shape(reconstructed)}."
        )
    number, height, width, _ = first.shape
    names = None if labels is None else [_short(str(label)) for label in labels]
    if names is not None and len(names) != number:
        raise DataError(f"There are {len(names)} labels for {number} pictures.")
    if columns is not None and columns < 1:
        raise ReparamError(f"columns must be at least 1, not {columns}.")
    columns = min(columns, number) if columns else _columns(number, height, width)

    scale = max(1, min(_TILE // max(height, width), _WIDTH // (columns * width)))
    height, width = height * scale, width * scale
    widest = max((_length(name, "label") for name in names or ()), default=0)
    cell = max(width + _BETWEEN, widest + 12)
    above = _line("label") if names else 0
    pair = above + 2 * height + _WITHIN
    left = _MARGIN + max(_length(side, "side") for side in _SIDES) + 12
    total = left + columns * cell - (cell - width) + max(_MARGIN, (cell - width) // 2 + 8)
    heading = _wrapped(title, total - 2 * _MARGIN)
    top = _MARGIN + (len(heading) * _line("title") + 14 if heading else 0)
    rows = math.ceil(number / columns)
    bottom = top + rows * (pair + _AFTER) - _AFTER + _MARGIN

    with style():
        figure = Figure(figsize=(total / DPI, bottom / DPI), dpi=DPI)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), xlim=(0, total), ylim=(bottom, 0))
        axes.set_axis_off()
        if heading:
            axes.text(
                _MARGIN, _MARGIN, "\n".join(heading), fontsize=_SIZES["title"], fontweight="bold",
                va="top", parse_math=False,
            )  # fmt: skip
        for row in range(rows):
            start = top + row * (pair + _AFTER) + above
            some = slice(row * columns, (row + 1) * columns)
            for side, name in enumerate(_SIDES):
                y = start + side * (height + _WITHIN)
                pictures = enlarged((first, second)[side][some], scale)
                strip = tiled(pictures, len(pictures), (0, cell - width), (255, 255, 255))
                axes.imshow(
                    strip, extent=(left, left + strip.shape[1], y + height, y),
                    interpolation="nearest", aspect="auto",
                )  # fmt: skip
                axes.text(
                    left - 12,
                    y + height / 2,
                    name,
                    fontsize=_SIZES["side"],
                    ha="right",
                    va="center",
                )
            for column, name in enumerate(names[some] if names else ()):
                axes.text(
                    left + column * cell + width / 2, start - 7, name, fontsize=_SIZES["label"],
                    ha="center", va="baseline", parse_math=False,
                )  # fmt: skip
        axes.set(xlim=(0, total), ylim=(bottom, 0))
    return figure


def _columns(number: int, height: int, width: int) -> int:
    """Pairs in a row: few empty places, then a sheet about 1.6 times as wide as high."""
    if number <= 10:
        return max(1, min(number, _WIDTH // width))
    wish = math.sqrt(1.6 * number * 2 * height / width)
    choice = [n for n in _COLUMNS if n * width <= _WIDTH] or [max(1, _WIDTH // width)]
    return min(choice, key=lambda n: (-number % n, abs(n - wish)))


def _short(name: str, longest: int = 16) -> str:
    return name if len(name) <= longest else name[: longest - 1] + "…"


def _line(kind: str) -> int:
    return line_height(_SIZES[kind])


def _length(text: str, kind: str) -> int:
    return length(text, _SIZES[kind], kind == "title")


def _wrapped(title: str | None, room: int) -> list[str]:
    """A title's lines, each short enough for the room."""
    lines: list[str] = []
    for line in (title or "").splitlines():
        letters = max(12, int(len(line) * room / max(1, _length(line, "title"))))
        lines += textwrap.wrap(line, letters)
    return lines

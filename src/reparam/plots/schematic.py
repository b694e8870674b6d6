"""A network as a row of boxes, drawn from its layers' names and shapes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from reparam.plots.style import COLOURS, FAINT, INK, style

GAP = 1.3


@dataclass(frozen=True)
class Block:
    """One array on its way through a network.

    Args:
        name: What it is, or what made it.
        shape: Its shape without the batch: (C, H, W) or (D,).
        colour: A name from `COLOURS`.
        drawn: Whether it is drawn by chance, as a circle.
    """

    name: str
    shape: tuple[int, ...]
    colour: str = "sky blue"
    drawn: bool = False


def schematic(blocks: Sequence[Block | tuple[Block, Block]], title: str) -> Figure:
    """Draw a network from left to right.

    A box's height follows its pixels, its width its channels.

    Args:
        blocks: The arrays in order; a pair stands one above the other.
        title: A line above.

    Example:
        >>> figure = schematic([Block("x", (1, 28, 28)), Block("z", (2,), drawn=True)], "Two")
        >>> len(figure.axes[0].patches) >= 3
        True
    """
    with style():
        columns = [block if isinstance(block, tuple) else (block,) for block in blocks]
        widths = [max(_size(block)[0] for block in column) for column in columns]
        total = sum(widths) + GAP * (len(columns) - 1)
        figure = Figure(figsize=(total * 0.62 + 0.6, 4.1), layout="constrained")
        axes = figure.subplots()
        axes.set(xlim=(-0.8, total + 0.8), ylim=(-3.6, 3.4), aspect="equal")
        axes.set_axis_off()
        axes.set_title(title)
        left = 0.0
        ends: list[tuple[float, float]] = []
        for column, width in zip(columns, widths, strict=True):
            middles = [0.0] if len(column) == 1 else [1.25, -1.25]
            centre = left + width / 2
            starts = []
            for block, middle in zip(column, middles, strict=True):
                wide, high = _size(block)
                _box(axes, block, centre, middle, wide, high)
                starts.append((centre - wide / 2, middle))
            for end in ends:
                for start in starts:
                    axes.add_patch(
                        FancyArrowPatch(
                            end, start, arrowstyle="-|>", mutation_scale=9, color=FAINT,
                            shrinkA=2, shrinkB=2, linewidth=1,
                        )
                    )  # fmt: skip
            ends = [
                (centre + _size(block)[0] / 2, middle)
                for block, middle in zip(column, middles, strict=True)
            ]
            left += width + GAP
    return figure


def _size(block: Block) -> tuple[float, float]:
    if len(block.shape) == 3:
        channels, height, _ = block.shape
        return 0.35 + 0.22 * math.log2(channels + 1), 0.5 + 3.4 * height / 28
    if block.drawn:
        return 1.1, 1.1
    return 0.4, 0.5 + 0.3 * math.log2(block.shape[0] + 1)


def _box(axes: Axes, block: Block, x: float, y: float, wide: float, high: float) -> None:
    colour = COLOURS[block.colour]
    if block.drawn:
        axes.add_patch(Circle((x, y), wide / 2, facecolor="white", edgecolor=colour, linewidth=2))
        axes.text(x, y, block.name, ha="center", va="center", fontsize=11, fontweight="bold")
        below = y - wide / 2
    else:
        axes.add_patch(
            Rectangle(
                (x - wide / 2, y - high / 2), wide, high,
                facecolor=colour, edgecolor=INK, alpha=0.85, linewidth=0.8,
            )
        )  # fmt: skip
        axes.text(x, y + high / 2 + 0.1, block.name, ha="center", va="bottom", fontsize=7.5)
        below = y - high / 2
    shape = " x ".join(str(size) for size in block.shape)
    axes.text(x, below - 0.12, shape, ha="center", va="top", fontsize=7.5, color=FAINT)

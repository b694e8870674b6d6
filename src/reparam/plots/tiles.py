"""Decodings laid out by their coordinates, and along a path."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reparam.plots.plane import Limits, prepare, scatter
from reparam.plots.style import COLOURS, style


def mosaic(pictures: Float[NDArray, "R C 1 H W"]) -> Float[NDArray, "h w"]:
    """Pictures in rows and columns as one, the first row at the bottom as on an axis.

    Args:
        pictures: In [0, 1].

    Example:
        >>> mosaic(np.zeros((2, 3, 1, 4, 5))).shape
        (8, 15)
    """
    rows, columns, _, height, width = pictures.shape
    flipped = pictures[::-1, :, 0].transpose(0, 2, 1, 3)
    return flipped.reshape(rows * height, columns * width)


def decoded_grids(
    grids: Sequence[Float[NDArray, "R C 1 H W"]],
    ticks: Sequence[tuple[Float[NDArray, "C"], Float[NDArray, "R"]]],
    titles: Sequence[str],
    axis: Sequence[str],
) -> Figure:
    """Grids of decodings, with the coordinates of rows and columns.

    Args:
        grids: The pictures, the first row at the bottom.
        ticks: Each grid's coordinates, across and up.
        titles: Of the grids.
        axis: What each grid's coordinates are, with `{}` for the number of the dimension.

    Example:
        >>> grid = np.zeros((2, 2, 1, 4, 4))
        >>> len(decoded_grids([grid], [(np.arange(2), np.arange(2))], ["one"], ["z{}"]).axes)
        1
    """
    with style():
        figure = Figure(figsize=(6.4 * len(grids), 6.6), layout="constrained")
        axes = figure.subplots(1, len(grids), squeeze=False)[0]
        for panel, pictures, (across, up), title, name in zip(
            axes, grids, ticks, titles, axis, strict=True
        ):
            rows, columns = pictures.shape[:2]
            panel.imshow(
                1 - mosaic(pictures), cmap="gray", vmin=0, vmax=1, extent=(0, columns, 0, rows)
            )
            panel.set_xticks(np.arange(columns) + 0.5, [f"{v:.2g}" for v in across], rotation=90)
            panel.set_yticks(np.arange(rows) + 0.5, [f"{v:.2g}" for v in up])
            panel.tick_params(length=0, labelsize=7)
            panel.grid(False)
            panel.set(xlabel=name.format("₁"), ylabel=name.format("₂"))
            panel.set_title(title)
    return figure


def paths(
    clouds: Sequence[Float[NDArray, "N 2"]],
    lines: Sequence[Float[NDArray, "K 2"]],
    strips: Sequence[Float[NDArray, "K 1 H W"]],
    good: Sequence[Sequence[bool]],
    titles: Sequence[str],
    frames: Sequence[Limits],
) -> Figure:
    """Paths through planes, and what their points decode to.

    Args:
        clouds: The codes of each model.
        lines: The points of each path.
        strips: What they decode to, in [0, 1].
        good: Whether each is recognisable: such a picture is framed in blue, others in vermilion.
        titles: What each is called.
        frames: What part of each plane is shown.

    Example:
        >>> z, x = np.random.default_rng(0).normal(size=(9, 2)), np.zeros((9, 1, 4, 4))
        >>> len(paths([z], [z], [x], [[True] * 9], ["one"], [((-3, 3), (-3, 3))]).axes)
        10
    """
    with style():
        many = max(len(strip) for strip in strips)
        figure = Figure(figsize=(5 * len(clouds) + 0.4, 6.2), layout="constrained")
        for part, z, line, strip, marks, title, frame in zip(
            figure.subfigures(1, len(clouds), squeeze=False)[0],
            clouds, lines, strips, good, titles, frames, strict=True,
        ):  # fmt: skip
            upper, lower = part.subfigures(2, 1, height_ratios=[8, 1.3])
            axes = upper.subplots()
            prepare(axes, frame, title)
            scatter(axes, z)
            axes.plot(*line.T, color=COLOURS["vermilion"], marker="o", markersize=4, zorder=4)
            axes.annotate("start", line[0], xytext=(4, 4), textcoords="offset points", fontsize=9)
            for panel, picture, mark in zip(lower.subplots(1, many), strip, marks, strict=True):
                panel.imshow(1 - picture[0], cmap="gray", vmin=0, vmax=1)
                panel.set(xticks=[], yticks=[])
                panel.grid(False)
                for spine in panel.spines.values():
                    spine.set(
                        visible=True,
                        color=COLOURS["blue" if mark else "vermilion"],
                        linewidth=1.8,
                    )
    return figure

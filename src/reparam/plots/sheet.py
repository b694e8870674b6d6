"""Rows of pictures with their names: one column an item, one row a source."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reparam.plots.style import style


def sheet(
    rows: Mapping[str, Float[NDArray, "N 1 H W"]], names: Sequence[str], title: str
) -> Figure:
    """Pictures in rows.

    Args:
        rows: Pictures in [0, 1] by the row's name.
        names: Of the columns; none where it is empty.
        title: A line above.

    Example:
        >>> len(sheet({"a": np.zeros((3, 1, 4, 4))}, ["x", "y", "z"], "Three").axes)
        1
    """
    many = max(len(pictures) for pictures in rows.values())
    with style():
        figure = Figure(figsize=(0.82 * many + 3.2, 0.82 * len(rows) + 1.0), layout="constrained")
        axes = figure.subplots()
        axes.set(xlim=(-0.02, many), ylim=(len(rows), -0.02), aspect="equal")
        for row, pictures in enumerate(rows.values()):
            for column, picture in enumerate(pictures):
                axes.imshow(
                    1 - picture[0], cmap="gray", vmin=0, vmax=1, interpolation="nearest",
                    extent=(column + 0.03, column + 0.97, row + 0.97, row + 0.03),
                )  # fmt: skip
        axes.set(xlim=(-0.02, many), ylim=(len(rows), -0.02))
        axes.set_yticks(np.arange(len(rows)) + 0.5, list(rows))
        axes.set_xticks(np.arange(len(names)) + 0.5, names, fontsize=7.5)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.grid(False)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_title(title, pad=10)
    return figure

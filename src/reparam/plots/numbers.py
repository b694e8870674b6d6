"""Measured numbers: bars and lines with their intervals, histograms, curves."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reparam.plots.style import COLOURS, FAINT, ORDER, style

Point = tuple[float, float, float]
"""A value, and the lower and upper end of its interval."""


def bars(
    groups: Mapping[str, Mapping[str, Point]],
    ylabel: str,
    title: str,
    reference: tuple[float, str] | None = None,
    log: bool = False,
) -> Figure:
    """Values with intervals, side by side in groups.

    Args:
        groups: By the series' name, then by the name on the axis.
        ylabel: What is measured, with its unit.
        title: A line above.
        reference: A value to compare with, and what it is.
        log: Whether the axis is logarithmic.

    Example:
        >>> figure = bars({"a": {"x": (1.0, 0.9, 1.1)}}, "size", "One bar")
        >>> len(figure.axes[0].patches)
        1
    """
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    with style():
        figure = Figure(figsize=(max(5.0, 0.9 * len(names)) + 3.6, 4.2), layout="constrained")
        axes = figure.subplots()
        width = 0.8 / len(groups)
        for number, (series, values) in enumerate(groups.items()):
            found = [(names.index(name), point) for name, point in values.items()]
            places = np.array([place for place, _ in found]) + (number + 0.5) * width - 0.4
            heights = np.array([point for _, point in found])
            errors = np.abs(heights[:, 1:] - heights[:, :1]).T
            axes.bar(
                places, heights[:, 0], width * 0.92, label=series, capsize=2.5,
                yerr=errors if errors.any() else None, color=COLOURS[ORDER[number]],
                error_kw={"linewidth": 1, "ecolor": "#222222"},
            )  # fmt: skip
        if reference is not None:
            axes.axhline(reference[0], color=FAINT, linestyle="--", linewidth=1.2)
            axes.annotate(
                reference[1], (1, reference[0]), xycoords=("axes fraction", "data"),
                xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.5, color=FAINT,
            )  # fmt: skip
        axes.set_xticks(range(len(names)), [name.replace(" ", "\n", 1) for name in names])
        axes.grid(axis="x", visible=False)
        axes.set(ylabel=ylabel, yscale="log" if log else "linear")
        axes.set_title(title)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def trends(
    series: Mapping[str, Mapping[float, Point]], xlabel: str, ylabel: str, title: str
) -> Figure:
    """Values with intervals along an axis, one line a series.

    Args:
        series: By name, then by the place on the axis.
        xlabel: What the axis is.
        ylabel: What is measured, with its unit.
        title: A line above.

    Example:
        >>> figure = trends({"a": {2: (1, 1, 1), 8: (2, 2, 2)}}, "latents", "size", "A line")
        >>> len(figure.axes[0].lines)
        1
    """
    markers = "osD^vP*"
    with style():
        figure = Figure(figsize=(7.6, 4.6), layout="constrained")
        axes = figure.subplots()
        places = sorted({place for values in series.values() for place in values})
        for number, (name, values) in enumerate(series.items()):
            at = [places.index(place) for place in values]
            points = np.array(list(values.values()))
            colour = COLOURS[ORDER[number % len(ORDER)]]
            axes.plot(at, points[:, 0], marker=markers[number % 7], color=colour, label=name)
            axes.vlines(at, points[:, 1], points[:, 2], color=colour, linewidth=1)
        axes.set_xticks(range(len(places)), [f"{place:g}" for place in places])
        axes.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, None))
        axes.set_title(title)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def histograms(
    rows: Mapping[str, Float[NDArray, "N D"]],
    density: tuple[NDArray, NDArray] | None = None,
    title: str | None = None,
    most: int = 8,
) -> Figure:
    """The distribution of each dimension, a row for each model and the same axes for all.

    Args:
        rows: Codes by the model's name.
        density: A curve to compare with: where, and how high.
        title: A line above all.
        most: How many dimensions to show.

    Example:
        >>> len(histograms({"one": np.random.default_rng(0).normal(size=(50, 2))}).axes)
        2
    """
    columns = min(most, max(z.shape[1] for z in rows.values()))
    everything = np.concatenate([z[:, :columns].ravel() for z in rows.values()])
    low, high = np.quantile(everything, [0.002, 0.998])
    if density is not None:
        low, high = min(low, -3.5), max(high, 3.5)
    edges = np.linspace(low, high, 61)
    with style():
        figure = Figure(
            figsize=(max(7, 1.9 * columns + 0.8), 2.1 * len(rows) + 0.5), layout="constrained"
        )
        grid = figure.subplots(len(rows), columns, sharex=True, squeeze=False)
        for panels, (name, z) in zip(grid, rows.items(), strict=True):
            for number, axes in enumerate(panels):
                if number >= z.shape[1]:
                    axes.set_axis_off()
                    continue
                axes.hist(z[:, number], edges, density=True, color=COLOURS["sky blue"])
                if density is not None:
                    axes.plot(*density, color=COLOURS["vermilion"], linewidth=1.3)
                axes.set_yticks([])
                axes.grid(False)
                axes.set_title(
                    f"{name}, z{number + 1}" if number == 0 else f"z{number + 1}", fontsize=9
                )
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    return figure


def curves(
    panels: Mapping[str, Mapping[str, tuple[NDArray, NDArray]]],
    xlabel: str,
    ylabels: Sequence[str],
    title: str | None = None,
    logs: Sequence[bool] = (),
) -> Figure:
    """Lines in panels.

    Args:
        panels: By the panel's title, then by the line's name: where, and how high.
        xlabel: What the axes are.
        ylabels: What each panel shows, with its unit.
        title: A line above all.
        logs: Whether each panel's axis is logarithmic.

    Example:
        >>> x = np.arange(3.0)
        >>> len(curves({"one": {"a": (x, x)}}, "time", ["size"]).axes)
        1
    """
    dashes = ["-", "--", "-.", ":"]
    with style():
        figure = Figure(figsize=(4.6 * len(panels) + 0.4, 4.2), layout="constrained")
        axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for number, (name, lines) in enumerate(panels.items()):
            for index, (line, (x, y)) in enumerate(lines.items()):
                axes[number].plot(
                    x, y, label=line, color=COLOURS[ORDER[index % len(ORDER)]],
                    linestyle=dashes[index % len(dashes)],
                )  # fmt: skip
            axes[number].set_title(name)
            axes[number].set(xlabel=xlabel, ylabel=ylabels[number])
            if logs and logs[number]:
                axes[number].set_yscale("log")
            axes[number].legend(fontsize=8)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    return figure

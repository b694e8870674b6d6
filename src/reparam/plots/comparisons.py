"""One thing beside another: distributions, ranks, shares of classes, a map, a trade."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from reparam.plots.style import COLOURS, FAINT, INK, ORDER, style

MOST = 48
"""More bars than these have no room for their names."""


def overlaid(
    values: Mapping[str, Float[NDArray, "N"]],
    xlabel: str,
    title: str,
    marks: Mapping[str, float] | None = None,
) -> Figure:
    """Several distributions on one axis.

    Args:
        values: By name.
        xlabel: What they are, with the unit.
        title: A line above.
        marks: Values to mark, by what they are.

    Example:
        >>> len(overlaid({"a": np.arange(9.0)}, "size", "One").axes[0].patches)
        1
    """
    every = np.concatenate(list(values.values()))
    low, high = np.quantile(every, [0.001, 0.999])
    edges = np.linspace(low, high if high > low else low + 1, 51).tolist()
    with style():
        figure = Figure(figsize=(7.6, 3.6), layout="constrained")
        axes = figure.subplots()
        for number, (name, part) in enumerate(values.items()):
            weights = np.full(len(part), 1 / len(part))
            axes.hist(
                part, edges, weights=weights, histtype="stepfilled", alpha=0.45,
                color=COLOURS[ORDER[number % len(ORDER)]], label=name, linewidth=1.2,
            )  # fmt: skip
        for name, place in (marks or {}).items():
            axes.axvline(place, color=INK, linestyle="--", linewidth=1.1, label=name)
        axes.set(xlabel=xlabel, ylabel="share", xlim=(edges[0], edges[-1]))
        axes.set_title(title)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def ranked(
    values: Float[NDArray, "D"], ylabel: str, title: str, threshold: tuple[float, str]
) -> Figure:
    """Positive values from the largest to the smallest, and a threshold.

    Args:
        values: One for each dimension.
        ylabel: What they are.
        title: A line above.
        threshold: Where it is, and what it is called; bars below are pale.

    Example:
        >>> len(ranked(np.array([1.0, 0.1]), "size", "Two", (0.5, "half")).axes[0].patches)
        2
    """
    order = np.argsort(-values)
    heights = np.maximum(values[order], 1e-12)
    floor = min(heights.min(), threshold[0]) / 3
    with style():
        figure = Figure(figsize=(max(5.0, min(11.0, 0.3 * len(values) + 3)), 3.6))
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        colours = [COLOURS["blue"] if v > threshold[0] else COLOURS["sky blue"] for v in heights]
        axes.bar(np.arange(len(heights)), heights - floor, bottom=floor, color=colours)
        axes.axhline(threshold[0], color=COLOURS["vermilion"], linestyle="--", linewidth=1.2)
        axes.annotate(
            threshold[1], (1, threshold[0]), xycoords=("axes fraction", "data"), fontsize=8.5,
            xytext=(4, 0), textcoords="offset points", va="center", color=COLOURS["vermilion"],
        )  # fmt: skip
        if len(heights) <= MOST:
            axes.set_xticks(np.arange(len(heights)), [str(i) for i in order])
        else:
            axes.set_xticks([])
        axes.grid(axis="x", visible=False)
        axes.set(xlabel="dimension", ylabel=ylabel, yscale="log", ylim=(floor, None))
        axes.set_title(title)
    return figure


def matrix(
    shares: Float[NDArray, "R C"], names: Sequence[str], rows: str, columns: str, title: str
) -> Figure:
    """A table of shares as shades.

    Args:
        shares: Each row adds up to 1.
        names: Of rows and columns.
        rows: What rows are.
        columns: What columns are.
        title: A line above.

    Example:
        >>> len(matrix(np.eye(2), ["a", "b"], "from", "to", "Two").axes[0].texts)
        2
    """
    with style():
        side = max(3.6, 0.5 * len(names) + 2.2)
        figure = Figure(figsize=(side + 1.0, side), layout="constrained")
        axes = figure.subplots()
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (i, j), share in np.ndenumerate(shares):
            if share >= 0.005:
                axes.text(
                    j, i, f"{100 * share:.0f}", ha="center", va="center", fontsize=8,
                    color="white" if share > 0.5 else INK,
                )  # fmt: skip
        places = np.arange(len(names))
        axes.set_xticks(places, names, rotation=45, ha="right", fontsize=8.5)
        axes.set_yticks(places, names, fontsize=8.5)
        axes.grid(False)
        axes.tick_params(length=0)
        axes.set(xlabel=columns, ylabel=rows)
        axes.set_title(title)
    return figure


def heat(values: Float[NDArray, "H W"], label: str, title: str) -> Figure:
    """A number for each place; places without one are grey.

    Args:
        values: NaN where there is none.
        label: What they are.
        title: A line above.

    Example:
        >>> len(heat(np.ones((3, 4)), "size", "All ones").axes)
        2
    """
    with style():
        figure = Figure(figsize=(5.6, 4.4), layout="constrained")
        axes = figure.subplots()
        axes.set_facecolor("#CCCCCC")
        top = max(1.0, float(np.nanmax(values)) if np.isfinite(values).any() else 1.0)
        image = axes.imshow(values, cmap="viridis", vmin=0, vmax=top, interpolation="nearest")
        axes.grid(False)
        axes.set(xticks=[], yticks=[])
        figure.colorbar(image, ax=axes, label=label)
        axes.set_title(title)
    return figure


def trade(
    rates: Float[NDArray, "T"], distortions: Float[NDArray, "T"], middle: int, title: str
) -> Figure:
    """Distortion against rate around a model, with the line along which one nat buys one.

    Args:
        rates: In nats.
        distortions: In nats.
        middle: Which of the points is the model.
        title: A line above.

    Example:
        >>> len(trade(np.arange(3.0), -np.arange(3.0), 1, "Even").axes[0].lines)
        3
    """
    with style():
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        axes = figure.subplots()
        axes.plot(rates, distortions, marker="o", color=COLOURS["blue"], label="other spreads")
        axes.plot(
            rates[middle], distortions[middle], marker="o", markersize=9, linestyle="none",
            color=COLOURS["vermilion"], label="the model", zorder=4,
        )  # fmt: skip
        bound = rates[middle] + distortions[middle]
        ends = np.array([rates.min(), rates.max()])
        axes.plot(
            ends, bound - ends, color=FAINT, linestyle="--", linewidth=1.1,
            label="one nat buys one",
        )  # fmt: skip
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.set(xlabel="rate (KL divergence), nats", ylabel="distortion, nats")
        axes.set_title(title)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure

"""A latent plane: codes by class, decodings at their own coordinates, posteriors as ellipses."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from reparam.plots.style import CLASSES, FAINT, INK, style

Limits = tuple[tuple[float, float], tuple[float, float]]
SIDE = 5.0


def limits(z: Float[NDArray, "N 2"], share: float = 0.998, room: float = 0.06) -> Limits:
    """A square frame that holds nearly all codes.

    Args:
        z: Codes.
        share: Of the codes, along each axis.
        room: What to add on each side, as a part of the frame.

    Example:
        >>> limits(np.array([[0.0, 0.0], [1.0, 2.0]]), share=1, room=0)
        ((-0.5, 1.5), (0.0, 2.0))
    """
    tail = (1 - share) / 2
    low, high = np.quantile(z, tail, axis=0), np.quantile(z, 1 - tail, axis=0)
    half = (high - low).max() * (0.5 + room)
    middle = (low + high) / 2
    across, up = ((float(m - half), float(m + half)) for m in middle)
    return across, up


def planes(
    clouds: Sequence[Float[NDArray, "N 2"]],
    titles: Sequence[str],
    labels: Int[NDArray, "N"] | None = None,
    classes: Sequence[str] | None = None,
    frame: Limits | None = None,
) -> Figure:
    """Latent planes side by side.

    Args:
        clouds: The codes of each model.
        titles: What each is called.
        labels: The items' classes, which colour them; all alike by default.
        classes: The classes' names.
        frame: One frame for all, to compare sizes; each its own by default.

    Example:
        >>> z = np.random.default_rng(0).normal(size=(50, 2))
        >>> len(planes([z, 5 * z], ["narrow", "wide"]).axes)
        2
    """
    with style():
        figure = Figure(figsize=(SIDE * len(clouds) + 0.6, SIDE + 0.5), layout="constrained")
        axes = figure.subplots(1, len(clouds), squeeze=False)[0]
        for panel, z, title in zip(axes, clouds, titles, strict=True):
            prepare(panel, frame or limits(z), title)
            scatter(panel, z, labels)
            if labels is not None and classes is not None:
                name_classes(panel, z, labels, classes)
    return figure


def overlay(
    z: Float[NDArray, "N 2"],
    points: Float[NDArray, "K 2"],
    pictures: Float[NDArray, "K 1 H W"],
    labels: Int[NDArray, "N"],
    title: str,
    side: float = 0.055,
) -> Figure:
    """Decoded pictures laid over the plane at their own coordinates.

    Args:
        z: The items' codes.
        points: What was decoded.
        pictures: What it decoded to, in [0, 1].
        labels: The items' classes.
        title: A line above.
        side: A picture's side as a part of the frame's.

    Example:
        >>> z = np.random.default_rng(0).normal(size=(50, 2))
        >>> len(overlay(z, z[:3], np.zeros((3, 1, 4, 4)), np.zeros(50, int), "3").axes[0].images)
        3
    """
    with style():
        figure = Figure(figsize=(8, 8.2), layout="constrained")
        axes = figure.subplots()
        frame = limits(np.concatenate([z, points]), share=1.0)
        prepare(axes, frame, title)
        scatter(axes, z, labels, alpha=0.35)
        half = side * (frame[0][1] - frame[0][0]) / 2
        for (across, up), picture in zip(points, pictures, strict=True):
            box = (across - half, across + half, up - half, up + half)
            axes.imshow(1 - picture[0], cmap="gray", vmin=0, vmax=1, extent=box, zorder=3)
        axes.set(xlim=frame[0], ylim=frame[1])
    return figure


def ellipses(
    mean: Float[NDArray, "N 2"],
    deviation: Float[NDArray, "N 2"],
    labels: Int[NDArray, "N"],
    classes: Sequence[str],
    title: str,
) -> Figure:
    """Each item's diagonal normal posterior as the ellipse of one standard deviation.

    Args:
        mean: The posteriors' means.
        deviation: Their standard deviations.
        labels: The items' classes.
        classes: The classes' names.
        title: A line above.

    Example:
        >>> ones = np.ones((5, 2))
        >>> len(ellipses(ones, ones, np.zeros(5, int), ["a"], "5").axes[0].collections)
        2
    """
    with style():
        figure = Figure(figsize=(7.6, 7.8), layout="constrained")
        axes = figure.subplots()
        edges = np.concatenate([mean - deviation, mean + deviation])
        prepare(axes, limits(edges, share=1.0), title)
        colours = [CLASSES[label % len(CLASSES)] for label in labels]
        axes.add_collection(
            EllipseCollection(
                2 * deviation[:, 0], 2 * deviation[:, 1], np.zeros(len(mean)), units="xy",
                offsets=mean, offset_transform=axes.transData, facecolors=colours,
                edgecolors=colours, linewidths=0.8, alpha=0.35,
            )
        )  # fmt: skip
        axes.scatter(mean[:, 0], mean[:, 1], s=5, c=colours)
        name_classes(axes, mean, labels, classes)
    return figure


def prepare(axes: Axes, frame: Limits, title: str) -> None:
    """Set up a plane with one scale for both axes.

    Args:
        axes: The axes.
        frame: What they show.
        title: A line above.
    """
    axes.set(xlim=frame[0], ylim=frame[1], aspect="equal", xlabel="z₁", ylabel="z₂")
    axes.set_title(title)
    for line in (axes.axhline, axes.axvline):
        line(0, color=FAINT, linewidth=0.7, zorder=1)


def scatter(
    axes: Axes,
    z: Float[NDArray, "N 2"],
    labels: Int[NDArray, "N"] | None = None,
    alpha: float = 0.6,
) -> None:
    """Codes as points.

    Args:
        axes: The axes.
        z: The codes.
        labels: Their classes.
        alpha: How opaque.
    """
    colours = INK if labels is None else [CLASSES[label % len(CLASSES)] for label in labels]
    axes.scatter(
        z[:, 0], z[:, 1], s=4, c=colours, alpha=alpha, linewidths=0, rasterized=True, zorder=2
    )


def name_classes(
    axes: Axes, z: Float[NDArray, "N 2"], labels: Int[NDArray, "N"], classes: Sequence[str]
) -> None:
    """Write each class's name at the median of its codes.

    Args:
        axes: The axes.
        z: The codes.
        labels: Their classes.
        classes: Their names.
    """
    present = np.unique(labels)
    places = np.array([np.median(z[labels == label], axis=0) for label in present])
    span = np.ptp(axes.get_ylim())
    for label, (across, up) in zip(present, apart(places, 0.045 * span), strict=True):
        axes.text(
            across, up, classes[label], color=CLASSES[label % len(CLASSES)], fontsize=8.5,
            zorder=5, fontweight="bold", ha="center", va="center", clip_on=True,
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )  # fmt: skip


def apart(places: Float[NDArray, "K 2"], height: float) -> Float[NDArray, "K 2"]:
    """Words moved up or down until none lies on another.

    Args:
        places: Their middles.
        height: A line's height; a word is taken to be four times as wide.

    Example:
        >>> apart(np.array([[0.0, 0.0], [0.0, 0.5]]), 1.0).tolist()
        [[0.0, -0.25], [0.0, 0.75]]
    """
    moved = places.copy()
    for _ in range(100):
        for i, j in np.ndindex(len(moved), len(moved)):
            gap = moved[j] - moved[i]
            if i < j and abs(gap[0]) < 4 * height and abs(gap[1]) < height * (1 - 1e-9):
                push = (height - abs(gap[1])) / 2 * (1 if gap[1] >= 0 else -1)
                moved[i, 1] -= push
                moved[j, 1] += push
    return moved

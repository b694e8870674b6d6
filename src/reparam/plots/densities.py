r"""Densities over a plane: shades, and lines that hold a share of the mass.

The line that holds a share s of a density's mass is the level l for which

.. math:: \int p(z) \, 1[p(z) \ge l] \, dz = s,

the smallest region of that mass. For N(0, I) in a plane it is a circle of radius
:math:`\sqrt{-2 \log (1 - s)}`.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from reparam.plots.plane import Limits
from reparam.plots.style import COLOURS

SHARES = (0.5, 0.9, 0.99)
SHADES = LinearSegmentedColormap.from_list("shades", ["#FFFFFF", "#B9D7EA", "#5A93B8"])


def mesh(frame: Limits, side: int) -> Float[NDArray, "side side 2"]:
    """The points of a grid over a frame, the first row at the bottom.

    Args:
        frame: What it covers.
        side: How many points each way.

    Example:
        >>> mesh(((0, 1), (2, 3)), 2)[1, 0].tolist()
        [0.0, 3.0]
    """
    across, up = (np.linspace(low, high, side) for low, high in frame)
    return np.stack(np.meshgrid(across, up), -1)


def levels(
    density: Float[NDArray, "*shape"], shares: Sequence[float] = SHARES
) -> Float[NDArray, "S"]:
    """The values above which shares of a density's mass on an even grid lie, rising.

    Args:
        density: On the grid, up to a constant.
        shares: Of the mass.

    Example:
        >>> levels(np.array([1.0, 2.0, 3.0, 4.0]), [0.4, 0.9]).tolist()
        [2.0, 4.0]
    """
    falling = np.sort(density.ravel())[::-1]
    held = falling.cumsum() / falling.sum()
    places = np.searchsorted(held, np.sort(shares)[::-1] - 1e-9)
    return falling[places]


def shade(axes: Axes, density: Float[NDArray, "h w"], frame: Limits) -> None:
    """A density in shades of blue, the darkest where it is highest.

    Args:
        axes: The axes.
        density: On `mesh(frame, side)`.
        frame: What it covers.
    """
    box = (*frame[0], *frame[1])
    axes.imshow(
        density, cmap=SHADES, vmin=0, vmax=density.max(), extent=box, origin="lower", zorder=0,
        interpolation="bilinear",
    )  # fmt: skip
    axes.set(xlim=frame[0], ylim=frame[1], aspect="equal")


def contours(
    axes: Axes,
    density: Float[NDArray, "h w"],
    frame: Limits,
    shares: Sequence[float] = SHARES,
    colour: str = COLOURS["black"],
) -> None:
    """The lines that hold shares of a density's mass.

    Args:
        axes: The axes.
        density: On `mesh(frame, side)`, up to a constant.
        frame: What it covers.
        shares: Of the mass.
        colour: The lines'.
    """
    across, up = (np.linspace(low, high, density.shape[0]) for low, high in frame)
    heights = np.unique(levels(density, shares))
    axes.contour(across, up, density, heights, colors=colour, linewidths=1.1, zorder=4)

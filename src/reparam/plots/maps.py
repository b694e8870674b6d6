r"""Curved and bounded latent spaces on paper: the sphere as two discs, the triangle.

Lambert's azimuthal map of a half of the sphere keeps areas, so that what is spread evenly over the
sphere looks so:

.. math:: (x, y, z) \mapsto \frac{(x, y)}{\sqrt{1 + |z|}}

Source: Lambert 1772, "Anmerkungen und Zusaetze zur Entwerfung der Land- und Himmelscharten"
"""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Polygon
from numpy.typing import NDArray

from reparam.plots.style import FAINT

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])
APART = 2.15
"""How far the middles of the two discs lie from each other."""


def hemispheres(points: Float[NDArray, "N 3"]) -> Float[NDArray, "N 2"]:
    """Points of the sphere on two discs of radius 1: the upper half left, the lower one right.

    Args:
        points: Of length 1.

    Example:
        >>> hemispheres(np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])).tolist()
        [[0.0, 0.0], [1.0, 0.0], [2.15, 0.0]]
    """
    flat = points[:, :2] / np.sqrt(1 + np.abs(points[:, 2:]))
    lower = points[:, 2] < 0
    flat[lower, 0] += APART
    return flat


def simplex(shares: Float[NDArray, "N 3"]) -> Float[NDArray, "N 2"]:
    """Three shares that add up to 1 as a point of an equilateral triangle of side 1.

    Args:
        shares: Of each corner.

    Example:
        >>> simplex(np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])).tolist()
        [[0.0, 0.0], [0.5, 0.0]]
    """
    return shares @ CORNERS


def rims(axes: Axes, *middles: float) -> None:
    """Circles of radius 1 around places on the first axis, and nothing else around them.

    Args:
        axes: The axes.
        *middles: The circles'.
    """
    for middle in middles:
        axes.add_patch(Circle((middle, 0), 1, fill=False, edgecolor=FAINT, linewidth=0.9))
    axes.set(xlim=(min(middles) - 1.05, max(middles) + 1.05), ylim=(-1.05, 1.05), aspect="equal")
    axes.set_axis_off()


def triangle(axes: Axes) -> None:
    """The triangle of `simplex`, and nothing else around it.

    Args:
        axes: The axes.
    """
    axes.add_patch(Polygon(CORNERS, fill=False, edgecolor=FAINT, linewidth=0.9))
    axes.set(xlim=(-0.05, 1.05), ylim=(-0.06, 0.93), aspect="equal")
    axes.set_axis_off()

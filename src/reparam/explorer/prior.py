"""Where a prior lies in a plane of two dimensions: its centre, and lines that hold its mass."""

import numpy as np
from contourpy import contour_generator
from jaxtyping import Float
from numpy.typing import NDArray

from reparam.errors import ReparamError
from reparam.explorer.plane import Plane
from reparam.explorer.pointer import log_density
from reparam.explorer.space import Space
from reparam.inference import inference

HELD = (0.5, 0.9, 0.99)
"""The shares of the prior's mass that its lines hold."""
CELLS = 120
WIDE = 4.0
"""Standard deviations of the prior that are looked at on each side."""

Line = list[tuple[float, float]]


def centre(space: Space) -> Float[NDArray, "D"]:
    """The prior's mean; the codes' own where there is no prior or it tells none.

    Args:
        space: The latent space.
    """
    return _moments(space)[0]


def contours(space: Space, plane: Plane, held: Float[NDArray, "D"]) -> list[list[Line]]:
    r"""Lines around the densest parts of the plane that hold 50%, 90% and 99% of the prior.

    .. math:: \int_{p(z) \ge t} p(z) \, dz = 0.5, 0.9, 0.99

    over the plane, with all other directions as they are held.

    Args:
        space: The latent space.
        plane: The plane.
        held: The code that stands for all directions but the plane's.

    Returns:
        For each share its lines as places; empty where the prior has no density or is even.
    """
    if plane.lift is None or plane.project is None or space.model.prior is None:
        return []
    mean, deviation = _moments(space)
    at = plane.project(mean[None])[0]
    reach = WIDE * np.abs(plane.project((mean + deviation)[None])[0] - at)
    left, right, low, high = plane.frame
    x = np.linspace(min(left, at[0] - reach[0]), max(right, at[0] + reach[0]), CELLS)
    y = np.linspace(min(low, at[1] - reach[1]), max(high, at[1] + reach[1]), CELLS)
    places = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    found = log_density(space, plane.lift(places, held))
    if found is None or not np.isfinite(found).any() or np.ptp(found) == 0:
        return []
    finite = np.isfinite(found)
    density = np.where(finite, np.exp(found.astype("f8") - found[finite].max()), 0.0)
    ordered = np.sort(density)[::-1]
    mass = ordered.cumsum() / ordered.sum()
    lines = contour_generator(x, y, density.reshape(CELLS, CELLS))
    return [
        [[(float(a), float(b)) for a, b in np.asarray(line)] for line in lines.lines(level)]
        for level in (ordered[int(np.searchsorted(mass, share))] for share in HELD)
    ]


def _moments(space: Space) -> tuple[Float[NDArray, "D"], Float[NDArray, "D"]]:
    """The prior's mean and standard deviation; the codes' where it tells none."""
    codes = space.z.mean(0), space.z.std(0)
    if space.model.prior is None:
        return codes
    try:
        with inference(space.model):
            prior = space.model.prior()
            found = prior.mean.cpu().numpy(), prior.stddev.cpu().numpy()
    except (ReparamError, NotImplementedError, AttributeError):
        return codes
    whole = all(part.shape == codes[0].shape and np.isfinite(part).all() for part in found)
    return found if whole else codes

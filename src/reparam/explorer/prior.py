"""A latent space's prior: draws, density, centre, and the lines that hold its mass in a plane."""

import numpy as np
import torch
from contourpy import LineType, contour_generator
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from reparam.errors import ReparamError
from reparam.explorer.plane import Plane
from reparam.explorer.space import Space
from reparam.inference import inference
from reparam.randomness import seeded
from reparam.samplers import normal

HELD = (0.5, 0.9, 0.99)
"""The shares of the prior's mass that its lines hold."""
CELLS = 120
DRAWS = 100_000
SMOOTH = 3
"""Cells over which the draws are smoothed where the density is known by draws alone."""

Lines = list[Float[NDArray, "K 2"]]


def draws(space: Space, count: int, seed: int = 0) -> Float[NDArray, "K D"]:
    """Latents of the prior; where there is none, of a normal distribution around the codes.

    Args:
        space: The latent space.
        count: How many.
        seed: Of the draws.
    """
    prior = space.model.prior
    if prior is None:
        prior = normal(torch.from_numpy(space.z))
    with inference(prior), seeded(seed, space.model.device):
        found: NDArray[np.floating] = prior().sample(torch.Size((count,))).cpu().numpy()
        return found


def log_density(space: Space, z: Float[NDArray, "K D"]) -> Float[NDArray, "K"] | None:
    """The prior's log-density in nats; `None` where there is no prior or it has none.

    Args:
        space: The latent space.
        z: Codes.
    """
    if space.model.prior is None:
        return None
    try:
        with inference(space.model):
            here = torch.from_numpy(np.asarray(z, "float32")).to(space.model.device)
            found: NDArray[np.floating] = space.model.prior().log_prob(here).cpu().numpy()
            return found
    except (ReparamError, NotImplementedError):
        return None


def centre(space: Space) -> tuple[Float[NDArray, "D"], str]:
    """A place to start from, and whose it is: the prior's centre, or the codes' mean.

    The codes' where there is no prior, or it does not know its mean.

    Args:
        space: The latent space.
    """
    codes = space.z.mean(0), "the codes' mean"
    if space.model.prior is None:
        return codes
    try:
        with inference(space.model):
            found = space.model.prior().mean.float().cpu().numpy()
    except (ReparamError, NotImplementedError, AttributeError):
        return codes
    known = found.shape == codes[0].shape and np.isfinite(found).all()
    return (found, "the prior's centre") if known else codes


def contours(space: Space, plane: Plane) -> list[Lines]:
    r"""Lines around the densest parts that hold 50%, 90% and 99% of the prior in a plane.

    .. math:: \int_{p(y) \ge t} p(y) \, dy = 0.5, 0.9, 0.99

    of the density p(y) that the prior's draws have in the plane: all other directions are summed
    over, as they are in the items' places.

    Args:
        space: The latent space.
        plane: The plane.

    Returns:
        For each share its lines; empty where there is no prior, or it is even.
    """
    if plane.project is None or space.model.prior is None:
        return []
    sample = draws(space, DRAWS)
    places = plane.project(sample)
    spread = places.std(0)
    if not (spread > 0).all():
        return []
    low, high = places.min(0) - spread / 2, places.max(0) + spread / 2
    x, y = (np.linspace(low[k], high[k], CELLS) for k in (0, 1))
    of_draws = log_density(space, sample) if plane.whole and plane.lift is not None else None
    if of_draws is not None and plane.lift is not None:
        grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2).astype("float32")
        logs = log_density(space, plane.lift(grid, space.z[0]))
        assert logs is not None
        values = logs.reshape(CELLS, CELLS)
        levels = np.quantile(of_draws, [1 - share for share in HELD])
    else:
        edges = [[low[1], high[1]], [low[0], high[0]]]
        values = np.histogram2d(places[:, 1], places[:, 0], CELLS, edges)[0]
        values = gaussian_filter(values, SMOOTH)
        order = np.sort(values.ravel())[::-1]
        within = np.cumsum(order) / order.sum()
        levels = np.array([order[np.searchsorted(within, share)] for share in HELD])
    if np.ptp(values) == 0:
        return []
    generator = contour_generator(x, y, values, line_type=LineType.Separate)
    return [[np.asarray(line) for line in generator.lines(level)] for level in levels]

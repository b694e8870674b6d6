"""What lies over the map: the prior, how wide posteriors are, and where nothing real is."""

from dataclasses import dataclass

import numpy as np
import torch
from contourpy import LineType, contour_generator
from jaxtyping import Bool, Float, Int64
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from reparam.explorer.plane import Plane
from reparam.explorer.pointer import log_density
from reparam.explorer.space import Space
from reparam.inference import inference
from reparam.randomness import seeded
from reparam.samplers import normal

MASSES = (0.99, 0.9, 0.5)
"""Of the prior, within its contours."""
CELLS = 120
DRAWS = 20_000
PROBES = 1000
"""Draws that are asked whether anything real is near."""
REAL = 2000
USUAL = 0.95
COMPONENTS = 50

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


def prior_contours(space: Space, plane: Plane) -> Lines:
    """Lines that hold 99, 90 and 50% of the prior, as it looks in a plane.

    Args:
        space: The latent space.
        plane: The plane.
    """
    if plane.project is None or space.model.prior is None:
        return []
    sample = draws(space, DRAWS)
    places = plane.project(sample)
    spread = places.std(0) + 1e-9
    low, high = places.min(0) - spread / 2, places.max(0) + spread / 2
    x, y = (np.linspace(low[k], high[k], CELLS) for k in (0, 1))
    exact = plane.whole and plane.lift is not None and log_density(space, sample[:1]) is not None
    if exact:
        grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2).astype("float32")
        logs = log_density(space, plane.lift(grid, space.z[0]))  # type: ignore[misc]
        of_draws = log_density(space, sample)
        assert logs is not None
        assert of_draws is not None
        values = logs.reshape(CELLS, CELLS)
        levels = np.quantile(of_draws, [1 - mass for mass in MASSES])
    else:
        counts = np.histogram2d(places[:, 1], places[:, 0], CELLS, [
            [low[1], high[1]], [low[0], high[0]]
        ])[0]  # fmt: skip
        values = gaussian_filter(counts, CELLS / 40)
        order = np.sort(values.ravel())[::-1]
        within = np.cumsum(order) / order.sum()
        levels = np.array([order[np.searchsorted(within, mass)] for mass in MASSES])
    generator = contour_generator(x, y, values, line_type=LineType.Separate)
    return [np.asarray(line) for level in levels for line in generator.lines(level)]


@dataclass(frozen=True)
class Probes:
    """Places that one samples, and what is there.

    Args:
        points: Where they lie in the plane, (K, 2).
        away: Which lie farther from all codes than 95% of other codes do.
        unreal: Which decode to something farther from all items than 95% of codes do.
    """

    points: Float[NDArray, "K 2"]
    away: Bool[NDArray, "K"]
    unreal: Bool[NDArray, "K"]


def probes(space: Space, plane: Plane, seed: int = 0) -> Probes | None:
    """Ask of draws what the check-up asks under Holes, and say of each where it lies.

    Args:
        space: The latent space.
        plane: The plane.
        seed: Of the draws and of the items that they are compared with.
    """
    if plane.project is None:
        return None
    z = draws(space, PROBES, seed)
    order = np.random.default_rng(seed).permutation(len(space.z))[: 2 * REAL]
    known, others = order[: len(order) // 2], order[len(order) // 2 :]
    others = others[:PROBES]
    scale = space.z.std(0) + 1e-9
    away = _beyond(space.z[known] / scale, space.z[others] / scale, z / scale)
    items = space.pictures(known).reshape(len(known), -1)
    seen = PCA(min(COMPONENTS, *items.shape), random_state=0).fit(items)

    def features(codes: NDArray) -> NDArray:
        return seen.transform(space.decode(codes).reshape(len(codes), -1))

    unreal = _beyond(seen.transform(items), features(space.z[others]), features(z))
    return Probes(plane.project(z), away, unreal)


def ellipses(
    space: Space, plane: Plane, axes: tuple[int, int], items: Int64[NDArray, "K"]
) -> dict[str, NDArray]:
    """Posteriors as ellipses of two standard deviations: x, y, width, height.

    Args:
        space: The latent space.
        plane: A plane of two dimensions.
        axes: Which these are.
        items: Whose posteriors.
    """
    if space.log_variance is None or plane.items is not None:
        items = items[:0]
    pair = list(axes)
    sides = np.zeros((0, 2), "float32")
    if space.log_variance is not None:
        sides = 4 * np.exp(space.log_variance[items][:, pair] / 2)
    return {
        "x": space.z[items, pair[0]],
        "y": space.z[items, pair[1]],
        "width": sides[: len(items), 0],
        "height": sides[: len(items), 1],
    }


def _beyond(known: NDArray, usual: NDArray, asked: NDArray) -> Bool[NDArray, "K"]:
    search = NearestNeighbors(n_neighbors=1).fit(known)
    limit = np.quantile(search.kneighbors(usual)[0], USUAL)
    far: NDArray[np.bool_] = search.kneighbors(asked)[0][:, 0] > limit
    return far

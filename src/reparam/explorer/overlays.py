"""What lies over the map: how wide posteriors are, and where nothing real is."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from reparam.explorer.plane import Plane
from reparam.explorer.prior import draws
from reparam.explorer.space import Space
from reparam.latent import nearest
from reparam.latent.checkup.holes import USUAL

PROBES = 1000
"""Draws that are asked whether anything real is near."""
REAL = 2000
COMPONENTS = 50


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


def ellipses(space: Space, plane: Plane, items: Int64[NDArray, "K"]) -> dict[str, NDArray]:
    """Posteriors as ellipses of two standard deviations: x, y, width, height.

    Args:
        space: The latent space.
        plane: The plane; where its axes are no dimensions, there are none.
        items: Whose posteriors.
    """
    if space.log_variance is None or plane.axes is None:
        return {name: np.zeros(0) for name in ("x", "y", "width", "height")}
    pair = list(plane.axes)
    x, y = space.z[items][:, pair].T
    width, height = 4 * np.exp(space.log_variance[items][:, pair].T / 2)
    return {"x": x, "y": y, "width": width, "height": height}


def _beyond(known: NDArray, usual: NDArray, asked: NDArray) -> Bool[NDArray, "K"]:
    near, far = (
        nearest(torch.from_numpy(points), torch.from_numpy(known), 1)[0][:, 0].numpy()
        for points in (usual, asked)
    )
    beyond: NDArray[np.bool_] = far > np.quantile(near, USUAL)
    return beyond

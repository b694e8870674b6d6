"""How codes lie in a plane: areas of classes, symmetry, extent and gaps.

Every measure is free of scale, so that an autoencoder's wide plane and a variational autoencoder's
narrow one can be compared; areas and gaps do not change under any linear map of the plane.
"""

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import ConvexHull, Delaunay, cKDTree

from reparam.metrics.progress import bar

CELLS = 96
CENTRAL = 0.9
MULTIPLE = 5.0
PROBES = 5000
AT_ONCE = 50_000


def whitened(
    z: Float[NDArray, "N D"], like: Float[NDArray, "M D"] | None = None
) -> Float[NDArray, "N D"]:
    """Points in units of codes' covariance, from the codes' mean.

    Args:
        z: Points.
        like: The codes; the points themselves by default, which then have covariance I.
    """
    codes = z if like is None else like
    values, vectors = np.linalg.eigh(np.cov(codes.T))
    return (z - codes.mean(0, dtype=float)) @ vectors / np.sqrt(values.clip(1e-12))


def density_area(z: Float[NDArray, "N 2"], mass: float = CENTRAL) -> float:
    """The area of the highest-density region that holds a share of the codes.

    The density is a kernel estimate with Scott's width, counted on a grid.

    Args:
        z: Codes in a plane.
        mass: The share.

    Example:
        >>> square = np.random.default_rng(0).random((20_000, 2))
        >>> round(density_area(square), 1)
        0.9
    """
    white = whitened(z)
    scale = np.sqrt(np.linalg.det(np.cov(z.T)))
    width = len(z) ** (-1 / 6)
    low, high = white.min(0) - 3 * width, white.max(0) + 3 * width
    cell = (high - low) / CELLS
    counts, edges = np.histogramdd(white, bins=CELLS, range=list(zip(low, high, strict=True)))
    density = gaussian_filter(counts, width / cell, mode="constant")
    places = [np.searchsorted(edges[i], white[:, i], "right") - 1 for i in (0, 1)]
    at_codes = density[tuple(np.clip(place, 0, CELLS - 1) for place in places)]
    inside = density >= np.quantile(at_codes, 1 - mass)
    return float(inside.sum() * cell.prod() * scale)


def area_ratio(z: Float[NDArray, "N 2"], labels: Int[NDArray, "N"]) -> float:
    """The largest class's area over the smallest's, each a 90% highest-density region.

    Args:
        z: Codes in a plane.
        labels: Their classes.

    Example:
        >>> z = np.random.default_rng(0).normal(size=(4000, 2))
        >>> z[2000:] *= 2
        >>> round(area_ratio(z, np.arange(4000) // 2000))
        4
    """
    areas = [density_area(z[labels == label]) for label in np.unique(labels)]
    return max(areas) / min(areas)


def offset(z: Float[NDArray, "N D"]) -> float:
    """How far the codes' mean lies from the origin, in root mean square distances from the mean.

    Args:
        z: Codes.

    Example:
        >>> offset(np.array([[1.0, 0.0], [3.0, 0.0]]))
        2.0
    """
    centre = z.mean(0, dtype=float)
    return float(np.linalg.norm(centre) / np.sqrt(np.square(z - centre).sum(1).mean()))


def quadrant_ratio(z: Float[NDArray, "N 2"]) -> float:
    """Codes in the fullest quadrant over codes in the emptiest; each is counted one too high.

    Args:
        z: Codes in a plane.

    Example:
        >>> quadrant_ratio(np.array([[1, 1], [-1, 1], [1, -1], [-1, -1], [2, 2], [3, 3]]))
        2.0
    """
    quadrants = (z[:, 0] > 0) * 2 + (z[:, 1] > 0)
    counts = np.bincount(quadrants.astype(int), minlength=4) + 1
    return float(counts.max() / counts.min())


def extent(z: Float[NDArray, "N D"]) -> float:
    """The distance from the mean that one code in 100 exceeds, over the one that half exceed.

    For a normal distribution in a plane it is 2.58, for a disc 1.41.

    Args:
        z: Codes.

    Example:
        >>> round(extent(np.random.default_rng(0).normal(size=(100_000, 2))), 1)
        2.6
    """
    distances = np.linalg.norm(whitened(z), axis=1)
    return float(np.quantile(distances, 0.99) / np.median(distances))


def central(z: Float[NDArray, "N D"], share: float = CENTRAL) -> Float[NDArray, "n D"]:
    """The codes nearest to their mean, in their own covariance's units.

    Args:
        z: Codes.
        share: How many of them.
    """
    distances = np.linalg.norm(whitened(z), axis=1)
    return z[distances <= np.quantile(distances, share)]


def gap_points(
    z: Float[NDArray, "N 2"], multiple: float = MULTIPLE, seed: int = 0
) -> Float[NDArray, "P 2"]:
    """Where the occupied region is empty.

    The region is the convex hull of the 90% of the codes nearest to their mean. A point of it is
    in a gap where every code is farther away than 5 times the median distance of a code to its
    nearest neighbour; distances are in units of the codes' covariance.

    Args:
        z: Codes in a plane.
        multiple: Of the median distance.
        seed: Of the points that are tried.

    Returns:
        Those of 5,000 points, spread evenly over the region, that lie in a gap.
    """
    return probes(z, seed)[_far(z, multiple, seed)]


def gap_share(z: Float[NDArray, "N 2"], multiple: float = MULTIPLE, seed: int = 0) -> float:
    """The share of the occupied region that is a gap: see `gap_points`.

    Args:
        z: Codes in a plane.
        multiple: Of the median distance.
        seed: Of the points that are tried.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> gap_share(rng.normal(size=(2000, 2))) < 0.01
        True
        >>> angle, radius = rng.random(2000) * 7, 1 + rng.random(2000) / 10
        >>> ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
        >>> gap_share(ring) > 0.5
        True
    """
    return float(_far(z, multiple, seed).mean())


def probes(z: Float[NDArray, "N 2"], seed: int = 0) -> Float[NDArray, "P 2"]:
    """Points spread evenly over the occupied region.

    Args:
        z: Codes in a plane.
        seed: Of the points.
    """
    core = central(z)
    hull = core[ConvexHull(core).vertices]
    simplices = hull[Delaunay(hull).simplices]
    edges = simplices[:, 1:] - simplices[:, :1]
    areas = np.abs(np.linalg.det(edges))
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(areas), PROBES, p=areas / areas.sum())
    weights = rng.dirichlet(np.ones(3), PROBES)
    return (simplices[chosen] * weights[:, :, None]).sum(1)


def _far(z: NDArray, multiple: float, seed: int) -> NDArray[np.bool_]:
    codes = whitened(z)
    tree = cKDTree(codes)
    parts = bar(range(0, len(codes), AT_ONCE), unit="parts")
    own = [tree.query(codes[start : start + AT_ONCE], k=2)[0][:, 1] for start in parts]
    usual = np.median(np.concatenate(own))
    return tree.query(whitened(probes(z, seed), z))[0] > multiple * usual

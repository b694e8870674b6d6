"""The latent spaces: planes, decodings at their coordinates, posteriors, histograms."""

from functools import partial

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import norm

from reparam.metrics.plane import density_area
from reparam.plots.numbers import Point, bars, histograms
from reparam.plots.plane import ellipses, limits, overlay, planes
from reparam.plots.tiles import decoded_grids
from reparam.study.drawing import Drawing
from reparam.study.evidence import Evidence

SECTION = "Latent space"
FEW = 3000
SIDE = 15
OVERLAYS = (("box", "even draws from the codes' box"), ("prior", "draws from N(0, I)"))
PAIRS = {"bce": ("autoencoder-bce-2", "vae-bce-2"), "rmse": ("autoencoder-rmse-2", "vae-rmse-2")}


def some(evidence: Evidence, count: int = FEW) -> NDArray[np.intp]:
    """Items to draw, the same in every figure."""
    return np.random.default_rng(7).permutation(len(evidence.items))[:count]


def draw_plain(evidence: Evidence, loss: str) -> Figure:
    """The planes without classes, in one frame."""
    which = some(evidence)
    clouds = [evidence.codes(name)[which] for name in PAIRS[loss]]
    titles = [f"{name}, one frame" for name in PAIRS[loss]]
    return planes(clouds, titles, frame=limits(np.concatenate(clouds)))


def draw_classes(evidence: Evidence, loss: str) -> Figure:
    """The planes by class, each in its own frame."""
    which = some(evidence)
    clouds = [evidence.codes(name)[which] for name in PAIRS[loss]]
    return planes(clouds, PAIRS[loss], evidence.labels[which], evidence.classes)


def spread_out(points: NDArray, count: int) -> NDArray[np.intp]:
    """Points chosen one by one, each as far as can be from those before.

    Args:
        points: To choose from, (N, 2).
        count: How many.
    """
    chosen = [0]
    nearest = np.full(len(points), np.inf)
    for _ in range(count - 1):
        nearest = np.minimum(nearest, np.linalg.norm(points - points[chosen[-1]], axis=1))
        chosen.append(int(nearest.argmax()))
    return np.array(chosen)


def draw_overlay(evidence: Evidence, name: str, source: str, words: str) -> Figure:
    """Decoded draws over the plane."""
    draws = evidence.draws(name, source)
    frame = limits(evidence.codes(name)) if source == "box" else limits(draws)
    inside = np.all(
        [(draws[:, i] >= frame[i][0]) & (draws[:, i] <= frame[i][1]) for i in (0, 1)], 0
    )
    points = draws[inside]
    points = points[spread_out(points, 90)]
    which = some(evidence)
    return overlay(
        evidence.codes(name)[which],
        points,
        evidence.decode(name, points),
        evidence.labels[which],
        f"{name}: {words}",
    )


def grid(evidence: Evidence, name: str, across: NDArray, up: NDArray) -> NDArray:
    """Decodings at every pair of coordinates, (R, C, 1, H, W), the first row at the bottom."""
    z = np.stack(np.meshgrid(across, up), -1).reshape(-1, 2)
    pictures = evidence.decode(name, z)
    return pictures.reshape(len(up), len(across), *pictures.shape[1:])


def draw_grids(evidence: Evidence) -> Figure:
    """Decodings of both planes over their codes' frames."""
    grids, ticks = [], []
    for name in PAIRS["bce"]:
        (left, right), (low, high) = limits(evidence.codes(name), room=0.0)
        across, up = np.linspace(left, right, SIDE), np.linspace(low, high, SIDE)
        grids.append(grid(evidence, name, across, up))
        ticks.append((across, up))
    return decoded_grids(grids, ticks, PAIRS["bce"], ["z{}", "z{}"])


def draw_normal_grid(evidence: Evidence) -> Figure:
    """Decodings at equal steps of z, and at equal steps of the prior's probability."""
    even = np.linspace(-3, 3, SIDE)
    chances = (np.arange(SIDE) + 0.5) / SIDE  # middles of equal parts: never 0 or 1
    grids = [grid(evidence, "vae-bce-2", at, at) for at in (even, norm.ppf(chances))]
    return decoded_grids(
        grids,
        [(even, even), (chances, chances)],
        ["vae-bce-2: equal steps of z", "vae-bce-2: equal steps of probability"],
        ["z{}", "Φ(z{})"],
    )


def draw_ellipses(evidence: Evidence, name: str) -> Figure:
    """Posteriors as ellipses."""
    which = some(evidence, 500)
    mean, log_variance = evidence.normals(name)
    return ellipses(
        mean[which],
        np.exp(log_variance[which] / 2),
        evidence.labels[which],
        evidence.classes,
        f"{name}: 500 posteriors, one standard deviation",
    )


def draw_histograms(evidence: Evidence, latent: int) -> Figure:
    """Codes of the autoencoder and of the VAE against N(0, 1)."""
    x = np.linspace(-4, 4, 161)
    rows = {
        name: evidence.codes(name) for name in (f"autoencoder-bce-{latent}", f"vae-bce-{latent}")
    }
    shown = f"the first 8 of {latent}" if latent > 8 else str(latent)
    return histograms(rows, (x, norm.pdf(x)), f"Codes, {shown} dimensions, against N(0, 1)")


def draw_areas(evidence: Evidence) -> Figure:
    """Each class's share of all classes' areas."""
    groups: dict[str, dict[str, Point]] = {}
    for name in PAIRS["bce"]:
        z = evidence.codes(name)
        sizes = [density_area(z[evidence.labels == i]) for i in range(len(evidence.classes))]
        shares = np.array(sizes) / sum(sizes)
        groups[name] = {
            label: (share, share, share)
            for label, share in zip(evidence.classes, shares, strict=True)
        }
    return bars(
        groups,
        "share of all classes' areas",
        "Area of each class's 90% highest-density region",
        reference=(0.1, "equal areas"),
    )


SPACE = [
    *[
        Drawing(
            f"planes-plain-{loss}",
            SECTION,
            "Codes of 3,000 training pictures, in one frame: how far each model's reach.",
            partial(draw_plain, loss=loss),
        )
        for loss in PAIRS
    ],
    *[
        Drawing(
            f"planes-{loss}",
            SECTION,
            f"The planes by class, each in its own frame; trained with {loss.upper()}.",
            partial(draw_classes, loss=loss),
        )
        for loss in PAIRS
    ],
    Drawing(
        "areas",
        SECTION,
        "How large a part of the plane each class takes.",
        draw_areas,
    ),
    *[
        Drawing(
            f"overlay-{name}",
            SECTION,
            f"{words[0].upper()}{words[1:]}, decoded, at their own coordinates.",
            partial(draw_overlay, name=name, source=source, words=f"{words}, decoded"),
        )
        for pair in PAIRS.values()
        for name, (source, words) in zip(pair, OVERLAYS, strict=True)
    ],
    Drawing(
        "grid",
        SECTION,
        "Decodings at equal steps over the frame of the codes.",
        draw_grids,
    ),
    Drawing(
        "grid-normal",
        SECTION,
        "The VAE's decodings at equal steps of z, and at equal steps of the prior's probability, "
        "where every tile stands for as many samples.",
        draw_normal_grid,
    ),
    *[
        Drawing(
            f"embeddings-{loss}",
            SECTION,
            "Each picture is a distribution: an ellipse of one standard deviation at its mean.",
            partial(draw_ellipses, name=f"vae-{loss}-2"),
        )
        for loss in PAIRS
    ],
    *[
        Drawing(
            f"histograms-{latent}",
            SECTION,
            "The codes' distribution in each dimension; the line is N(0, 1).",
            partial(draw_histograms, latent=latent),
        )
        for latent in (2, 8, 32)
    ],
]

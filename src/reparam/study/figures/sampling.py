"""What decoded draws look like: samples, gaps, paths, classes and shares."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from reparam.metrics.classes import class_shares
from reparam.metrics.estimate import estimate
from reparam.metrics.plane import probes, whitened
from reparam.plots.numbers import Point, bars, trends
from reparam.plots.plane import Limits, limits
from reparam.plots.sheet import sheet
from reparam.plots.tiles import paths
from reparam.study.drawing import Drawing
from reparam.study.evidence import Evidence
from reparam.study.figures.losses import point
from reparam.study.figures.space import PAIRS, some

SECTION = "Sampling"
STEPS = 11
STRAIGHT = 0.8  # the least cosine between the path's halves
SOURCES = {
    "codes": "codes",
    "box": "the codes' box",
    "normal": "a fitted normal",
    "prior": "N(0, I)",
}


def draw_samples(evidence: Evidence) -> Figure:
    """Twelve draws of each model, by what one would draw from."""
    rows = {}
    for latent in (2, 8, 32):
        plain, variational = f"autoencoder-bce-{latent}", f"vae-bce-{latent}"
        rows[f"{plain}, box"] = evidence.decode(plain, evidence.draws(plain, "box", 12))
        rows[f"{plain}, normal"] = evidence.decode(plain, evidence.draws(plain, "normal", 12))
        rows[f"{variational}, prior"] = evidence.decode(
            variational, evidence.draws(variational, "prior", 12)
        )
    return sheet(rows, [], f"{evidence.title}: decoded draws")


def through_hole(z: NDArray, seed: int) -> NDArray:
    """A path from a code through the middle of the largest gap within the cloud to another code.

    Args:
        z: Codes, (N, 2).
        seed: Of the points that are tried.
    """
    white = whitened(z)
    places = probes(z, seed)
    at = whitened(places, z)
    within = np.linalg.norm(at, axis=1) <= np.median(np.linalg.norm(white, axis=1))
    distance = cKDTree(white).query(at)[0]
    chosen = np.where(within, distance, 0).argmax()
    steps = white - at[chosen]
    lengths = np.linalg.norm(steps, axis=1)
    first = lengths.argmin()
    onward = steps @ -steps[first] / (lengths * lengths[first]) > STRAIGHT
    last = np.where(onward, lengths, np.inf).argmin()
    middle, half = places[chosen], np.linspace(0, 1, STEPS // 2 + 1)[:, None]
    there = z[first] + (middle - z[first]) * half
    return np.concatenate([there, middle + (z[last] - middle) * half[1:]])


def draw_paths(evidence: Evidence) -> Figure:
    """A path through each model's largest hole."""
    which = some(evidence)
    clouds: list[NDArray] = []
    lines: list[NDArray] = []
    strips: list[NDArray] = []
    good: list[Sequence[bool]] = []
    frames: list[Limits] = []
    for name in PAIRS["bce"]:
        z = evidence.codes(name)
        line = through_hole(z, evidence.seed)
        clouds.append(z[which])
        lines.append(line)
        strips.append(evidence.decode(name, line))
        good.append(evidence.judge(name, line).recognisable.tolist())
        frames.append(limits(z))
    titles = [f"{name}: through the largest gap" for name in PAIRS["bce"]]
    return paths(clouds, lines, strips, good, titles, frames)


def draw_shares(evidence: Evidence) -> Figure:
    """What even draws and the prior's draws decode to."""
    groups: dict[str, dict[str, Point]] = {}
    for name, source in (("autoencoder-bce-2", "box"), ("vae-bce-2", "prior")):
        labels = evidence.judged(name, source).label
        found = [
            point(estimate(np.mean, labels == number, seed=0))
            for number in range(len(class_shares(labels)))
        ]
        groups[f"{name}, {SOURCES[source]}"] = dict(zip(evidence.classes, found, strict=True))
    return bars(
        groups,
        "share of decoded draws",
        "Classes of decoded draws, by an independent classifier",
        reference=(0.1, "equal shares"),
    )


def draw_recognisable(evidence: Evidence) -> Figure:
    """Recognisable decodings as dimensions are added."""
    series: dict[str, dict[float, Point]] = {}
    for kind, sources in (
        ("autoencoder", ("codes", "box", "normal")),
        ("vae", ("codes", "prior")),
    ):
        for source in sources:
            series[f"{kind}, {SOURCES[source]}"] = {
                latent: point(evidence.recognisable(f"{kind}-bce-{latent}", source))
                for latent in (2, 8, 32)
            }
    return trends(series, "latents", "recognisable share", "Which draws decode to clothes")


SAMPLING = [
    Drawing("samples", SECTION, "Twelve decoded draws of each kind.", draw_samples),
    Drawing(
        "path",
        SECTION,
        "A path from a code through the largest gap to another. Pictures framed in blue are "
        "recognisable to the independent classifier, those in vermilion are not.",
        draw_paths,
    ),
    Drawing("shares", SECTION, "Which classes one would sample.", draw_shares),
    Drawing(
        "recognisable",
        SECTION,
        "The share of decoded draws that are recognisable, with 95% intervals.",
        draw_recognisable,
    ),
]

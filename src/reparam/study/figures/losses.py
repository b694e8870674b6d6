"""Reconstructions, the losses' shapes, and how training went."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.pictures import fine_detail, greyness, sharpness, squared_error
from reparam.plots.numbers import Point, bars, curves
from reparam.plots.sheet import sheet
from reparam.study.claims.losses import cross_entropy, root_squared_error
from reparam.study.drawing import Drawing
from reparam.study.evidence import Evidence
from reparam.training import Record

SECTION = "Losses and reconstructions"
PLANES = ["autoencoder-bce-2", "vae-bce-2", "autoencoder-rmse-2", "vae-rmse-2"]
MANY = ["autoencoder-bce-8", "vae-bce-8", "autoencoder-bce-32", "vae-bce-32"]


def some_of_each_class(evidence: Evidence) -> NDArray[np.intp]:
    """The first test picture of each class."""
    labels = evidence.test_labels
    return np.array([np.flatnonzero(labels == label)[0] for label in np.unique(labels)])


def draw_reconstructions(evidence: Evidence) -> Figure:
    """Originals over what each model makes of them, PCA's beside."""
    chosen = some_of_each_class(evidence)
    rows = {"original": evidence.originals[chosen]}
    for latent in (2, 8, 32):
        rows[f"PCA, {latent}"] = evidence.pca(latent)[chosen]
        for name in [*PLANES, *MANY]:
            if name.endswith(f"-{latent}"):
                rows[name] = evidence.reconstructions(name)[chosen]
    names = [evidence.classes[label] for label in evidence.test_labels[chosen]]
    title = f"{evidence.title}: test pictures and their reconstructions"
    return sheet(rows, names, title)


def draw_errors(evidence: Evidence) -> Figure:
    """The error of every model beside PCA's."""
    x = evidence.originals
    groups: dict[str, dict[str, Point]] = {}

    def error(y: NDArray) -> Point:
        return point(
            estimate(lambda part: float(np.sqrt(part.mean())), squared_error(x, y), seed=0)
        )

    for name in [*PLANES, *MANY]:
        kind, loss, latent = name.split("-")
        groups.setdefault(f"{kind}, {loss}", {})[f"{latent} latents"] = error(
            evidence.reconstructions(name)
        )
    groups["PCA"] = {f"{latent} latents": error(evidence.pca(latent)) for latent in (2, 8, 32)}
    title = f"{evidence.title}: error on test pictures"
    return bars(groups, "root mean squared error\n(pixel units)", title)


def point(value: Estimate) -> Point:
    """An estimate as a value with the ends of its interval.

    Args:
        value: The estimate.
    """
    return value.value, *value.interval


def draw_loss_shapes(evidence: Evidence) -> Figure:
    """Both losses around a bright and a dark pixel."""
    y = np.linspace(0.02, 0.98, 193)
    panels = {}
    for name, loss in (("BCE", cross_entropy), ("RMSE", root_squared_error)):
        lines = {}
        for pixel in (0.7, 0.3):
            x = np.full_like(y, pixel)
            lines[f"pixel {pixel}"] = (y, loss(x, y) - loss(x, x))
        panels[f"{name} above its least value"] = lines
    return curves(panels, "prediction", ["nats", "pixel units"])


def draw_look(evidence: Evidence) -> Figure:
    """Greyness, sharpness and fine detail, over the originals'."""
    real = evidence.originals
    sources = {
        "autoencoder-bce-2": evidence.reconstructions("autoencoder-bce-2"),
        "autoencoder-rmse-2": evidence.reconstructions("autoencoder-rmse-2"),
        "samples of vae-bce-2": evidence.decode("vae-bce-2", evidence.draws("vae-bce-2", "prior")),
        "samples of vae-rmse-2": evidence.decode(
            "vae-rmse-2", evidence.draws("vae-rmse-2", "prior")
        ),
    }
    measures = {"greyness": greyness, "sharpness": sharpness, "fine detail": fine_detail}
    groups: dict[str, dict[str, Point]] = {}
    for name, pictures in sources.items():
        groups[name] = {}
        for what, measure in measures.items():
            own = estimate(np.mean, measure(pictures), seed=0)
            groups[name][what] = point(own / float(measure(real).mean()))
    return bars(groups, "over the originals'", "How pictures look", reference=(1, "originals"))


def draw_predictions(evidence: Evidence) -> Figure:
    """How often each brightness is predicted."""
    edges = np.linspace(0, 1, 41)
    middles = (edges[1:] + edges[:-1]) / 2
    lines = {}
    for name, pictures in (
        ("originals", evidence.originals),
        ("autoencoder-bce-2", evidence.reconstructions("autoencoder-bce-2")),
        ("autoencoder-rmse-2", evidence.reconstructions("autoencoder-rmse-2")),
    ):
        counts, _ = np.histogram(pictures, edges)
        lines[name] = (middles, counts / counts.sum())
    return curves(
        {"Brightness of test pictures and reconstructions": lines},
        "brightness",
        ["share of pixels"],
        logs=[True],
    )


def draw_training(evidence: Evidence) -> Figure:
    """Distortion, rate and loss while training."""
    panels: dict[str, dict[str, tuple[NDArray, NDArray]]] = {
        "Distortion, BCE": {},
        "Rate (KL divergence)": {},
        "Loss, RMSE": {},
    }
    for name, trained in evidence.trained.items():
        epochs = smooth(trained.records, "epoch")
        line = partial(smooth, trained.records)

        if "-bce-" in name:
            panels["Distortion, BCE"][name] = (epochs, line("distortion"))
        else:
            panels["Loss, RMSE"][name] = (epochs, line("loss"))
        if "rate" in trained.records[0]:
            panels["Rate (KL divergence)"][name] = (epochs, line("rate"))
    figure = curves(panels, "epoch", ["nats per example"] * 3)
    for axes in (figure.axes[0], figure.axes[2]):
        values = np.concatenate([np.asarray(line.get_ydata())[2:] for line in axes.lines])
        room = 0.05 * float(np.ptp(values))
        axes.set_ylim(values.min() - room, np.quantile(values, 0.97) + room)
    return figure


def smooth(records: Sequence[Record], key: str) -> NDArray:
    """A tenth of an epoch's records averaged: single ones scatter, the last of an epoch most.

    Args:
        records: What training recorded.
        key: Of what.
    """
    tenths = np.ceil(np.array([record["epoch"] for record in records]) * 10 - 1e-6).astype(int)
    values = np.array([record[key] for record in records])
    return np.array([values[tenths == tenth].mean() for tenth in np.unique(tenths)])


LOSSES = [
    Drawing(
        "loss-shapes",
        SECTION,
        "RMSE costs the same on both sides of the pixel; binary cross-entropy costs more toward "
        "the nearer extreme.",
        draw_loss_shapes,
    ),
    Drawing(
        "training",
        SECTION,
        "Training split into distortion and rate. What RMSE's models minimise has other units, so "
        "it has its own panel.",
        draw_training,
    ),
    Drawing(
        "reconstructions",
        SECTION,
        "The first test picture of each class, and what every model and PCA make of it.",
        draw_reconstructions,
    ),
    Drawing(
        "errors",
        SECTION,
        "The same error for all models, beside PCA with as many components.",
        draw_errors,
    ),
    Drawing(
        "predictions",
        SECTION,
        "How often each brightness occurs; if binary cross-entropy pushed predictions to 0.5, its "
        "line would stand out there.",
        draw_predictions,
    ),
    Drawing(
        "look",
        SECTION,
        "Greyness, sharpness and fine detail of reconstructions and samples over the originals'.",
        draw_look,
    ),
]

"""What the zoo's pictures share: trained models, codes, panels."""

import functools
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from reparam import data, fit, zoo
from reparam.inference import inference
from reparam.models import VAE
from reparam.objectives import Objective
from reparam.plots import COLOURS, style
from reparam.plots.densities import SHARES
from reparam.plots.plane import Limits, limits, prepare, scatter
from reparam.plots.style import CLASSES
from reparam.randomness import seeded
from reparam.training import Record

TRAIN, TEST = data.load("fashion-mnist-subset")


NAMES = TEST.schema.classes


SIDE = 201


class Trained(NamedTuple):
    """A model and what was recorded while it was trained."""

    model: VAE
    objective: Objective
    records: list[Record]


@functools.cache
def trained(
    name: str,
    latent: int = 2,
    epochs: int = 5,
    recipe: tuple[tuple[str, Any], ...] = (),
    **arguments: Any,
) -> Trained:
    """A variant after some epochs of the default recipe: a perceptron 512-256, seed 0."""
    parts = {"network": "mlp"} | arguments
    model, objective = zoo.ZOO[name].make(TRAIN.shape, latent=latent, **parts)
    history = fit(model, objective, TRAIN, epochs=epochs, progress=False, **dict(recipe))
    return Trained(model, objective, history.of("train"))


def told(name: str, **numbers: Any) -> None:
    """Print what was measured."""
    print(f"  {name}: " + ", ".join(f"{k} {float(v):.4g}" for k, v in numbers.items()), flush=True)


def posterior(model: VAE) -> Any:
    """The test pictures' posteriors."""
    given = [TEST.tensor(), torch.from_numpy(labels())][: 1 + model.conditions]
    with inference(model):
        return model.posterior(*given)


def drawn(model: VAE) -> NDArray:
    """One code of each test picture: a draw from its posterior."""
    with seeded(0):
        return posterior(model).sample().numpy()


def labels() -> NDArray:
    """The test pictures' classes."""
    assert TEST.labels is not None
    return TEST.labels.numpy()


def panels(rows: int, columns: int, width: float = 3.3, height: float = 3.5) -> tuple[Figure, Any]:
    """A figure with rows and columns of axes."""
    size = (width * columns, height * rows)
    figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08))
    return figure, figure.subplots(rows, columns, squeeze=False)


def name_colours(figure: Figure) -> None:
    """The classes' colours below a figure."""
    dots = [Line2D([], [], marker="o", linestyle="", color=c, markersize=5) for c in CLASSES]
    figure.legend(dots, NAMES, loc="outside lower center", ncols=5, columnspacing=1.4)


def clouds(codes: Mapping[str, NDArray], rows: int = 1, circles: bool = False) -> Figure:
    """Planes of codes by class, each in its own frame; with the circles of N(0, I) if wished."""
    with style():
        figure, axes = panels(rows, len(codes) // rows)
        for panel, (title, z) in zip(axes.flat, codes.items(), strict=True):
            half = max(3.4, float(np.quantile(np.abs(z), 0.999)) * 1.05)
            square: Limits = ((-half, half), (-half, half))
            prepare(panel, square if circles else limits(z), "")
            panel.set_title(title, fontsize=10)
            scatter(panel, z, None if title.startswith("draws") else labels())
            for share in SHARES if circles else ():
                ring(panel, math.sqrt(-2 * math.log(1 - share)))
        name_colours(figure)
    return figure


def ring(axes: Axes, radius: float) -> None:
    """A circle around the origin."""
    turn = np.linspace(0, 2 * np.pi, 181)
    line = radius * np.cos(turn), radius * np.sin(turn)
    axes.plot(*line, color=COLOURS["black"], linewidth=1.1, zorder=4)

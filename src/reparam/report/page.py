"""A run as one HTML page that opens offline: the verdict, the findings, figures, numbers."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import torch
from markupsafe import Markup

from reparam._version import __version__
from reparam.artifact import Artifact
from reparam.artifact.folder import HISTORY
from reparam.data import Dataset
from reparam.errors import ReparamError
from reparam.inference import inference, inputs_of
from reparam.latent import Checkup, checkup, codes, rates, traversals
from reparam.plots import loss_curve, png, reconstructions
from reparam.plots.strips import strips
from reparam.report.html import content_policy, embedded, environment, script_data, text
from reparam.report.measure import evaluated
from reparam.report.pictures import chosen, in_turn
from reparam.report.plane import latent_plane
from reparam.training.history import records_in

PICTURES = 16
SAMPLES = (3, 12)
TOP = 10
STEPS = 9
Drawn = tuple[str, str, bytes]
"""A figure's name, what one sees, and its PNG."""


def report(
    run: Artifact, data: Dataset, train: Dataset | None = None, samples: int = 16, seed: int = 0
) -> str:
    """Check a run's model, and write what was found as a page.

    Args:
        run: The trained model with its folder.
        data: Items that it was not trained on, such as the test set.
        train: Items that it was trained on; without them overfitting cannot be judged.
        samples: How many draws an item's importance-weighted bound takes.
        seed: Of every choice and draw.

    Returns:
        The page: everything is in it, and nothing is fetched.

    Raises:
        ReparamError: If the data do not fit, are too few, or the model needs conditions.
    """
    found = checkup(run.model, data, train, seed=seed)
    plane = None
    if len(data.shape) == 3 and found.dimensions == 2:
        plane = latent_plane(run.model, codes(run.model, chosen(data, 3000, seed)), _classes(data))
    figures = [
        {"name": name, "caption": caption, "image": embedded(content), "grade": ""}
        for name, caption, content in _of_model(run, data, seed)
    ]
    figures += [
        {
            "name": finding.id,
            "caption": f"{finding.title}: {finding.meaning}",
            "image": embedded(png(finding.figure())),
            "grade": finding.grade,
        }
        for finding in found.findings
        if finding.figure is not None
    ]
    script = text("reparam.report", "plane.js")
    return (
        environment()
        .from_string(text("reparam.report", "page.html.jinja"))
        .render(
            policy=content_policy(script),
            title=f"{run.name}: can its latent space be trusted?",
            facts=_facts(run, data, train, found),
            checkup=found.to_json(),
            shown={figure["name"] for figure in figures},
            plane=plane,
            plane_data=None if plane is None else script_data(plane),
            plane_script=Markup(script),
            figures=figures,
            numbers=list(_numbers(evaluated(run.model, data, samples, seed, train))),
            measured_on=f"{data.schema.title}, {data.schema.split}, {len(data):,} items",
            version=__version__,
        )
    )


def _of_model(run: Artifact, data: Dataset, seed: int) -> Iterator[Drawn]:
    """Figures of the model itself."""
    model = run.model
    with suppress(OSError, ValueError, ReparamError):  # a model that was saved by hand has none
        figure = loss_curve(records_in((run.path / HISTORY).read_bytes()))
        yield "loss", "How loss, distortion and rate went while it was trained.", png(figure)
    if len(data.shape) != 3:
        return
    some = chosen(data, PICTURES, seed)
    made = model.reconstruct(*inputs_of(model, some)).cpu().clamp(0, 1).numpy()
    labels = None if some.labels is None else [_class(data, k) for k in some.labels.tolist()]
    figure = reconstructions(some.tensor().numpy(), made, labels)
    yield "reconstructions", "Items, and what comes back.", png(figure)
    if model.prior is None:
        return
    rows, columns = SAMPLES
    given = in_turn(model, rows * columns)
    drawn = model.sample(rows * columns, *given, seed=seed).cpu().clamp(0, 1).numpy()
    drawn = drawn.reshape(rows, columns, *drawn.shape[1:])
    yield "samples", "Samples.", png(strips(drawn, [""] * rows, [""] * columns, "Samples"))
    with suppress(ReparamError, NotImplementedError):
        each = rates(model, data)
        if each.ndim == 1:
            values = torch.linspace(-3, 3, STEPS)
            order, z = traversals(torch.zeros(len(each)), values, each, TOP)
            with inference(model):
                p = model.prior()
            z = p.mean.cpu() + p.stddev.cpu() * z
            names = [f"dimension {k}\n{each[k]:.2f} nats" for k in order.tolist()]
            pictures = model.decode(z).cpu().clamp(0, 1).numpy()
            heads = [f"{value:+.3g}" if value else "0" for value in values.tolist()]
            note = "in standard deviations from the prior's centre"
            figure = strips(pictures, names, heads, "One dimension at a time", note)
            yield "traversals", "Traversals, the highest rate first.", png(figure)


def _facts(run: Artifact, data: Dataset, train: Dataset | None, found: Checkup) -> str:
    kind = "items" if len(data.shape) == 1 else "pictures"
    words = [
        f"{found.codes:,} codes of {data.schema.title} ({data.schema.split}) in "
        f"{found.dimensions} dimensions"
    ]
    words.append(f"{len(train):,} training {kind}" if train is not None else "no training items")
    words += [f"{run.recipe[key]} {key}" for key in ("epochs",) if key in run.recipe]
    return "; ".join(words) + "."


def _numbers(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in figures.items():
        name = key.replace("_", " ")
        if isinstance(value, bool) or value is None:
            yield name, {True: "yes", False: "no", None: "none"}[value]
        elif isinstance(value, float):
            yield name, f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"
        elif isinstance(value, list):
            yield name, ", ".join(f"{part:.2f}" for part in value)
        else:
            yield name, str(value)


def _classes(data: Dataset) -> tuple[str, ...]:
    return data.schema.classes or ()


def _class(data: Dataset, label: int) -> str:
    names = _classes(data)
    return names[label] if 0 <= label < len(names) else str(label)

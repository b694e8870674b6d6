"""`reparam evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from reparam.cli.options import (
    Background,
    Data,
    Device,
    Fit,
    Json,
    Layout,
    Place,
    Run,
    Seed,
    Size,
    Strict,
    reading,
)
from reparam.cli.output import show, write_json


def evaluate(
    run: Run,
    data: Data,
    out: Annotated[
        Path | None, typer.Option(help="Write the figures as JSON to a file too.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, validation, test, or all.")] = "test",
    samples: Annotated[
        int,
        typer.Option(
            help="Draws for an item's importance-weighted bound: more are tighter.", min=1
        ),
    ] = 16,
    reference: Annotated[
        str | None,
        typer.Option(
            help="What principal components, as many as latents, are fitted to: its train split."
        ),
    ] = None,
    layout: Layout = None,
    size: Size = None,
    fit: Fit = None,
    background: Background = None,
    strict: Strict = False,
    path: Place = None,
    seed: Seed = 0,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Measure a trained model on data: errors, bounds in nats, and what its latents are used for.

    Example: reparam evaluate runs/vae fashion-mnist-subset --samples 100
    """
    from reparam.cli.models import matching, opened
    from reparam.report import evaluated

    found = opened(run, device)
    given = reading(layout, size, path, fit, background, strict)
    dataset = matching(found, data, split, given)
    usual = None if reference is None else matching(found, reference, "train", given)
    figures = evaluated(found.model, dataset, samples, seed, usual)
    about = {"data": dataset.schema.title, "split": split, "items": len(dataset), "seed": seed}
    write_json(out, about | figures)
    show(about | figures, json)

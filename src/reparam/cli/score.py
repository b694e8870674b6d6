"""`reparam score`."""

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
from reparam.cli.output import show, suffix_of, write_arrays


def score(
    run: Run,
    data: Data,
    out: Annotated[Path, typer.Option(help="Where to write the scores (.npz).")] = Path(
        "scores.npz"
    ),
    split: Annotated[
        str, typer.Option(help="train, validation, test, or all: every item in order.")
    ] = "all",
    reference: Annotated[
        str | None,
        typer.Option(help="What is usual, for the distance in latent space: its train split."),
    ] = None,
    samples: Annotated[
        int, typer.Option(help="Draws for an item's importance-weighted bound.", min=1)
    ] = 16,
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
    """Score how odd each item of some data is to a trained model: higher is odder.

    Writes an array (N,) for each score that the model allows, and `labels` where the data has
    them; prints the oddest items by each.

    Example: reparam score runs/vae fashion-mnist-subset --reference fashion-mnist-subset
    """
    suffix_of(out)
    from reparam.cli.models import matching, opened
    from reparam.latent import anomaly_scores

    found, given = opened(run, device), reading(layout, size, path, fit, background, strict)
    dataset = matching(found, data, split, given)
    usual = None if reference is None else matching(found, reference, "train", given)
    scores = anomaly_scores(found.model, dataset, usual, samples, seed=seed)
    write_arrays(out, {**scores, "labels": dataset.labels})
    oddest = {
        name: values.topk(min(5, len(values))).indices.tolist() for name, values in scores.items()
    }
    result = {"out": str(out), "items": len(dataset), "split": split, "oddest": oddest}
    show(result | {"data": dataset.schema.title}, json)

"""`reparam reconstruct`."""

import math
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
from reparam.cli.output import FIGURES, check_drawable, check_sheet, show, suffix_of, write_arrays


def reconstruct(
    run: Run,
    data: Data,
    n: Annotated[int, typer.Option("-n", "--number", help="How many.", min=1)] = 16,
    out: Annotated[Path, typer.Option(help="A picture (.png, .svg) or arrays (.npz).")] = Path(
        "reconstructions.png"
    ),
    split: Annotated[str, typer.Option(help="train, validation, test or all.")] = "test",
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
    """Reconstruct a random choice of items, and measure the error.

    Example: reparam reconstruct runs/vae fashion-mnist-subset --out reconstructions.png
    """
    suffix = suffix_of(out, FIGURES)
    import torch

    from reparam.cli.models import matching, opened
    from reparam.data import Batches
    from reparam.data.memory import check_fits, items_at_once
    from reparam.inference import inputs
    from reparam.report import chosen, draw_reconstructions, root_mean_squared_error

    found = opened(run, device)
    dataset = chosen(
        matching(found, data, split, reading(layout, size, path, fit, background, strict)), n, seed
    )
    check_drawable(out, dataset.shape)
    check_sheet(out, 2, len(dataset), dataset.shape, "-n")
    numbers = 4 * len(dataset) * math.prod(dataset.shape)
    check_fits(3 * numbers, f"{len(dataset):,} items and their reconstructions", "give a lower -n")
    originals = dataset.tensor()
    batches = Batches(dataset, items_at_once(dataset.shape))
    made = [found.model.reconstruct(*inputs(found.model, batch)).cpu() for batch in batches]
    pictures = torch.cat(made)
    if suffix == ".npz":
        labels = dataset.labels
        write_arrays(out, {"originals": originals, "reconstructions": pictures, "labels": labels})
    else:
        draw_reconstructions(out, dataset, pictures)
    error = root_mean_squared_error(originals, pictures)
    result = {"out": str(out), "items": len(dataset), "split": split, "seed": seed}
    show(result | {"root_mean_squared_error": error, "data": dataset.schema.title}, json)

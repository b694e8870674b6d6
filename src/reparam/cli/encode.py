"""`reparam encode`."""

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
    Size,
    Strict,
    reading,
)
from reparam.cli.output import show, suffix_of, write_arrays


def encode(
    run: Run,
    data: Data,
    out: Annotated[Path, typer.Option(help="Where to write the arrays (.npz).")] = Path("z.npz"),
    split: Annotated[
        str, typer.Option(help="train, validation, test, or all: every item in order.")
    ] = "all",
    layout: Layout = None,
    size: Size = None,
    fit: Fit = None,
    background: Background = None,
    strict: Strict = False,
    path: Place = None,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Encode data: each item's posterior mean and log-variance, with its label.

    Writes arrays `mean` (N, D), `log_variance` (N, D) unless the model is an autoencoder, and
    `labels` (N,) where the data has them.

    Example: reparam encode runs/vae fashion-mnist-subset --out z.npz
    """
    suffix_of(out)
    from reparam.cli.models import matching, opened
    from reparam.latent import codes

    found = opened(run, device)
    dataset = matching(found, data, split, reading(layout, size, path, fit, background, strict))
    z = codes(found.model, dataset)
    write_arrays(out, {"mean": z.mean, "log_variance": z.log_variance, "labels": z.labels})
    result = {"out": str(out), "items": len(z), "shape": list(z.mean.shape[1:]), "split": split}
    arrays = [k for k in ("mean", "log_variance", "labels") if getattr(z, k) is not None]
    show(result | {"data": dataset.schema.title, "arrays": arrays}, json)

"""`reparam sample`."""

from pathlib import Path
from typing import Annotated

import typer

from reparam.cli.options import (
    Background,
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
    refuse,
)
from reparam.cli.output import SHEETS, check_drawable, show, suffix_of, write_arrays


def sample(
    ctx: typer.Context,
    run: Run,
    n: Annotated[int, typer.Option("-n", "--number", help="How many.", min=1)] = 64,
    out: Annotated[
        Path, typer.Option(help="A picture (.png, .jpg, .webp) or arrays (.npz).")
    ] = Path("samples.png"),
    temperature: Annotated[
        float, typer.Option(help="Multiplies the prior's standard deviations.")
    ] = 1.0,
    sampler: Annotated[
        str | None,
        typer.Option(help="Fit to the codes of the data, and use for a prior: normal or box."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Whose codes --sampler is fitted to; what the model was trained on."),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            help="A class's number or name, of a model that takes labels; without it each in turn."
        ),
    ] = None,
    draw: Annotated[
        bool,
        typer.Option("--draw", help="Draw pixels too, not each latent's mean picture."),
    ] = False,
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
    """Sample new pictures from a trained model.

    Example: reparam sample runs/vae -n 64 --out samples.png
    """
    suffix = suffix_of(out, SHEETS)
    if sampler is None:
        refuse(
            ctx,
            ("data", "layout", "size", "path", "fit", "background", "strict"),
            "without --sampler normal|box",
        )
    from reparam.cli.labels import conditions
    from reparam.cli.models import fitted_sampler, opened

    found = opened(run, device)
    if sampler is not None:
        found.model.prior = fitted_sampler(
            found, sampler, data, reading(layout, size, path, fit, background, strict)
        )
    given = conditions(found, n, label)
    images = found.model.sample(n, *given, temperature=temperature, mean=not draw, seed=seed).cpu()
    if suffix == ".npz":
        write_arrays(out, {"samples": images, "labels": given[0] if given else None})
    else:
        check_drawable(out, images.shape[1:])
        from reparam.plots import save_grid

        save_grid(out, images.clamp(0, 1).numpy())
    result = {"out": str(out), "samples": n, "shape": list(images.shape[1:]), "seed": seed}
    show(result | {"temperature": temperature, "sampler": sampler or "prior"}, json)

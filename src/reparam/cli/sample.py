"""`reparam sample`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from reparam.cli.output import (
    SHEETS,
    Parts,
    check_drawable,
    check_room,
    check_sheet,
    show,
    suffix_of,
    write_arrays,
)

if TYPE_CHECKING:
    from torch import Tensor

    from reparam.artifact import Artifact


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
    how: dict[str, Any] = {"temperature": temperature, "mean": not draw, "seed": seed}
    shape = _shape(found, given, how)
    check_drawable(out, shape)
    if suffix == ".npz":
        check_room(out, (n, *shape))
        parts = (some.cpu() for some in found.model.samples(n, *given, **how))
        labels = given[0].cpu() if given else None
        write_arrays(out, {"samples": Parts((n, *shape), parts), "labels": labels})
    else:
        side = math.ceil(math.sqrt(n))
        check_sheet(out, side, side, shape, "-n")
        from reparam.plots import save_grid

        images = found.model.sample(n, *given, **how).cpu()
        save_grid(out, images.clamp(0, 1).numpy())
    result = {"out": str(out), "samples": n, "shape": list(shape), "seed": seed}
    show(result | {"temperature": temperature, "sampler": sampler or "prior"}, json)


def _shape(found: Artifact, given: Sequence[Tensor], how: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of one sample."""
    if found.schema is not None:
        return tuple(found.schema.shape)
    one = found.model.sample(1, *(condition[:1] for condition in given), **how)
    return tuple(one.shape[1:])

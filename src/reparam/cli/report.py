"""`reparam report`."""

from pathlib import Path
from typing import Annotated

import typer

from reparam.cli.options import (
    Background,
    Checked,
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
from reparam.cli.output import show
from reparam.errors import ReparamError


def report(
    run: Run,
    data: Checked = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write the page (.html); by default into the run's folder."),
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
    """Write one HTML page: can the latent space be trusted, what is wrong, what to change.

    The page opens offline in any browser. A plane of two latents answers the mouse.

    Example: reparam report runs/vae
    """
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise ReparamError(f"--out {out} is no page: end it in .html")
    from reparam.artifact.hub import address_of

    if out is None and address_of(run) is not None:
        raise ReparamError(
            f"{address_of(run)} has no folder to write into: name the page by --out"
        )
    from reparam.atomic import replacing
    from reparam.cli.models import opened, unseen_and_seen
    from reparam.report import report as written

    found = opened(run, device)
    test, train = unseen_and_seen(
        found, data, reading(layout, size, path, fit, background, strict)
    )
    place = out or run / "report.html"
    content = written(found, test, train, samples, seed)
    with replacing(place) as file:
        file.write(content.encode())
    result = {"out": str(place), "data": test.schema.title, "items": len(test), "seed": seed}
    show(result, json)

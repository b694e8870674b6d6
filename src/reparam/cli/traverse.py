"""`reparam traverse`."""

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
    Size,
    Strict,
    reading,
    whole_numbers,
)
from reparam.cli.output import FIGURES, check_drawable, check_sheet, show, suffix_of, write_arrays
from reparam.errors import ReparamError

TOP = 8


def traverse(
    ctx: typer.Context,
    run: Run,
    dimensions: Annotated[
        str | None, typer.Option(help="Which dimensions, from 0 on, with commas between.")
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            help="How many dimensions, those first that carry most: 8 if not given.", min=1
        ),
    ] = None,
    plane: Annotated[
        tuple[int, int] | None,
        typer.Option(help="Two dimensions at once: I goes across, J goes up.", metavar="I J"),
    ] = None,
    values: Annotated[
        str,
        typer.Option(help="LOW..HIGH, or numbers with commas between, in standard deviations."),
    ] = "-3..3",
    steps: Annotated[int, typer.Option(help="How many values from LOW to HIGH.", min=2)] = 9,
    item: Annotated[
        int | None,
        typer.Option(help="Start from this item of the data, not from the centre.", min=0),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Whose codes are measured; by default what the model was trained on."),
    ] = None,
    out: Annotated[Path, typer.Option(help="A picture (.png, .svg) or arrays (.npz).")] = Path(
        "traversals.png"
    ),
    split: Annotated[str, typer.Option(help="train, validation, test or all.")] = "test",
    layout: Layout = None,
    size: Size = None,
    fit: Fit = None,
    background: Background = None,
    strict: Strict = False,
    path: Place = None,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Move along single dimensions of latent space, or over two at once, and decode.

    Draws a row for each dimension, those with the highest rate (KL divergence) first. Values are
    standard deviations from the centre: the prior's, or, for a model without a prior, the codes'
    own.

    Example: reparam traverse runs/vae --top 8 --values -3..3 --out traversals.png
    """
    suffix = suffix_of(out, FIGURES)
    if sum(given is not None for given in (dimensions, top, plane)) > 1:
        raise ReparamError("--dimensions, --top and --plane exclude each other: give one of them")
    some = None if dimensions is None else whole_numbers(dimensions, "--dimensions")
    import torch

    from reparam.cli.frame import framed
    from reparam.cli.latents import decoded, numbers, signed, unconditional
    from reparam.cli.models import opened
    from reparam.latent import traversal_grid, traversals

    points = torch.tensor(numbers(ctx, values, "--values", steps))
    found = opened(run, device)
    model = unconditional(found)
    frame = framed(found, data, split, reading(layout, size, path, fit, background, strict), item)
    if plane is not None:
        shown, places = list(plane), traversal_grid(frame.start, plane, points, points)
    else:
        ranked, every = traversals(frame.start, points, frame.rates)
        shown = ranked[: top or TOP].tolist() if some is None else frame.check(some)
        places = every[[ranked.tolist().index(dimension) for dimension in shown]]
    z = frame.codes(places)
    if found.schema is not None:
        check_drawable(out, found.schema.shape)
        check_sheet(out, z.shape[0], z.shape[1], found.schema.shape, "--steps")
    pictures = decoded(model, z, "--steps")
    check_drawable(out, pictures.shape[2:])
    rates = None if frame.rates is None else [frame.rates[d].item() for d in shown]
    if suffix == ".npz":
        write_arrays(out, {"z": z, "decoded": pictures, "dimensions": shown, "values": points})
    else:
        from reparam.plots import save
        from reparam.plots.strips import strips

        heads = [signed(value) for value in points.tolist()]
        what = [f"dimension {d}" for d in shown]
        note = f"{frame.unit}, starting from {frame.origin}"
        if rates is not None:
            what = [f"{name}\n{rate:.2f} nats" for name, rate in zip(what, rates, strict=True)]
            note += f"\nnats: the dimension's rate (KL divergence) on {frame.where}"
        title = found.schema.title if found.schema else run.name
        drawn = pictures.clamp(0, 1).numpy()
        if plane is None:
            title = f"{title}: one dimension of latent space at a time"
            figure = strips(drawn, what, heads, title, note)
        else:
            across, up = (name.replace("\n", ", ") for name in what)
            title = f"{title}: a plane through latent space"
            note = f"across: {across}; up: {up}\n{note}"
            figure = strips(drawn[::-1], heads[::-1], heads, title, note)
        save(figure, out)
    order = frame.order if some is None and plane is None else "as given"
    result = {"out": str(out), "dimensions": shown, "rates": rates, "order": order}
    show(result | {"start": frame.origin, "values": points.tolist(), "unit": frame.unit}, json)

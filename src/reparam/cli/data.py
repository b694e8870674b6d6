"""`reparam data`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from reparam.cli.options import (
    Background,
    Fit,
    Json,
    Layout,
    Place,
    Seed,
    Size,
    Strict,
    reading,
    refuse,
)
from reparam.cli.output import SHEETS, check_drawable, show, suffix_of, write_arrays

READING = (
    *("split", "number", "out", "layout", "size", "path", "seed"),
    *("fit", "background", "strict"),
)


def data(
    ctx: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATA]",
            help="A built-in set, a folder of pictures, a .npy, .npz or .parquet file, or "
            "hf://owner/name. `clear` deletes all decoded pictures.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="train, validation, test or all.")] = "all",
    number: Annotated[
        int, typer.Option("-n", "--number", help="How many pictures --out shows.", min=1)
    ] = 64,
    out: Annotated[
        Path | None, typer.Option(help="A picture of some items, or all of them as .npz.")
    ] = None,
    layout: Layout = None,
    size: Size = None,
    fit: Fit = None,
    background: Background = None,
    strict: Strict = False,
    path: Place = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """List the built-in data sets and where they are, or look at data before training on them.

    Example: reparam data fashion-mnist-subset --out pictures.png
    """
    if source == "clear":
        refuse(ctx, READING, "on clear: it deletes all decoded pictures")
        _clear(json)
        return
    if source is None:
        refuse(ctx, READING, "on the list of data sets: name one of them")
        _catalogue(json)
        return
    suffix = None if out is None else suffix_of(out, SHEETS)
    if suffix in (None, ".npz"):
        refuse(ctx, ["number"], "without a picture: name one with --out")
        if split == "all":
            refuse(ctx, ["seed"], "on all items: give a --split, or a picture with --out")
    from reparam.data import describe, load_split

    dataset = load_split(
        source, split, seed=seed, **reading(layout, size, path, fit, background, strict)
    )
    if out is not None and suffix == ".npz":
        x = dataset.pixels.movedim(1, -1)  # channels last, as arrays in files are read
        write_arrays(out, {"x": x.squeeze(-1) if x.ndim == 4 else x, "y": dataset.labels})
    elif out is not None:
        check_drawable(out, dataset.shape)
        from reparam.plots import save_grid
        from reparam.report import chosen

        save_grid(out, chosen(dataset, number, seed).tensor().numpy())
    show(describe(dataset) | ({"out": str(out)} if out else {}), json)


def _clear(as_json: bool) -> None:
    from reparam.data import cache

    entries, freed = cache.clear()
    show({"cache": str(cache.root()), "deleted": entries, "bytes": freed}, as_json)


def _catalogue(as_json: bool) -> None:
    from reparam.data import catalogue

    listing: list[dict[str, Any]] = catalogue()
    if as_json:
        show(listing, True)
        return
    for entry in listing:
        show(entry | {"found": entry["found"] or "not here: a download will be tried"}, False)
        print()

"""`reparam data`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from reparam.cli.options import Json, Layout, Place, Seed, Size, reading
from reparam.cli.output import show, suffix_of, write_arrays
from reparam.errors import ReparamError


def data(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATA]",
            help="A built-in set, a .npy or .npz file, or a folder of pictures.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="train, validation, test or all.")] = "all",
    n: Annotated[
        int, typer.Option("-n", "--number", help="How many pictures --out shows.", min=1)
    ] = 64,
    out: Annotated[
        Path | None, typer.Option(help="A picture of some items, or all of them as .npz.")
    ] = None,
    layout: Layout = None,
    size: Size = None,
    path: Place = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """List the built-in data sets and where they are, or look at data before training on them.

    Example: reparam data fashion-mnist-subset --out pictures.png
    """
    if source is None:
        if out is not None:
            raise ReparamError("--out has no effect on the list of data sets: name one of them")
        _catalogue(json)
        return
    suffix = None if out is None else suffix_of(out)
    from reparam.data import describe, load_split

    dataset = load_split(source, split, seed=seed, **reading(layout, size, path))
    if out is not None and suffix == ".npz":
        write_arrays(out, {"x": dataset.pixels, "y": dataset.labels})
    elif out is not None:
        from reparam.plots import save_grid
        from reparam.report import chosen

        save_grid(out, chosen(dataset, n, seed).tensor().numpy())
    show(describe(dataset) | ({"out": str(out)} if out else {}), json)


def _catalogue(as_json: bool) -> None:
    from reparam.data import catalogue

    listing: list[dict[str, Any]] = catalogue()
    if as_json:
        show(listing, True)
        return
    for entry in listing:
        show(entry, False)
        print()

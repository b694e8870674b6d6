"""`reparam interpolate`."""

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
    refuse,
)
from reparam.cli.output import FIGURES, check_drawable, check_sheet, show, suffix_of, write_arrays
from reparam.errors import ReparamError

WAYS = ("linear", "spherical")


def interpolate(
    ctx: typer.Context,
    run: Run,
    data: Data,
    starts: Annotated[
        list[int] | None,
        typer.Option(
            "--from", help="Index of the item to start from; repeat it for more rows.", min=0
        ),
    ] = None,
    ends: Annotated[
        list[int] | None,
        typer.Option("--to", help="Index of the item to end at, one for each --from.", min=0),
    ] = None,
    steps: Annotated[
        int, typer.Option(help="How many codes a way has, both ends among them.", min=2)
    ] = 9,
    way: Annotated[
        str,
        typer.Option(help="linear: a straight line; spherical: an arc that keeps their length."),
    ] = "linear",
    number: Annotated[
        int,
        typer.Option("-n", "--number", help="How many random pairs, without --from.", min=1),
    ] = 4,
    out: Annotated[Path, typer.Option(help="A picture (.png, .svg) or arrays (.npz).")] = Path(
        "ways.png"
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
    """Go from one item to another through latent space, and decode the way.

    Draws a row for each pair: the two items at the ends, and between them what the codes on the
    way decode to, of which the first and the last are the items' reconstructions.

    Example: reparam interpolate runs/vae fashion-mnist-subset --from 3 --to 17 --out ways.png
    """
    suffix = suffix_of(out, FIGURES)
    if way not in WAYS:
        raise ReparamError(f"--way is one of {', '.join(WAYS)}, not {way!r}")
    starts, ends = starts or [], ends or []
    if len(starts) != len(ends):
        raise ReparamError(
            f"--from is given {len(starts)} times and --to {len(ends)} times: give one --to for "
            "each --from"
        )
    if starts:
        refuse(ctx, ["number", "seed"], "on the items that --from and --to name")
    import torch

    from reparam.cli.latents import check_items, decoded, names, random_items, unconditional
    from reparam.cli.models import matching, opened
    from reparam.latent import linear, spherical

    found = opened(run, device)
    model = unconditional(found)
    dataset = matching(found, data, split, reading(layout, size, path, fit, background, strict))
    check_drawable(out, dataset.shape)
    check_items(dataset, starts, "--from")
    check_items(dataset, ends, "--to")
    if not starts:
        chosen = random_items(torch.arange(len(dataset)), 2 * number, seed)
        starts, ends = chosen[0::2][: len(chosen) // 2], chosen[1::2]
    if not starts:
        raise ReparamError(f"{dataset.schema.title}, {split} has one item: a way needs two")
    check_sheet(out, len(starts), steps + 2, dataset.shape, "--steps or -n")
    pairs = torch.tensor([starts, ends]).T
    originals = dataset.subset(pairs.flatten()).tensor()
    codes = model.encode(originals)
    go = linear if way == "linear" else spherical
    z = torch.stack([go(a, b, steps) for a, b in zip(codes[0::2], codes[1::2], strict=True)])
    pictures = decoded(model, z, "--steps")
    originals = originals.cpu().unflatten(0, (-1, 2))
    if suffix == ".npz":
        labels = None if dataset.labels is None else dataset.labels[pairs]
        write_arrays(
            out,
            {"z": z.cpu(), "decoded": pictures, "originals": originals, "items": pairs}
            | {"labels": labels},
        )
    else:
        from reparam.plots import save
        from reparam.plots.strips import strips

        row = torch.cat([originals[:, :1], pictures.clamp(0, 1), originals[:, 1:]], 1)
        heads = [f"{step / (steps - 1):.3g}" for step in range(steps)]
        figure = strips(
            row.numpy(),
            names(dataset, starts),
            ["original", *heads, "original"],
            title=f"{dataset.schema.title}, {dataset.schema.split}: from one item to another",
            note=f"between the originals: decoded codes on the {way} way from one to the other",
            ends=names(dataset, ends),
            apart=[1, steps + 1],
        )
        save(figure, out)
    result = {"out": str(out), "data": dataset.schema.title, "split": split, "way": way}
    show(result | {"steps": steps, "pairs": pairs.tolist()}, json)

"""`reparam attribute`."""

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
from reparam.cli.output import FIGURES, check_drawable, show, suffix_of, write_arrays


def attribute(
    ctx: typer.Context,
    run: Run,
    data: Data,
    has: Annotated[
        str,
        typer.Option(
            metavar="LABELS",
            help="The classes that have the attribute: names or numbers with commas between.",
            show_default=False,
        ),
    ],
    lacks: Annotated[
        str | None,
        typer.Option(
            metavar="LABELS", help="The classes that do not have it: by default all others."
        ),
    ] = None,
    strength: Annotated[
        str,
        typer.Option(
            help="How much of it to add: LOW..HIGH, or numbers with commas between; 1 is the "
            "whole way from one mean to the other."
        ),
    ] = "-1..1.5",
    steps: Annotated[int, typer.Option(help="How many strengths from LOW to HIGH.", min=2)] = 6,
    number: Annotated[
        int,
        typer.Option("-n", "--number", help="How many items without it are changed.", min=1),
    ] = 8,
    out: Annotated[Path, typer.Option(help="A picture (.png, .svg) or arrays (.npz).")] = Path(
        "attribute.png"
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
    """Find the direction of an attribute in latent space, and add it to items that lack it.

    The direction goes from the mean code of the items without the attribute to that of the items
    with it. Its separation is the area under the ROC curve on items that it was not made from:
    1 where it tells them all apart, 0.5 for chance.

    Example: reparam attribute runs/vae fashion-mnist-subset --has Pullover,Coat,Shirt
    """
    suffix = suffix_of(out, FIGURES)
    import torch

    from reparam.cli.labels import class_name, classes_of, labels_of
    from reparam.cli.latents import names, numbers, random_items, signed, unconditional
    from reparam.cli.models import matching, opened
    from reparam.latent import attribute as direction_of
    from reparam.latent import codes

    strengths = torch.tensor(numbers(ctx, strength, "--strength", steps))
    found = opened(run, device)
    model = unconditional(found)
    dataset = matching(found, data, split, reading(layout, size, path, fit, background, strict))
    check_drawable(out, dataset.shape)
    given, others = classes_of(dataset, has, lacks)
    z, labels = codes(model, dataset).mean, labels_of(dataset)
    within = torch.isin(labels, torch.tensor([*given, *others]))
    having = torch.isin(labels, torch.tensor(given))
    way = direction_of(z[within].flatten(1), having[within], seed)
    items = random_items((within & ~having).nonzero().flatten(), number, seed)
    some = z[items]
    changed = torch.stack([way.add(some.flatten(1), float(s)) for s in strengths], 1)
    changed = changed.unflatten(-1, some.shape[1:])
    pictures = model.decode(changed).cpu()
    originals = dataset.subset(torch.tensor(items)).tensor().cpu()
    if suffix == ".npz":
        write_arrays(
            out,
            {"direction": way.direction.reshape(some.shape[1:]), "strengths": strengths}
            | {"z": changed, "decoded": pictures, "originals": originals, "items": items}
            | {"labels": labels[items]},
        )
    else:
        from reparam.plots import save
        from reparam.plots.strips import strips

        low, high = way.separation.interval
        figure = strips(
            torch.cat([originals[:, None], pictures.clamp(0, 1)], 1).numpy(),
            names(dataset, items),
            ["original", *(signed(value) for value in strengths.tolist())],
            title=f"{dataset.schema.title}, {dataset.schema.split}: adding "
            + ", ".join(class_name(dataset, label) for label in given),
            note="strength of the direction that is added, 1 for the whole way from mean to mean\n"
            f"area under the ROC curve {way.separation.value:.3f} ({low:.3f} to {high:.3f}): "
            f"{way.examples[0]} items with the attribute, {way.examples[1]} without",
            apart=[1],
        )
        save(figure, out)
    result = {
        "out": str(out),
        "data": dataset.schema.title,
        "split": split,
        "has": [class_name(dataset, label) for label in given],
        "lacks": [class_name(dataset, label) for label in others],
        "examples": dict(zip(("has", "lacks"), way.examples, strict=True)),
        "separation": way.separation.to_json(),
        "seed": seed,
    }
    show(result, json)

"""`reparam study`."""

from pathlib import Path
from typing import Annotated

import typer

from reparam.cli.options import Json, Place
from reparam.cli.output import show
from reparam.errors import ReparamError

SEED = {"min": 0, "max": 2**32 - 1}


def study(
    more: Annotated[
        list[int] | None, typer.Argument(metavar="SEED", hidden=True, show_default=False, **SEED)
    ] = None,
    data: Annotated[str, typer.Option(help="fashion-mnist-subset or fashion-mnist.")] = (
        "fashion-mnist-subset"
    ),
    epochs: Annotated[int, typer.Option(help="How often each model sees every picture.")] = 5,
    seeds: Annotated[
        int | None,
        typer.Option(metavar="SEED...", help="One or more; figures show the first. [0]", **SEED),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write into.")] = Path(
        "runs/study"
    ),
    path: Place = None,
    json: Json = False,
) -> None:
    """Train eight autoencoders and VAEs, and measure what textbooks claim about them.

    Writes report.html, figures/ and metrics.json. Stopped and started again, it does not train
    again what it has.

    Example: reparam study --data fashion-mnist-subset --seeds 0 1 2 --out runs/study
    """
    if seeds is None and more:
        raise ReparamError(f"{more[0]} stands alone: give seeds as --seeds 0 1 2")
    from reparam.study import run_study

    chosen = [0] if seeds is None else [seeds, *(more or [])]
    found = run_study(data, epochs, chosen, out, path).to_json()
    verdicts = {claim["id"]: claim["verdict"] for claim in found["claims"]}
    files = {name: str(out / name) for name in ("report.html", "metrics.json", "figures")}
    show(found if json else verdicts | files, json, title=f"{found['data']['title']}:")

"""`reparam checkup`."""

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
from reparam.cli.output import show, write_json

UNBROKEN = 10_000
LOOKS = {"fault": "bold red", "doubtful": "yellow", "sound": "blue", "not judged": "dim"}


def checkup(
    run: Run,
    data: Checked = None,
    out: Annotated[
        Path | None, typer.Option(help="Write what was found as JSON to a file too.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(help="Write each finding's figure into this folder.")
    ] = None,
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
    """Check a latent space: collapse, holes, overfitting and eleven more, with what to try.

    The test split is checked, beside the train split.

    Example: reparam checkup runs/vae --figures runs/vae/checkup
    """
    from reparam.cli.models import opened, unseen_and_seen
    from reparam.latent import checkup as checked

    found = opened(run, device)
    test, train = unseen_and_seen(
        found, data, reading(layout, size, path, fit, background, strict)
    )
    result = checked(found.model, test, train, seed=seed)
    about = {"data": test.schema.title, "items": len(test), "seed": seed, **result.to_json()}
    if figures is not None:
        from reparam.plots import save

        about["figures"] = [
            str(save(finding.figure(), figures / f"{finding.id}.png"))
            for finding in result.findings
            if finding.figure is not None
        ]
    write_json(out, about)
    if json:
        show(about, json)
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    say = Console(highlight=False)
    if not say.is_terminal:  # lines are the reader's to break
        say.width = UNBROKEN
    say.print(Text(result.verdict, style="bold"))
    for finding in result.findings:
        say.print(
            Text.assemble((f"\n{finding.grade}", LOOKS[finding.grade]), f"  {finding.title}")
        )
        lines = [finding.meaning, f"Try: {finding.advice}" * bool(finding.advice), finding.lacks]
        for line in filter(None, lines):
            say.print(Padding(Text(line), (0, 0, 0, 4), expand=False))
        for name, value in finding.measured.items():
            say.print(Padding(Text(f"{name}: {value}", style="dim"), (0, 0, 0, 4), expand=False))

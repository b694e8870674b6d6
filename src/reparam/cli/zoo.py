"""`reparam zoo`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from reparam.cli.options import Json


def zoo(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Show one variant.", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the list as JSON to a file too.")] = None,
    json: Json = False,
) -> None:
    """List the published variants, with their papers and their arguments.

    Example: reparam zoo vae
    """
    from reparam.cli.output import write_json
    from reparam.errors import ReparamError
    from reparam.zoo import ZOO

    if name is not None and name not in ZOO:
        raise ReparamError(f"the zoo has no {name!r}: it has {', '.join(ZOO)}")
    listing = [_entry(key) for key in ZOO if name in (None, key)]
    write_json(out, listing)
    _show(listing, json)


def _entry(name: str) -> dict[str, Any]:
    from reparam.zoo import ZOO

    entry = ZOO[name]
    summary = (entry.make.__doc__ or "").split("\n")[0]
    return {
        "name": name,
        "summary": summary,
        "title": entry.title,
        "authors": entry.authors,
        "year": entry.year,
        "url": entry.url,
        "arguments": entry.defaults,
    }


def _show(listing: list[dict[str, Any]], as_json: bool) -> None:
    from rich.console import Console

    from reparam.cli.output import show

    if as_json:
        show(listing, True)
        return
    console = Console()
    for entry in listing:
        arguments = "  ".join(f"{key}={value}" for key, value in entry["arguments"].items())
        console.print(f"[bold]{entry['name']}[/bold]  {entry['summary']}")
        console.print(f"  {entry['authors']} {entry['year']}, {entry['title']}", highlight=False)
        console.print(f"  {entry['url']}", highlight=False)
        console.print(f"  {arguments}\n", highlight=False)
    console.print(
        "Train one: reparam fit DATA --model NAME --set argument=value --out RUN", highlight=False
    )

"""`reparam zoo`."""

import difflib
from pathlib import Path
from typing import Annotated, Any

import typer

from reparam.cli.options import Json, settings, whole_numbers


def zoo(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Show one variant.", show_default=False)
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="An argument of the one variant."),
    ] = None,
    shape: Annotated[
        str | None, typer.Option(help="One picture's C,H,W for the one variant; 1,28,28.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the list as JSON to a file too.")] = None,
    json: Json = False,
) -> None:
    """List the published variants; of one, its paper, its arguments and the Python that builds it.

    Example: reparam zoo iwae --set draws=50
    """
    from reparam.cli.output import show, write_json
    from reparam.errors import ReparamError
    from reparam.zoo import ZOO

    if name is None and (set_ or shape):
        raise ReparamError("--set and --shape need the name of a variant: reparam zoo NAME")
    if name is not None and name not in ZOO:
        raise ReparamError(unknown_variant(name))
    if name is None:
        listing = [_entry(key, (1, 28, 28), {}) for key in ZOO]
    else:
        pixels = (1, 28, 28) if shape is None else whole_numbers(shape, "--shape")
        given = settings(set_ or [], ZOO[name].arguments, name)
        listing = [_entry(name, pixels, given, python=True)]
    write_json(out, listing)
    if json:
        show(listing, True)
    elif name is None:
        _list(listing)
    else:
        _one(listing[0])


def unknown_variant(name: str) -> str:
    """The sentence for a variant that the zoo lacks.

    Args:
        name: What was asked for.
    """
    from reparam.zoo import ZOO

    close = difflib.get_close_matches(name, ZOO, n=1)
    hint = f"did you mean {close[0]!r}?" if close else "`reparam zoo` lists what it has"
    return f"the zoo has no {name!r}: {hint}"


def _entry(
    name: str, shape: tuple[int, ...], given: dict[str, Any], python: bool = False
) -> dict[str, Any]:
    from reparam import source
    from reparam.zoo import ZOO

    entry = ZOO[name]
    made = entry.make(shape, **given)
    found = {
        "name": name,
        "family": entry.family,
        "summary": entry.summary,
        "title": entry.title,
        "authors": entry.authors,
        "year": entry.year,
        "url": entry.url,
        "arguments": entry.defaults,
        "accepts": {key: argument.words for key, argument in entry.arguments.items()},
        "parts": _parts(*made),
    }
    return found | ({"python": source.python(made._asdict())} if python else {})


def _parts(model: Any, objective: Any) -> dict[str, Any]:  # noqa: ANN401
    from reparam.registry import describe

    family = [type(part.family).__name__ for part in (model.posterior, model.likelihood)]
    prior = None if model.prior is None else describe(model.prior)["part"]
    terms = [type(term).__name__ for term in objective]
    return {"posterior": family[0], "prior": prior, "likelihood": family[1], "objective": terms}


def _list(listing: list[dict[str, Any]]) -> None:
    from rich.console import Console

    console, family = Console(soft_wrap=True, highlight=False), None
    for entry in listing:
        if entry["family"] != family:
            family = entry["family"]
            console.print(f"\n[bold]{family}[/bold]")
        console.print(f"  [bold]{entry['name']}[/bold]  {entry['summary']}")
        parts = {key: value for key, value in entry["parts"].items() if value is not None}
        terms = " + ".join(parts.pop("objective"))
        console.print(f"    {', '.join(parts.values())}; {terms}")
        console.print(f"    {entry['year']}  {entry['url']}")
    console.print(
        f"\n{len(listing)} variants. One as Python: reparam zoo NAME. "
        "Train one: reparam fit DATA --model NAME --set argument=value --out RUN"
    )


def _one(entry: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(f"{entry['name']}: {entry['summary']}")
    console.print(f"{entry['authors']} {entry['year']}, {entry['title']}")
    console.print(f"{entry['url']}\n")
    for key, words in entry["accepts"].items():
        console.print(f"  {key}={entry['arguments'][key]}  {words}")
    console.print(f"\n{entry['python']}\n")
    console.print(
        f"Train it: reparam fit DATA --model {entry['name']} --set argument=value --out RUN\n"
        "Not all parts go together (docs/combinations.md): what does not is refused, with why."
    )

"""Options that several commands share, and how their text becomes values."""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from reparam.errors import ReparamError

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")
]
Seed = Annotated[
    int,
    typer.Option("--seed", help="Makes everything random repeatable.", min=0, max=2**32 - 1),
]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]
Run = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help="The folder of a trained model, or hf://owner/name on the Hugging Face Hub.",
        show_default=False,
    ),
]
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="fashion-mnist-subset, fashion-mnist, mnist, a folder of pictures, a .npy, .npz or "
        ".parquet file, or hf://owner/name.",
        show_default=False,
    ),
]
Checked = Annotated[
    str | None,
    typer.Option("--data", help="What to check on; by default what the model was trained on."),
]
Layout = Annotated[
    str | None, typer.Option(help="How an array's axes are ordered: NHW, NHWC or NCHW.")
]
Size = Annotated[
    tuple[int, int] | None,
    typer.Option(help="Bring encoded pictures to H W pixels.", metavar="H W"),
]
Fit = Annotated[
    str | None, typer.Option("--fit", help="How they get there: stretch, crop or pad.")
]
Background = Annotated[
    str | None,
    typer.Option(help="What lies behind transparent or padded pictures: white, or #rrggbb."),
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Refuse a picture that cannot be read; else it is left out."),
]
Place = Annotated[
    Path | None, typer.Option("--path", help="The folder that holds a named data set.")
]


def reading(
    layout: str | None,
    size: tuple[int, int] | None,
    path: Path | None,
    fit: str | None,
    background: str | None,
    strict: bool,
) -> dict[str, Any]:
    """The options that were given for reading data, by keyword.

    Args:
        layout: How an array's axes are ordered.
        size: The (H, W) of encoded pictures.
        path: The folder of a named set.
        fit: How pictures get to their size.
        background: What lies behind them.
        strict: Whether to refuse those that cannot be read.
    """
    given = {
        "layout": layout,
        "size": size,
        "path": path,
        "fit": fit,
        "background": background,
        "strict": strict or None,
    }
    return {key: value for key, value in given.items() if value is not None}


def refuse(ctx: typer.Context, names: Sequence[str], why: str) -> None:
    """Refuse options that were given although they have no effect.

    Args:
        ctx: What was given.
        names: The options' names.
        why: Where they have no effect, and what to do.

    Raises:
        ReparamError: If one of them was given.
    """
    for name in names:
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise ReparamError(f"--{name} has no effect {why}")


def settings(given: Sequence[str], known: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Read `--set key=value` for the arguments of a variant.

    Args:
        given: The texts, each key=value.
        known: The variant's arguments by name.
        name: What it is called.

    Raises:
        ReparamError: If a text is no key=value, the key is unknown or given twice, or the value of
            another kind or out of range.
    """
    values: dict[str, Any] = {}
    for text in given:
        key, equals, raw = text.partition("=")
        if not equals:
            raise ReparamError(f"--set takes key=value, not {text!r}")
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f": did you mean {close[0]!r}?" if close else ""
            raise ReparamError(
                f"{name} has no argument {key!r}, its arguments are {', '.join(known)}{hint}"
            )
        if key in values:
            raise ReparamError(f"--set {key}= is given twice: give one of them")
        values[key] = known[key].parse(raw)
    return values


def whole_numbers(text: str, what: str) -> tuple[int, ...]:
    """Read whole numbers with commas between.

    Args:
        text: As somebody typed it.
        what: What to call it in an error.

    Raises:
        ReparamError: If it is anything else.

    Example:
        >>> whole_numbers("1, 28,28", "--shape")
        (1, 28, 28)
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ReparamError(
            f"{what} takes whole numbers with commas between, not {text!r}"
        ) from None

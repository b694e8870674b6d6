"""Options that several commands share, and how their text becomes values."""

import ast
import difflib
import inspect
from collections.abc import Sequence
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
    Path, typer.Argument(metavar="RUN", help="The folder of a trained model.", show_default=False)
]
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="fashion-mnist-subset, fashion-mnist, mnist, a .npy or .npz file, or a folder of "
        "pictures.",
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
    typer.Option(help="Stretch a folder's pictures to H W pixels.", metavar="H W"),
]
Place = Annotated[
    Path | None, typer.Option("--path", help="The folder that holds a named data set.")
]


def reading(layout: str | None, size: tuple[int, int] | None, path: Path | None) -> dict[str, Any]:
    """The options that were given for reading data, by keyword.

    Args:
        layout: How an array's axes are ordered.
        size: A folder's pictures' (H, W).
        path: The folder of a named set.
    """
    given = {"layout": layout, "size": size, "path": path}
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


def settings(given: Sequence[str], maker: Any, name: str) -> dict[str, Any]:  # noqa: ANN401
    """Read `--set key=value` for every argument of a zoo function but the data's shape.

    Args:
        given: The texts, each key=value.
        maker: The zoo function.
        name: What it is called.

    Raises:
        ReparamError: If a text is no key=value, the key is unknown or given twice, or the value of
            another kind.
    """
    parameters = list(inspect.signature(maker).parameters.values())[1:]
    known = {p.name: p for p in parameters}
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
        values[key] = value_of(raw, str(known[key].annotation), f"--set {key}")
    return values


def value_of(raw: str, annotation: str, what: str) -> Any:  # noqa: ANN401
    """Read one value as what an annotation asks for.

    Args:
        raw: The text.
        annotation: The annotation, written out.
        what: What to call it in an error.

    Raises:
        ReparamError: If the text is of another kind.

    Example:
        >>> value_of("32,64", "collections.abc.Sequence[int] | None", "--set widths")
        (32, 64)
    """
    try:
        value = ast.literal_eval(raw)
    except (ValueError, SyntaxError):
        value = {"true": True, "false": False, "none": None}.get(raw.lower(), raw)
    if value is None and "None" in annotation:
        return None
    if "Sequence" in annotation:
        items = value if isinstance(value, tuple | list) else (value,)
        if items and all(type(item) is int for item in items):
            return tuple(items)
        raise ReparamError(f"{what} takes whole numbers with commas between, not {raw!r}")
    for word, kinds, kind in KINDS:
        if word in annotation:
            if isinstance(value, bool) is not (word == "bool") or not isinstance(value, kinds):
                raise ReparamError(f"{what} takes {kind}, not {raw!r}")
            return float(value) if word == "float" else value
    return raw


KINDS = (
    ("bool", bool, "true or false"),
    ("float", (int, float), "a number"),
    ("int", int, "a whole number"),
)

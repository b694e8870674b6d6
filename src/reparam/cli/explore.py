"""`reparam explore`."""

from pathlib import Path
from typing import Annotated

import typer

from reparam.cli.options import (
    Background,
    Device,
    Fit,
    Layout,
    Place,
    Run,
    Size,
    Strict,
    reading,
)
from reparam.errors import ReparamError


def explore(
    run: Run,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATA]",
            help="The items; by default all that the model was made with: train and test.",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Another run, to lie beside it on the same items."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(help="Write one page (.html) that needs no server, and end."),
    ] = None,
    port: Annotated[int, typer.Option(help="Where to serve; 0: any free port.", min=0)] = 0,
    open_: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
    layout: Layout = None,
    size: Size = None,
    fit: Fit = None,
    background: Background = None,
    strict: Strict = False,
    path: Place = None,
    device: Device = "auto",
) -> None:
    """Move through a model's latent space in the browser, until Ctrl-C.

    The page is served on this machine alone, to whoever has the token in its address.

    Example: reparam explore runs/vae
    """
    if export is not None and export.suffix.lower() not in (".html", ".htm"):
        raise ReparamError(f"--export {export} is no page: end it in .html")
    if export is not None and compare is not None:
        raise ReparamError("--export writes one model's page: leave --compare")
    try:
        from reparam.explorer.export import export as written
        from reparam.explorer.server import serve
        from reparam.explorer.space import encoded
    except ImportError as error:
        raise ReparamError("the explorer needs Panel: pip install 'reparam[explore]'") from error
    from reparam.cli.models import opened, own

    found = opened(run, device)
    given = reading(layout, size, path, fit, background, strict)
    items = own(found, data, "all", given)
    space = encoded(found, items)
    if export is not None:
        written(space, export)
        print(export)
        return
    other = None if compare is None else encoded(opened(compare, device), items)
    served = serve(space, other, port)
    print(f"{served.address}\nCtrl-C ends it.", flush=True)
    if open_:
        import webbrowser

        webbrowser.open(served.address)
    served.run()

"""`reparam push`."""

from pathlib import Path
from typing import Annotated

import typer

from reparam.cli.options import Json
from reparam.cli.output import show


def push(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="The folder of a trained model.", show_default=False),
    ],
    name: Annotated[
        str,
        typer.Argument(
            metavar="OWNER/NAME",
            help="Where to on the Hugging Face Hub; it is made if there is none.",
            show_default=False,
        ),
    ],
    private: Annotated[
        bool, typer.Option("--private", help="Make it so that only its owner sees it.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Add a revision to a model that is there; the old one is kept."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Upload a trained model to the Hugging Face Hub, with its card and its pictures.

    Log in with hf auth login first. Checkpoints stay here, and so does the place of your data.
    Whoever may read it then says hf://owner/name where a command takes RUN.

    Example: reparam push runs/vae owner/fashion-vae --private
    """
    from dataclasses import asdict

    from reparam import artifact

    done = artifact.push(run, name, private=private, overwrite=overwrite)
    show({**asdict(done), "files": list(done.files)}, json)

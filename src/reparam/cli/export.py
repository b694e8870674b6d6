"""`reparam export`."""

from pathlib import Path
from typing import Annotated

import typer

from reparam.cli.options import Json, Run
from reparam.cli.output import show


def export(
    run: Run,
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format", help="onnx, or torch for torch.export's files, which need torch to run."
        ),
    ] = "onnx",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older export.")
    ] = False,
    json: Json = False,
) -> None:
    """Write a trained model as files that run without reparam: encoder, decoder and sampler.

    ONNX files run in onnxruntime, without torch. Nothing in them is random: the sampler takes
    noise. Each is compared with the model before the folder appears; metadata.json says what goes
    in, what comes out and in which units.

    Example: reparam export runs/vae --format onnx --out exported
    """
    from json import loads

    from reparam.export import METADATA
    from reparam.export import export as written

    folder = written(run, out, format=format_, overwrite=overwrite)
    found = loads((folder / METADATA).read_text(encoding="utf-8"))
    result = {
        "out": str(folder),
        "format": found["format"],
        "files": [*(known["file"] for known in found["programs"].values()), METADATA],
        "maximum_difference": {
            name: known["maximum_difference"] for name, known in found["programs"].items()
        },
        "missing": found["missing"],
    }
    show(result, json)

"""`reparam doctor`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from reparam.cli.options import Device, Json
from reparam.cli.output import show, write_json

PACKAGES = (
    "torch",
    "accelerate",
    "numpy",
    "safetensors",
    "matplotlib",
    "pillow",
    "pooch",
    "typer",
)


def doctor(
    out: Annotated[
        Path | None, typer.Option(help="Write the findings as JSON to a file too.")
    ] = None,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Say what this machine has, where data sets are, and whether a model trains here.

    Example: reparam doctor
    """
    import platform
    from importlib.metadata import version

    import torch

    from reparam._version import __version__
    from reparam.data import catalogue
    from reparam.training import device_named

    here = device_named(device)
    found: dict[str, Any] = {
        "reparam": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: version(name) for name in PACKAGES},
        "device": str(here),
        "threads": torch.get_num_threads(),
        "data": {entry["name"]: entry["found"] or "not here" for entry in catalogue()},
        "training": _trial(device),
    }
    write_json(out, found)
    show(found, json)


def _trial(device: str) -> dict[str, Any]:
    """Train the default model for one epoch on a part of the embedded data."""
    from reparam import data, zoo
    from reparam.training import fit

    train, _ = data.load("fashion-mnist-subset")
    model, objective = zoo.vae(train.shape, latent=16)
    history = fit(model, objective, train[::2], epochs=1, device=device, progress=False)
    first, last = history.of("train")[0], history.of("train")[-1]
    return {
        "examples_per_second": last["examples_per_second"],
        "loss_at_first": first["loss"],
        "loss_at_last": last["loss"],
        "learns": last["loss"] < first["loss"],
    }

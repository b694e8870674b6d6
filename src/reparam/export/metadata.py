"""What a reader of the files must know: how to prepare, what comes out, in which units."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reparam._version import __version__
from reparam.data import Schema
from reparam.export.programs import Port, Program

METADATA = "metadata.json"
VERSION = 1


def metadata(
    schema: Schema,
    variant: str | None,
    kind: str,
    files: Mapping[str, Mapping[str, Any]],
    missing: Mapping[str, str],
) -> dict[str, Any]:
    """The document, as plain values.

    Args:
        schema: What data the model takes.
        variant: What the zoo calls it, or `None` where it does not say.
        kind: onnx or torch.
        files: What is known of each program's file, by the program's name.
        missing: Why there is no other program, by its name.
    """
    return {
        "version": VERSION,
        "format": kind,
        "reparam": __version__,
        "variant": variant,
        "data": schema.title,
        "classes": None if schema.classes is None else list(schema.classes),
        "preprocessing": preprocessing(schema),
        "programs": {name: dict(known) for name, known in files.items()},
        "missing": dict(missing),
    }


def preprocessing(schema: Schema) -> dict[str, Any]:
    """What becomes of one item before it goes into the encoder.

    Args:
        schema: What data the model takes.

    Example:
        >>> digits = Schema("digits", "train", "pictures", (1, 28, 28), "uint8")
        >>> preprocessing(digits)["divide_uint8_by"]
        255
    """
    if schema.kind == "pictures":
        return {
            "axes": ["batch", "channels", "height", "width"],
            "shape": list(schema.shape),
            "divide_uint8_by": 255,
            "range": [0, 1],
        }
    ends = [0, 1] if schema.values == "unit" else None
    axes = ["batch", "numbers"]
    return {"axes": axes, "shape": list(schema.shape), "divide_uint8_by": None, "range": ends}


def known_of(program: Program, file: Path, gap: float, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of one program's file.

    Args:
        program: The program.
        file: Its file.
        gap: The greatest difference from torch.
        said: What the file says of its format.
    """
    return {
        "file": file.name,
        "inputs": [_port(port) for port in program.inputs],
        "outputs": [_port(port) for port in program.outputs],
        **said,
        "maximum_difference": gap,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }


def _port(port: Port) -> dict[str, Any]:
    return {
        "name": port.name,
        "dtype": port.dtype,
        "shape": ["batch", *port.shape],
        "meaning": port.meaning,
    }

"""The folder's files, written whole or not at all, and read only from within it."""

import json
import tempfile
from pathlib import Path
from typing import Any

from reparam.errors import ArtifactError, ReparamError

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
CARD = "README.md"
HISTORY = "history.jsonl"
FORMAT = 1


def prepare(path: str | Path, *, overwrite: bool = False) -> Path:
    """Make a folder for a run, before work is spent on it.

    Args:
        path: Where.
        overwrite: Whether a run may already be there; its files are then removed.

    Raises:
        ArtifactError: If it holds a run already, is no folder or cannot be written.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = [folder / name for name in (CONFIG, WEIGHTS, HISTORY) if (folder / name).exists()]
        if held and not overwrite:
            raise ArtifactError(
                f"{folder} already holds a run: choose another folder, or allow it to be replaced "
                "with overwrite=True (--overwrite)"
            )
        with tempfile.TemporaryFile(dir=folder):
            pass
        for file in held:
            file.unlink()
    except FileExistsError as error:
        raise ArtifactError(f"{folder} is a file: choose another name for the folder") from error
    except OSError as error:
        raise ArtifactError(f"{folder} cannot be written: {error.strerror or error}") from error
    return folder


def read(folder: Path, name: str) -> bytes:
    """Read one of the folder's files.

    Args:
        folder: The artifact's folder.
        name: The file's name.

    Raises:
        ArtifactError: If it is missing, lies outside the folder or cannot be read.
    """
    file = folder / name
    try:
        if not folder.is_dir():
            raise ArtifactError(f"there is no folder {folder}: give the folder of a run")
        if not file.exists() and not file.is_symlink():
            raise ArtifactError(f"{folder} has no {name}: it is not the folder of a trained model")
        if not file.resolve().is_relative_to(folder.resolve()):
            raise ArtifactError(f"{file} is a link out of its folder: copy the file itself there")
        return file.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{file} cannot be read: {error.strerror or error}") from error


def read_config(folder: Path) -> dict[str, Any]:
    """Read the folder's configuration.

    Args:
        folder: The artifact's folder.

    Raises:
        ArtifactError: If it is missing, is not JSON or was written in another format.
    """
    try:
        config = json.loads(read(folder, CONFIG))
    except (ValueError, RecursionError) as error:
        if isinstance(error, ReparamError):
            raise
        raise ArtifactError(f"{folder / CONFIG} is not JSON: {error}") from error
    if not isinstance(config, dict) or "format" not in config:
        raise ArtifactError(f"{folder / CONFIG} does not describe a model of reparam")
    if config["format"] != FORMAT:
        raise ArtifactError(
            f"{folder / CONFIG} has format {config['format']!r} and this version reads {FORMAT}: "
            f"it was written by reparam {config.get('reparam', 'of an unknown version')}, use that"
        )
    return config

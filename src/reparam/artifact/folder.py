"""The folder's files, written whole or not at all, and read only from within it."""

import os
import tempfile
from pathlib import Path

from reparam.errors import ArtifactError

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


def write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Args:
        file: Which.
        content: All of it.

    Raises:
        ArtifactError: If it cannot be written; what was there before is untouched.
    """
    partial = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ArtifactError(f"{file} cannot be written: {error.strerror or error}") from error


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

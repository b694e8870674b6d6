"""The folder's files, written whole or not at all, and read only from within it."""

import hashlib
import json
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reparam.atomic import sweep
from reparam.data.memory import check_fits
from reparam.errors import ArtifactError, DataError, ReparamError

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
CARD = "README.md"
HISTORY = "history.jsonl"
CHECKPOINTS = "checkpoints"
RUN = (CONFIG, WEIGHTS, HISTORY, CHECKPOINTS)
"""What shows that a folder holds a run."""
LEFT = (CONFIG, WEIGHTS, HISTORY, CARD, "loss.png", "tensorboard")
"""What a run leaves beside its checkpoints."""
FORMAT = 1
LONGEST = 2**24
"""How many bytes a configuration may have."""
DIGEST = "reparam.config.sha256"
"""Under what name the weights' header has the configuration's digest."""
UNSEALED = ("figures", "weights")
"""What of a configuration its digest leaves out: figures are added later."""


def vacant(path: str | Path, *, overwrite: bool = False) -> Path:
    """Check that a run may go into a folder, without touching anything.

    Args:
        path: Where.
        overwrite: Whether a run may already be there.

    Raises:
        ArtifactError: If it holds a run already or is no folder.
    """
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise ArtifactError(f"{folder} is a file: choose another name for the folder")
    if not overwrite and any((folder / name).exists() for name in RUN):
        raise ArtifactError(
            f"{folder} already holds a run: choose another folder, go on with it by resume=True "
            "(--resume), or allow it to be replaced with overwrite=True (--overwrite)"
        )
    return folder


def prepare(path: str | Path, *, overwrite: bool = False) -> Path:
    """Make a folder for a run, before work is spent on it.

    Args:
        path: Where.
        overwrite: Whether a run may already be there; its files are then removed.

    Raises:
        ArtifactError: If it holds a run already, is no folder or cannot be written.
    """
    folder = vacant(path, overwrite=overwrite)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        if (folder / CHECKPOINTS).exists():  # at once, so that no half of it is gone on from
            os.replace(folder / CHECKPOINTS, folder / f".{CHECKPOINTS}.{secrets.token_hex(4)}.tmp")
        for left in (folder / name for name in LEFT):
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink(missing_ok=True)
        sweep(folder)
    except OSError as error:
        raise ArtifactError(f"{folder} cannot be written: {error.strerror or error}") from error
    return folder


def unfinished(path: str | Path) -> None:
    """Refuse to begin anew in a folder that holds a trained model.

    Args:
        path: The folder of a run without a checkpoint.

    Raises:
        ArtifactError: If it holds one.
    """
    if (Path(path) / CONFIG).exists():
        raise ArtifactError(
            f"{path} holds a trained model but no checkpoint to go on from: choose another "
            "folder, or start it anew with overwrite=True (--overwrite)"
        )


def read(folder: Path, name: str, within: Path | None = None) -> bytes:
    """Read one of the folder's files.

    Args:
        folder: The artifact's folder.
        name: The file's name.
        within: Beyond which folder no link may lead; by default the artifact's own.

    Raises:
        ArtifactError: If it is missing, lies outside the folder, is no regular file, does not fit
            into memory or cannot be read.
    """
    file = folder / name
    try:
        if not folder.is_dir():
            raise ArtifactError(f"there is no folder {folder}: give the folder of a run")
        if not file.exists() and not file.is_symlink():
            raise ArtifactError(f"{folder} has no {name}: it is not the folder of a trained model")
        if not file.resolve().is_relative_to((within or folder).resolve()):
            raise ArtifactError(f"{file} is a link out of its folder: copy the file itself there")
        kind, size = file.stat().st_mode, file.stat().st_size
        if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
            raise ArtifactError(f"{file} is no regular file: copy the file itself there")
        if name == CONFIG and size > LONGEST:
            raise ArtifactError(f"{file} has {size:,} bytes, which no model's configuration has")
        check_fits(2 * size, str(file), "load it on a machine with more memory")
        return file.read_bytes()
    except DataError as error:
        raise ArtifactError(str(error)) from error
    except OSError as error:
        raise ArtifactError(f"{file} cannot be read: {error.strerror or error}") from error


def read_config(folder: Path, within: Path | None = None) -> dict[str, Any]:
    """Read the folder's configuration.

    Args:
        folder: The artifact's folder.
        within: As in `read`.

    Raises:
        ArtifactError: If it is missing, is not JSON or was written in another format.
    """
    try:
        config = json.loads(read(folder, CONFIG, within))
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


def digest(config: Mapping[str, Any]) -> str:
    """The SHA-256 of what a configuration says of the model, its data and its training.

    Args:
        config: The configuration; its figures, and what it says of the weights, do not count.

    Raises:
        ArtifactError: If it is nested too deeply.

    Example:
        >>> digest({"format": 1, "figures": {}}) == digest({"figures": {"loss": 1.5}, "format": 1})
        True
    """
    said = {name: value for name, value in config.items() if name not in UNSEALED}
    try:
        text = json.dumps(json.loads(json.dumps(said)), sort_keys=True, separators=(",", ":"))
    except RecursionError as error:
        raise ArtifactError(f"a {CONFIG} is nested too deeply to be a model's") from error
    return hashlib.sha256(text.encode()).hexdigest()

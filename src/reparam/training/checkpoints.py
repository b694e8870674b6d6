"""Checkpoints: where training can go on from, whatever instant it was killed at.

A checkpoint is written into a temporary folder, which becomes `step-N` once it is on the disk;
then the pointer `latest` is exchanged for one that names it. Whichever instant the process or the
machine goes down at, the pointer names a checkpoint that is whole. A manifest beside the state
holds its digest, so that what was altered since is never gone on from.
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from reparam.atomic import replacing
from reparam.errors import ReparamError, TrainingError

FOLDER = "checkpoints"
LATEST = "latest"
STATE = "state.pt"
MANIFEST = "manifest.json"
WRITING = ".writing-"


class Checkpoints:
    """A run's checkpoints, of which the newest two are kept.

    Args:
        run: The run's folder.
        seconds: How old the last one may get.
    """

    def __init__(self, run: Path, seconds: float) -> None:
        self.folder, self.seconds = run / FOLDER, seconds
        self.written = time.monotonic()
        self.good: str | None = None  # the newest that this process has written or read

    @property
    def due(self) -> bool:
        """Whether the last one is that old."""
        return time.monotonic() - self.written >= self.seconds

    @property
    def there(self) -> bool:
        """Whether there are any, whole or not."""
        return bool(self._names())

    @property
    def latest(self) -> str | None:
        """The name of the checkpoint that training goes on from; `None` if nothing says it."""
        try:
            name = (self.folder / LATEST).read_bytes().decode("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if _is_name(name) else None

    def write(self, step: int, state: dict[str, Any]) -> None:
        """Write one, whole or not at all.

        Args:
            step: How many steps have been taken.
            state: Tensors and plain values.

        Raises:
            TrainingError: If it cannot be written; the one before is untouched.
        """
        name = f"step-{step}"
        if self.good == name == self.latest:
            return
        try:
            self._write(name, state)
        except (OSError, ReparamError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise TrainingError(
                f"the checkpoint of step {step} cannot be written to {self.folder} ({reason}): "
                + (f"{self.good} is whole, make room and go on from it with resume=True (--resume)"
                   if self.good else "make room or choose another folder")
            ) from error  # fmt: skip
        self.good = name

    def choose(self, *, quiet: bool = False) -> dict[str, Any] | None:
        """The newest that is whole; `None` where there is none.

        Args:
            quiet: Whether to say nothing of those that are damaged.

        Raises:
            TrainingError: If there are some, and none is whole.
        """
        names, latest, said = self._names(), self.latest, []
        if latest in names:  # a newer one is of a write that was killed before its end
            names.sort(key=lambda name: name != latest)
        elif names:
            said.append(f"{self.folder / LATEST} names no checkpoint that is there")
        for name in names:
            try:
                found = self.read(name)
            except Exception as error:  # torch has no one error for a damaged file
                plain = isinstance(error, OSError | ReparamError)
                reason = error if plain else f"its {STATE} is damaged"
                said.append(f"{self.folder / name} cannot be read: {reason}")
                continue
            if said and not quiet:
                warnings.warn(f"{'; '.join(said)}; training goes on from {name}", stacklevel=2)
            return found
        if names:
            raise TrainingError(
                f"none of the checkpoints in {self.folder} is whole ({said[-1]}): start the run "
                "anew with overwrite=True (--overwrite)"
            )
        return None

    def read(self, name: str) -> dict[str, Any]:
        """Read one, onto the CPU.

        Args:
            name: Its name.

        Raises:
            TrainingError: If it is not what was written.
        """
        try:
            manifest = (self.folder / name / MANIFEST).read_bytes()
        except FileNotFoundError:
            manifest = None
        with (self.folder / name / STATE).open("rb") as file:
            if manifest is not None:
                _check(manifest, {STATE: hashlib.file_digest(file, "sha256").hexdigest()})
                file.seek(0)
            state: dict[str, Any] = torch.load(file, weights_only=True, map_location="cpu")
        if manifest is None and "torch" in state["identity"]:  # versions without it had none
            raise TrainingError(f"its {MANIFEST} is missing")
        self.good = name
        return state

    @property
    def seed(self) -> int | None:
        """The seed that the run began with, not yet checked; `None` where there is none."""
        for name in self._names():
            with suppress(Exception):  # what is damaged is told of when it is read
                file = self.folder / name / STATE
                state = torch.load(file, weights_only=True, map_location="cpu", mmap=True)
                return int(state["identity"]["seed"])
        return None

    def sweep(self) -> None:
        """Remove what writes that were killed have left; one process has the run at a time."""
        for left in self.folder.glob(".*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)

    def _write(self, name: str, state: dict[str, Any]) -> None:
        content = io.BytesIO()
        torch.save(state, content)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sweep()
        temporary = Path(tempfile.mkdtemp(prefix=WRITING, dir=self.folder))
        digests = {STATE: hashlib.sha256(content.getbuffer()).hexdigest()}
        files = {STATE: content.getbuffer(), MANIFEST: memoryview(_manifest(digests))}
        try:
            for file, held in files.items():
                with (temporary / file).open("xb") as opened:
                    opened.write(held)
                    opened.flush()
                    os.fsync(opened.fileno())
            _sync(temporary)
            shutil.rmtree(self.folder / name, ignore_errors=True)  # damaged, or never pointed to
            os.replace(temporary, self.folder / name)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        _sync(self.folder)
        with replacing(self.folder / LATEST) as pointer:
            pointer.write(name.encode())
        for folder in (self.folder, self.folder.parent):
            _sync(folder)
        for old in set(self._names()) - {name, self.good}:
            shutil.rmtree(self.folder / old, ignore_errors=True)

    def _names(self) -> list[str]:
        """Their names, the newest first."""
        found = [path.name for path in self.folder.glob("step-*") if _is_name(path.name)]
        return sorted(found, key=lambda name: int(name[5:]), reverse=True)


def _is_name(name: str) -> bool:
    return name.startswith("step-") and name[5:].isascii() and name[5:].isdigit()


def _manifest(digests: dict[str, str]) -> bytes:
    """Digests of files by name, and a digest of these, as JSON of which no byte is free."""
    own = hashlib.sha256(json.dumps(digests).encode()).hexdigest()
    return json.dumps({"files": digests, "sha256": own}, indent=1).encode()


def _check(manifest: bytes, digests: dict[str, str]) -> None:
    """Refuse files of which any bit is not as it was; the manifest is one of them."""
    if manifest == _manifest(digests):
        return
    try:
        whole = manifest == _manifest(json.loads(manifest)["files"])
    except (ValueError, TypeError, KeyError, RecursionError):
        whole = False
    broken = " or ".join(digests) if whole else MANIFEST
    raise TrainingError(f"its {broken} was altered since it was written")


def _sync(folder: Path) -> None:
    """Put a folder's list of names on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Checkpoints: where training can go on from, whatever instant it was killed at.

A checkpoint is written into a temporary folder, which becomes `step-N` once it is on the disk;
then the pointer `latest` is exchanged for one that names it. Whichever instant the process or the
machine goes down at, the pointer names a checkpoint that is whole.
"""

import io
import os
import shutil
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import torch

from reparam.atomic import replacing
from reparam.errors import ReparamError, TrainingError

FOLDER = "checkpoints"
LATEST = "latest"
STATE = "state.pt"
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
    def latest(self) -> str | None:
        """The name of the checkpoint that training goes on from."""
        try:
            return (self.folder / LATEST).read_text().strip() or None
        except OSError:
            return None

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

    def choose(self) -> tuple[str, dict[str, Any]] | None:
        """The newest that can be read, with its name; `None` where there is none.

        Raises:
            TrainingError: If there are some, and none can be read.
        """
        names = self._names()
        if (latest := self.latest) in names:
            names = [latest, *names[names.index(latest) + 1 :]]
        for name in names:
            try:
                return name, self.read(name)
            except Exception as error:  # torch has no one error for a damaged file
                warnings.warn(f"{self.folder / name} cannot be read: {error}", stacklevel=2)
        if names:
            raise TrainingError(
                f"none of the checkpoints in {self.folder} can be read: start the run anew with "
                "overwrite=True (--overwrite)"
            )
        return None

    def read(self, name: str) -> dict[str, Any]:
        """Read one, onto the CPU.

        Args:
            name: Its name.
        """
        file = self.folder / name / STATE
        state: dict[str, Any] = torch.load(file, weights_only=True, map_location="cpu")
        self.good = name
        return state

    def _write(self, name: str, state: dict[str, Any]) -> None:
        content = io.BytesIO()
        torch.save(state, content)
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob(".*"):  # of a write that was killed
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        temporary = Path(tempfile.mkdtemp(prefix=WRITING, dir=self.folder))
        try:
            with (temporary / STATE).open("xb") as file:
                file.write(content.getbuffer())
                file.flush()
                os.fsync(file.fileno())
            _sync(temporary)
            shutil.rmtree(self.folder / name, ignore_errors=True)  # damaged, or never pointed to
            os.replace(temporary, self.folder / name)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        _sync(self.folder)
        with replacing(self.folder / LATEST) as file:
            file.write(name.encode())
        for folder in (self.folder, self.folder.parent):
            _sync(folder)
        for old in set(self._names()) - {name, self.good}:
            shutil.rmtree(self.folder / old, ignore_errors=True)

    def _names(self) -> list[str]:
        """Their names, the newest first."""
        found = [path.name for path in self.folder.glob("step-*") if path.name[5:].isdigit()]
        return sorted(found, key=lambda name: int(name[5:]), reverse=True)


def _sync(folder: Path) -> None:
    """Put a folder's list of names on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""What training has recorded."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from reparam.errors import TrainingError
from reparam.training.callbacks import Callback, Record, State
from reparam.training.team import is_main

HISTORY = "history.jsonl"


@dataclass
class History(Callback):
    """Every record of a training, in memory and as lines of JSON in the run's `history.jsonl`.

    A record has `split` (train or validation), `step`, `epoch`, each term by its name, `loss`, and
    `distortion` and `rate` where they are defined: nats per example, averaged over the examples
    since the record before. Those of train also have `learning_rate` and `examples_per_second`.

    Example:
        >>> history = History()
        >>> history.records
        []
    """

    records: list[Record] = field(default_factory=list)
    _path: Path | None = field(default=None, repr=False)
    _file: TextIO | None = field(default=None, repr=False)

    def on_start(self, state: State) -> None:
        """Open the file."""
        if state.out is not None:
            self._path = state.out / HISTORY
            self._file = self._path.open("a", encoding="utf-8") if is_main() else None

    def on_record(self, state: State, record: Record) -> None:
        """Keep the record."""
        self.records.append(record)
        if self._file is not None:
            with self._told():
                print(json.dumps(record), file=self._file, flush=True)

    def on_end(self, state: State) -> None:
        """Close the file."""
        if self._file is not None:
            with suppress(OSError):  # what could not be written has been told of
                self._file.close()
            self._file = None

    def state_dict(self) -> dict[str, Any]:
        """How long the file is, once all of it is on the disk."""
        if self._file is None:
            return {}
        with self._told():
            self._file.flush()
            os.fsync(self._file.fileno())
        return {"bytes": self._file.tell()}

    def load_state_dict(self, kept: dict[str, Any]) -> None:
        """Read the records up to there, and cut off what came later.

        Args:
            kept: From `state_dict`.

        Raises:
            TrainingError: If the file is shorter.
        """
        if self._path is None:
            return
        content = self._path.read_bytes()
        if len(content) < kept["bytes"]:
            raise TrainingError(
                f"{self._path} is shorter than when the checkpoint was written: start anew "
                "with overwrite=True (--overwrite)"
            )
        if self._file is not None:
            self._file.truncate(kept["bytes"])
            self._file.seek(0, os.SEEK_END)
        lines = content[: kept["bytes"]].decode().splitlines()
        self.records = [json.loads(line) for line in lines]

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TrainingError(
                f"{HISTORY} cannot be written: {error.strerror}, make room and go on with "
                "resume=True (--resume)"
            ) from error

    def of(self, split: str) -> list[Record]:
        """The records of one split.

        Args:
            split: `"train"` or `"validation"`.
        """
        return [record for record in self.records if record["split"] == split]

    @property
    def last(self) -> dict[str, Record]:
        """The last record of each split."""
        return {record["split"]: record for record in self.records}

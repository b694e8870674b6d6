"""What training has recorded."""

import hashlib
import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from reparam.atomic import replacing
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
    ending: dict[str, str] = field(default_factory=dict)
    """What training said when it had ended: one sentence by the name of its rule."""
    _path: Path | None = field(default=None, repr=False)
    _file: BinaryIO | None = field(default=None, repr=False)
    _digest: Any = field(default_factory=hashlib.sha256, repr=False)

    def on_start(self, state: State) -> None:
        """Open the file."""
        if state.out is not None:
            self._path = state.out / HISTORY
            with _writable():
                self._file = self._path.open("ab") if is_main() else None

    def on_record(self, state: State, record: Record) -> None:
        """Keep the record."""
        self.records.append(record)
        if self._file is not None:
            with _writable():
                self._write(_line(record))

    def on_end(self, state: State) -> None:
        """Close the file."""
        if self._file is not None:
            with suppress(OSError):  # what could not be written has been told of
                self._file.close()
            self._file = None

    def state_dict(self) -> dict[str, Any]:
        """How long the file is and its digest, once all of it is on the disk."""
        if self._file is None or self._path is None:
            return {}
        with _writable():
            if not _is_at(self._file, self._path):
                self._begin_anew()
                warnings.warn(
                    f"{self._path} was removed while training: all records were written again",
                    stacklevel=2,
                )
            os.fsync(self._file.fileno())
            return {"bytes": self._file.tell(), "sha256": self._digest.hexdigest()}

    def load_state_dict(self, kept: dict[str, Any]) -> None:
        """Read the records up to there, and cut off what came later.

        What is missing or damaged is left out, with a warning: no weight depends on it.

        Args:
            kept: From `state_dict`.
        """
        if self._path is None:
            return
        with _writable():
            content = self._path.read_bytes()[: kept["bytes"]]
        self.records = records_in(content)
        altered = kept.get("sha256") not in (None, hashlib.sha256(content).hexdigest())
        whole = len(content) == kept["bytes"] and not altered
        whole = whole and len(self.records) == len(content.splitlines())
        if self._file is None:
            return
        with _writable():
            if whole:
                self._file.truncate(kept["bytes"])
                self._file.seek(0, os.SEEK_END)
                self._digest.update(content)
                return
            self._begin_anew()
        warnings.warn(
            f"{self._path} was damaged or cut short since the checkpoint: {len(self.records)} of "
            "its records can be read and are kept; the training itself goes on bit for bit",
            stacklevel=2,
        )

    def _write(self, line: bytes) -> None:
        assert self._file is not None
        self._file.write(line)
        self._file.flush()
        self._digest.update(line)

    def _begin_anew(self) -> None:
        """Write all records into a new file."""
        assert self._path is not None
        if self._file is not None:
            self._file.close()
        with replacing(self._path) as new:
            new.write(b"".join(map(_line, self.records)))
        self._file, self._digest = self._path.open("ab"), hashlib.sha256()
        self._digest.update(b"".join(map(_line, self.records)))

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


def _line(record: Record) -> bytes:
    return json.dumps(record).encode() + b"\n"


def records_in(content: bytes) -> list[Record]:
    r"""The records of a run's `history.jsonl`, without lines that are damaged.

    Args:
        content: The file's bytes.

    Example:
        >>> records_in(b'{"split": "train", "step": 1}\nnull\n\xff')
        [{'split': 'train', 'step': 1}]
    """
    found = []
    for line in content.splitlines():
        with suppress(ValueError, RecursionError):
            found.append(json.loads(line))
    return [
        record
        for record in found
        if isinstance(record, dict)
        and isinstance(record.get("split"), str)
        and isinstance(record.get("step"), int)
    ]


def _is_at(file: BinaryIO, path: Path) -> bool:
    """Whether a path still leads to an open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


@contextmanager
def _writable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TrainingError(
            f"{HISTORY} cannot be written: {error.strerror}, make room and go on with "
            "resume=True (--resume)"
        ) from error

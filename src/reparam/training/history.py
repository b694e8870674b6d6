"""What training has recorded."""

import json
from dataclasses import dataclass, field
from typing import TextIO

from reparam.training.callbacks import Callback, Record, State


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
    _file: TextIO | None = field(default=None, repr=False)

    def on_start(self, state: State) -> None:
        """Open the file."""
        if state.out is not None:
            self._file = (state.out / "history.jsonl").open("w", encoding="utf-8")

    def on_record(self, state: State, record: Record) -> None:
        """Keep the record."""
        self.records.append(record)
        if self._file is not None:
            print(json.dumps(record), file=self._file, flush=True)

    def on_end(self, state: State) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

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

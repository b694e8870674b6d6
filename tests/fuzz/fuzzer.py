"""Cases by number: each is drawn from its seed, run in a worker that is watched, and counted.

A worker is a fork of this process, so that a case that never comes back can be ended and one that
breaks the interpreter is counted too; the next worker goes on with the next case.
"""

import json
import multiprocessing
import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from tests.fuzz import commands, files, runs
from tests.fuzz.base import prepare
from tests.fuzz.guard import (
    LARGEST,
    SECONDS,
    Outcome,
    alone,
    command_line,
    forget_peak,
    peak,
    within,
)

Generator = Callable[[Random, Path, Path], list[str]]
KINDS: dict[str, tuple[Generator, int]] = {
    "arrays": (files.arrays, 5),
    "images": (files.images, 4),
    "parquet": (files.parquet, 2),
    "tables": (files.tables, 1),
    "artifacts": (runs.artifacts, 5),
    "checkpoints": (runs.checkpoints, 1),
    "command lines": (commands.commands, 4),
    "--set": (commands.settings, 2),
}
"""What is fuzzed, and how often among 24 cases."""
ORDER = [kind for kind, (_, share) in KINDS.items() for _ in range(share)]
Random(0).shuffle(ORDER)
GRACE = 10.0


@dataclass(frozen=True)
class Case:
    """One case and what came of it.

    Args:
        seed: The seed of all cases.
        number: Which.
        kind: What is fuzzed.
        line: The command line.
        outcome: What came of it.
        seconds: How long it took.
    """

    seed: int
    number: int
    kind: str
    line: list[str]
    outcome: Outcome
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether it is neither a success nor a refusal in one sentence."""
        return self.outcome.kind not in ("success", "refusal")

    def __str__(self) -> str:
        """What happened, and how to see it again."""
        line = " ".join(map(repr, self.line))
        return (
            f"{self.outcome.kind} in {self.kind}: reparam {line[:600]}\n  {self.outcome.said}\n"
            f"  replay: python -m tests.fuzz --seed {self.seed} --case {self.number} --keep"
        )


def drawn(seed: int, number: int, place: Path, base: Path, kind: str) -> list[str]:
    """A case's command line, with its files written.

    Args:
        seed: The seed of all cases.
        number: Which.
        place: An empty folder for its files.
        base: What `prepare` wrote.
        kind: What is fuzzed.
    """
    return KINDS[kind][0](Random(f"{seed} {number}"), place, base)


def run(seed: int, number: int, base: Path, kind: str, keep: Path | None = None) -> Case:
    """Draw one case and run it in this process.

    Args:
        seed: The seed of all cases.
        number: Which.
        base: What `prepare` wrote.
        kind: What is fuzzed.
        keep: Where to leave its files; they are removed by default.
    """
    place = Path(tempfile.mkdtemp(dir=base)) if keep is None else keep
    place.mkdir(exist_ok=True)
    os.chdir(place)
    start = time.monotonic()
    try:
        line = drawn(seed, number, place, base, kind)
        forget_peak()
        with within(SECONDS):
            outcome = command_line(line)
        outcome = replace(outcome, peak=peak())
        if outcome.kind in ("success", "refusal") and _too_large(outcome, kind):
            outcome = replace(outcome, kind="memory")
    finally:
        os.chdir(base)
        if keep is None:
            shutil.rmtree(place, ignore_errors=True)
    return Case(seed, number, kind, line, outcome, time.monotonic() - start)


def _too_large(outcome: Outcome, kind: str) -> bool:
    """Files may not ask for much memory; a person may, and is told that there is too little."""
    asked = "there is not enough memory" in outcome.said
    return outcome.peak > LARGEST or (asked and kind not in ("command lines", "--set"))


def fuzz(
    seed: int, numbers: range, base: Path, only: str | None = None, without: str | None = None
) -> Iterator[Case]:
    """Run cases one after the other in watched workers.

    Args:
        seed: The seed of all cases.
        numbers: Which.
        base: An empty folder.
        only: One kind of input; all in turn by default.
        without: A kind that is left out.
    """
    prepare(base)
    waiting = [(number, only or ORDER[number % len(ORDER)]) for number in numbers]
    waiting = [each for each in waiting if each[1] != without]
    fork = multiprocessing.get_context("fork")
    while waiting:
        ours, theirs = fork.Pipe(duplex=False)
        worker = fork.Process(target=_work, args=(theirs, seed, waiting, base), daemon=True)
        worker.start()
        theirs.close()
        while waiting:
            found = _next(ours)
            number, kind = waiting.pop(0)
            if found is None:
                worker.join(1.0)
                ended = not worker.is_alive()
                worker.kill()
                what = f"the process ended by itself ({worker.exitcode})" if ended else "no answer"
                yield Case(seed, number, kind, [], Outcome("hang", what))
                break
            yield found
            if found.outcome.kind == "hang":  # its threads may still wait for something
                worker.kill()
                break
        worker.join()


def _next(ours: Connection) -> Case | None:
    """The next case's outcome; `None` if it does not come."""
    with suppress(EOFError):
        if ours.poll(SECONDS + GRACE):
            found = json.loads(ours.recv())
            if "broken" in found:
                raise RuntimeError(f"the fuzzer itself is at fault:\n{found['broken']}")
            return Case(**{**found, "outcome": Outcome(**found["outcome"])})
    return None


def _work(theirs: Connection, seed: int, waiting: list[tuple[int, str]], base: Path) -> None:
    alone()
    for number, kind in waiting:
        try:
            found = asdict(run(seed, number, base, kind))
        except Exception:
            found = {"broken": f"case {number}\n{traceback.format_exc()}"}
        theirs.send(json.dumps(found))

"""`python -m tests.fuzz --cases 2000 --seed 0`: run cases, count outcomes, print failures."""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.base import prepare
from tests.fuzz.fuzzer import KINDS, ORDER, Case, fuzz, run
from tests.fuzz.guard import OUTCOMES, alone


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="the first case's number")
    parser.add_argument("--only", choices=KINDS, help="one kind of input")
    parser.add_argument("--without", choices=KINDS, help="leave one kind out")
    parser.add_argument("--case", type=int, help="replay one case and print its traceback")
    parser.add_argument("--keep", action="store_true", help="leave the replayed case's files")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["REPARAM_CACHE"] = str(Path(folder) / "cache")
        base = Path(folder) / "base"
        base.mkdir()
        if given.case is not None:
            return _replay(given.seed, given.case, base, given.only, given.keep)
        start = time.monotonic()
        numbers = range(given.start, given.start + given.cases)
        done = []
        for case in fuzz(given.seed, numbers, base, given.only, given.without):
            done.append(case)
            if case.failed:
                print(case, flush=True)
    print(table(done))
    print(f"seed {given.seed}, {len(done)} cases, {time.monotonic() - start:.0f} s")
    print(f"the largest process took {max(case.outcome.peak for case in done) / 2**20:.0f} MiB")
    print(f"the slowest case took {max(case.seconds for case in done):.1f} s")
    return int(any(case.failed for case in done))


def table(cases: list[Case]) -> str:
    """The counts as a table in Markdown."""
    names = ("success", "refused in one sentence", "traceback", "hang", "over 2 GB")
    lines = [f"| input | cases | {' | '.join(names)} |", "| --- |" + " ---: |" * 6]
    rows = [*((kind, [c for c in cases if c.kind == kind]) for kind in KINDS), ("together", cases)]
    for kind, some in rows:
        counts = Counter(case.outcome.kind for case in some)
        numbers = " | ".join(f"{counts[name]:,}" for name in OUTCOMES)
        lines.append(f"| {kind} | {len(some):,} | {numbers} |")
    return "\n".join(lines)


def _replay(seed: int, number: int, base: Path, only: str | None, keep: bool) -> int:
    prepare(base)
    alone()
    kept = Path(tempfile.mkdtemp(prefix="case-")) if keep else None
    case = run(seed, number, base, only or ORDER[number % len(ORDER)], kept)
    print(case, case.outcome.details, *([f"its files: {kept}"] if kept else []), sep="\n")
    return int(case.failed)


if __name__ == "__main__":
    sys.exit(main())

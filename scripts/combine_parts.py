"""Every posterior with every prior, loss and objective: each trains a step, or says why not.

    python scripts/combine_parts.py --processes 2

writes the tables of docs/combinations.md in some minutes. `tests/zoo/test_combinations.py` tries
every pair.
"""

import argparse
import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import torch
from combining import KINDS, PAIRS, REASONS, TRAINS, Combination, completed, outcome

from reparam.metrics.progress import bar

PAGE = Path(__file__).resolve().parents[1] / "docs" / "combinations.md"
BEGIN, END = "<!-- written by scripts/combine_parts.py -->", "<!-- up to here -->"


def tried(given: tuple[str, str]) -> dict[Combination, str]:
    """Every loss and objective with a posterior and a prior: outcomes, or what is wrong.

    Args:
        given: The posterior and the prior.
    """
    torch.set_num_threads(1)
    found = {}
    for others in itertools.product(KINDS["loss"], KINDS["objective"]):
        parts = Combination(*given, *others)
        try:
            found[parts] = outcome(parts)
        except Exception as error:  # whatever it is, it is listed
            found[parts] = f"{type(error).__name__}: {error}"
    return found


def everything(processes: int) -> dict[Combination, str]:
    """Every combination's outcome.

    Args:
        processes: How many share the work.
    """
    pairs = list(itertools.product(KINDS["posterior"], KINDS["prior"]))
    found: dict[Combination, str] = {}
    with get_context("spawn").Pool(processes) as pool:
        for part in bar(pool.imap_unordered(tried, pairs), total=len(pairs), unit="pairs"):
            found |= part
    order = itertools.starmap(Combination, itertools.product(*KINDS.values()))
    return {parts: found[parts] for parts in order}


def exceptions(found: dict[Combination, str]) -> Iterator[str]:
    """What neither trains nor refuses, and pairs that refuse in their table but not elsewhere.

    Args:
        found: Every combination's outcome.
    """
    for parts, said in found.items():
        if said != TRAINS and said not in REASONS:
            yield f"- {', '.join(parts)}: {said}"
    company = {}
    for parts, said in found.items():
        if said == TRAINS:
            for rows, columns in PAIRS:
                company[rows, getattr(parts, rows), columns, getattr(parts, columns)] = parts
    for (rows, row, columns, column), parts in company.items():
        if found[completed(**{rows: row, columns: column})] != TRAINS:
            yield f"- {row} and {column} train in other company: {', '.join(parts)}"


def table(rows: str, columns: str, found: dict[Combination, str]) -> Iterator[str]:
    """The lines of a pair's table.

    Args:
        rows: A kind of parts.
        columns: Another.
        found: Every combination's outcome.
    """
    yield f"| {rows} | {' | '.join(KINDS[columns])} |"
    yield "| --- " * (len(KINDS[columns]) + 1) + "|"
    for row in KINDS[rows]:
        marks = [found[completed(**{rows: row, columns: name})] for name in KINDS[columns]]
        yield f"| {row} | {' | '.join(marks)} |"


def written(found: dict[Combination, str]) -> Iterator[str]:
    """The lines that are written into the page.

    Args:
        found: Every combination's outcome.
    """
    counts = Counter(found.values())
    refused = sum(counts[key] for key in REASONS)
    names = ("posteriors", "priors", "losses", "objectives")
    sizes = [f"{len(KINDS[k])} {name}" for k, name in zip(KINDS, names, strict=True)]
    yield f"{', '.join(sizes[:-1])} and {sizes[-1]} are **{len(found):,} combinations**, of which"
    yield f"**{counts[TRAINS]:,} train** and **{refused:,} refuse**."
    yield from ("", "| mark | why | combinations |", "| --- | --- | --- |")
    yield f"| {TRAINS} | it trains | {counts[TRAINS]:,} |"
    for key, reason in REASONS.items():
        yield f"| {key} | {reason.meaning} | {counts[key]:,} |"
    listed = list(exceptions(found))
    yield from ("", "**Exceptions**: " + ("" if listed else "none."), *listed)
    for rows, columns in PAIRS:
        yield from ("", f"## {rows.capitalize()} and {columns}", "")
        yield from table(rows, columns, found)


def main() -> None:
    """Try everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    found = everything(options.processes)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    lines = "\n".join([BEGIN, "", *written(found), "", END])
    PAGE.write_text(before + lines + after, encoding="utf-8")
    sys.exit(any(said not in (TRAINS, *REASONS) for said in found.values()))


if __name__ == "__main__":
    main()

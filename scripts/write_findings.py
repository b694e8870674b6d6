"""Write the documentation's page of findings, and its pictures, from two runs of the study.

reparam study --seeds 0 1 2 --out runs/subset
reparam study --data fashion-mnist --out runs/full
python scripts/write_findings.py runs/subset runs/full
"""

import argparse
import json
from pathlib import Path
from typing import Any

from PIL import Image

from reparam.report.html import estimate_text, number
from reparam.study.figures import DRAWINGS

DOCS = Path(__file__).resolve().parents[1] / "docs"
COLOURS = 128
WIDEST = 1500


def table(subset: dict[str, Any], full: dict[str, Any]) -> list[str]:
    """One row a claim: the verdicts of the subset's seeds and of the full set."""
    lines = ["| claim | subset | full set |", "| --- | --- | --- |"]
    for claim, other in zip(subset["claims"], full["claims"], strict=True):
        seeds = [one["verdict"] for one in claim["seeds"].values()]
        said = f"{seeds[0]}, all seeds" if claim["stable"] else ", ".join(seeds)
        statement = claim["statement"].replace("|", "\\|")
        lines.append(f"| [{statement}](#{claim['id']}) | {said} | {other['verdict']} |")
    return lines


def escaped(text: str) -> str:
    """Text that may stand in a table's cell."""
    return text.replace("|", "\\|")


def details(claim: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """A claim's measures: every seed of the subset, and the full set with its interval."""
    lines = [f"### {claim['id']}", "", f"**{claim['statement']}** {claim['how']}", ""]
    lines += [f"Rule: {claim['rule']}.", ""]
    heads = " | ".join(f"seed {seed}" for seed in claim["seeds"])
    lines += [f"| measure | {heads} | full set |", "| --- " * (len(claim["seeds"]) + 2) + "|"]
    for name, estimate in other["measured"].items():
        values = " | ".join(
            number(one["measured"][name]["value"]) for one in claim["seeds"].values()
        )
        lines.append(f"| {name} | {values} | {estimate_text(estimate)} |")
    verdicts = " | ".join(one["verdict"] for one in claim["seeds"].values())
    return [*lines, f"| **verdict** | {verdicts} | {other['verdict']} |", ""]


def models(found: dict[str, Any]) -> list[str]:
    """The models' figures on the test set."""
    lines = ["| model | root mean squared error | distortion | rate | bound |", "| --- " * 5 + "|"]
    for name, model in found["models"].items():
        test = model["test"]
        nats = [
            f"{test[key]:.1f}" if key in test else "" for key in ("distortion", "rate", "bound")
        ]
        lines.append(f"| {name} | {test['root_mean_squared_error']:.4f} | {' | '.join(nats)} |")
    return lines


def findings(subset: dict[str, Any], full: dict[str, Any]) -> str:
    """The whole page."""
    data, whole = subset["data"], full["data"]
    lines = [
        "# What we found",
        "",
        f"On {data['title']}: {data['train']:,} training and {data['test']:,} test pictures, "
        f"{data['epochs']} epochs, seeds {', '.join(map(str, subset['seeds']))}. On "
        f"{whole['title']}: {whole['train']:,} and {whole['test']:,}, {whole['epochs']} epochs, "
        f"seed {full['seeds'][0]}. This page is written by `scripts/write_findings.py` from two "
        "runs of `reparam study`; [the first page](README.md) says how claims are judged.",
        "",
        *table(subset, full),
        "",
        "## The models on the test set",
        "",
        f"{data['title']}, seed {subset['seeds'][0]}; nats per example, the error in pixel units.",
        "",
        *models(subset),
        "",
        f"{whole['title']}.",
        "",
        *models(full),
        "",
        "## The claims one by one",
        "",
        "The full set's measures have their 95% intervals over items.",
        "",
    ]
    for claim, other in zip(subset["claims"], full["claims"], strict=True):
        lines += details(claim, other)
    return "\n".join(lines).rstrip() + "\n"


def copy_pictures(run: Path, target: Path) -> None:
    """The run's figures in few colours, small enough for a repository."""
    target.mkdir(parents=True, exist_ok=True)
    for drawing in DRAWINGS:
        with Image.open(run / "figures" / f"{drawing.name}.png") as picture:
            small = picture.convert("RGB")
            if small.width > WIDEST:
                small = small.resize((WIDEST, round(WIDEST * small.height / small.width)))
            small.quantize(COLOURS, dither=Image.Dither.NONE).save(
                target / f"{drawing.name}.png", optimize=True
            )


def main() -> None:
    """Read both runs and write the page and the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("subset", type=Path, help="a run on the subset, with several seeds")
    parser.add_argument("full", type=Path, help="a run on the full set")
    options = parser.parse_args()
    subset, full = (
        json.loads((run / "metrics.json").read_text()) for run in (options.subset, options.full)
    )
    (DOCS / "chapter" / "findings.md").write_text(findings(subset, full), encoding="utf-8")
    copy_pictures(options.subset, DOCS / "images" / "chapter")


if __name__ == "__main__":
    main()

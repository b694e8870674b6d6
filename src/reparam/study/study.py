"""The study as a whole: train, measure, draw, write."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from reparam._version import __version__
from reparam.atomic import replacing
from reparam.data import Dataset, load_split
from reparam.errors import DataError, ReparamError
from reparam.plots import save
from reparam.report import measured as measure_model
from reparam.study.claims import CLAIMS
from reparam.study.evidence import Evidence
from reparam.study.figures import DRAWINGS
from reparam.study.models import CANDIDATES, Trained, train
from reparam.study.page import page
from reparam.study.progress import Progress
from reparam.study.verdict import agreed, stated
from reparam.training import Callback, Record, State

DATA = ("fashion-mnist-subset", "fashion-mnist")
EPOCHS = 5
MEASURING, DRAWING = 2.0, 1.5  # work, in trainings on the subset


@dataclass
class Finding:
    """What one seed's models say of one claim.

    Args:
        measured: Its measures with their intervals, as plain values.
        verdict: What follows from them.
    """

    measured: dict[str, dict[str, float]]
    verdict: str


@dataclass
class Study:
    """Everything that was found.

    Args:
        train: The training set.
        test: The test set.
        epochs: How often every picture was seen.
        evidence: Each seed's models.
        tests: Each seed's figures on the test set, by model.
        findings: Each seed's findings, by claim.
        seconds: How long each stage took.
    """

    train: Dataset
    test: Dataset
    epochs: int
    evidence: dict[int, Evidence] = field(default_factory=dict)
    tests: dict[int, dict[str, Any]] = field(default_factory=dict)
    findings: dict[int, dict[str, Finding]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside; stages of one name add up.

        Args:
            name: What it is called.
        """
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def to_json(self) -> dict[str, Any]:
        """Everything that was measured, as plain values."""
        first = next(iter(self.findings))
        claims = []
        for claim in CLAIMS:
            found = {seed: of[claim.id] for seed, of in self.findings.items()}
            verdicts = [finding.verdict for finding in found.values()]
            claims.append(
                {
                    "id": claim.id,
                    "statement": claim.statement,
                    "how": claim.how,
                    "measured": found[first].measured,
                    "rule": stated(claim.rule),
                    "verdict": agreed(verdicts),
                    "stable": len(set(verdicts)) == 1,
                    "seeds": {
                        str(seed): {"verdict": finding.verdict, "measured": finding.measured}
                        for seed, finding in found.items()
                    },
                }
            )
        models = {
            name: {
                "test": self.tests[first][name],
                "seconds": trained.seconds,
                "reused": trained.reused,
                "seeds": {str(seed): tests[name] for seed, tests in self.tests.items()},
            }
            for name, trained in self.evidence[first].trained.items()
        }
        return {
            "claims": claims,
            "models": models,
            "data": {
                "name": self.train.schema.name,
                "title": self.train.schema.title,
                "train": len(self.train),
                "test": len(self.test),
                "epochs": self.epochs,
            },
            "seeds": list(self.findings),
            "stages": self.seconds,
            "reparam": __version__,
        }


def run_study(
    data: str = "fashion-mnist-subset",
    epochs: int = EPOCHS,
    seeds: Sequence[int] = (0,),
    out: str | Path = "runs/study",
    path: str | Path | None = None,
    console: Console | None = None,
) -> Study:
    """Train eight models, and measure what textbooks claim about them.

    Writes `metrics.json`, figures and `report.html` into a folder, and keeps the trained models
    there: a second run trains only what is missing.

    Args:
        data: fashion-mnist-subset or fashion-mnist.
        epochs: How often every picture is seen.
        seeds: Each trains its own eight models; figures show the first.
        out: The folder.
        path: Where the data is, if not in a usual place.
        console: Where progress goes; standard error by default.

    Raises:
        ReparamError: If an option makes no sense or the folder cannot be written.
        DataError: If the data is not there.
    """
    if data not in DATA:
        raise DataError(
            f"the study judges clothes, so its data is {' or '.join(DATA)}, not {data!r}"
        )
    if not seeds or len(set(seeds)) != len(seeds):
        raise ReparamError(f"give one or more different seeds, not {list(seeds)}")
    folder = Path(out)
    options: dict[str, Any] = {} if path is None else {"path": path}
    pictures = load_split(data, "train", validation=0, **options)
    study = Study(pictures, load_split(data, "test", **options), epochs)
    scale = len(pictures) / 10_000 * epochs / EPOCHS
    total = len(seeds) * (len(CANDIDATES) * scale + MEASURING) + DRAWING
    with Progress(total, console) as progress:
        for seed in seeds:
            _one_seed(study, seed, folder, scale, progress)
        files = _draw(study, folder / "figures", progress)
        with study.stage("writing"):
            content = page(study.to_json(), DRAWINGS, files)
            _write(folder / "report.html", content.encode())
        _write(folder / "metrics.json", json.dumps(study.to_json(), indent=1).encode())
    return study


def _one_seed(study: Study, seed: int, folder: Path, scale: float, progress: Progress) -> None:
    models: dict[str, Trained] = {}
    for number, candidate in enumerate(CANDIDATES, 1):
        place = f"{number} of {len(CANDIDATES)}, seed {seed}"
        progress.begin(f"training {candidate.name}: {place}", work=scale)
        where = folder / "models" / f"{candidate.name}-seed{seed}"
        with study.stage("training"):
            models[candidate.name] = train(
                candidate, study.train, study.epochs, seed, where, [_Watch(progress)]
            )
        if models[candidate.name].reused:
            progress.skip()
    evidence = study.evidence[seed] = Evidence(models, study.train, study.test, seed)
    progress.begin(f"testing the models: seed {seed}", work=0.2)
    with study.stage("testing"):
        study.tests[seed] = {
            name: measure_model(trained.model, study.test, seed)
            for name, trained in models.items()
        }
    study.findings[seed] = {}
    for claim in CLAIMS:
        progress.begin(f"measuring {claim.id}: seed {seed}", work=(MEASURING - 0.2) / len(CLAIMS))
        with study.stage(f"measuring {claim.id}"):
            measured = claim.measure(evidence)
            study.findings[seed][claim.id] = Finding(
                {name: value.to_json() for name, value in measured.items()},
                claim.verdict(evidence, measured),
            )


class _Watch(Callback):
    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def on_record(self, state: State, record: Record) -> None:
        self.progress.within(state.step / state.steps)


def _draw(study: Study, folder: Path, progress: Progress) -> dict[str, Path]:
    evidence = next(iter(study.evidence.values()))
    files = {}
    for drawing in DRAWINGS:
        progress.begin(f"drawing {drawing.name}", work=DRAWING / len(DRAWINGS))
        with study.stage("drawing"):
            place = folder / f"{drawing.name}.png"
            files[drawing.name] = save(drawing.make(evidence), place, place.with_suffix(".svg"))
    return files


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)

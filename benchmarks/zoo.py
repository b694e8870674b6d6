"""Every variant of the zoo on one budget: 16 latents, the default network, 5 epochs, one recipe.

    python benchmarks/zoo.py --out runs/zoo
    python benchmarks/zoo.py --data fashion-mnist --seeds 0 1 2
    python benchmarks/zoo.py --table

Each variant's figures are kept in a file of their own, so that a run that was killed goes on where
it was: with the variant it was at. A variant that fails is named at the end and tried again next
time. `--table` prints what there is.

What is not defined is left out. Bounds are in nats per item, of distortion and rate at weights of
1, and compare only between the same likelihoods. Where a model has no prior, samples come from a
normal distribution fitted to its codes of the training set, and are marked. Precision and coverage
are taken in the features of the classifier that comes with the package, which knows clothes.
"""

import argparse
import json
import statistics
import time
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from reparam import __version__, data, fit, samplers
from reparam.atomic import replacing
from reparam.data import Dataset
from reparam.errors import CollapseWarning, NoDensityError
from reparam.latent import codes
from reparam.metrics import active_units, bound, evidence, reconstruction, support
from reparam.metrics.classifier import fashion_classifier, judged
from reparam.models import VAE
from reparam.zoo import ZOO

LATENT = 16
SETTINGS: dict[str, dict[str, Any]] = {
    "miwae": {"groups": 2, "draws": 4},
    "piwae": {"groups": 2, "draws": 4},
}
"""Where a variant's own defaults cost many times the others' draws: 8 in place of 64."""

AT_ONCE = 1000
COLUMNS = {
    "bound": 1, "importance_weighted_bound": 1, "root_mean_squared_error": 4, "ssim": 3,
    "active_units": 0, "precision": 3, "coverage": 3, "processor_seconds": 0,
}  # fmt: skip
"""The table's figures, with their decimals."""


def examined(
    name: str, train: Dataset, test: Dataset, seed: int, epochs: int, draws: int
) -> dict[str, Any]:
    """Train a variant and measure it on the test set.

    Args:
        name: A variant of the zoo.
        train: What it learns from.
        test: What it is measured on.
        seed: Of weights, order and draws.
        epochs: How long it learns.
        draws: How many an item's importance-weighted bound takes.
    """
    arguments = SETTINGS.get(name, {})
    model, objective = ZOO[name].make(train.shape, latent=LATENT, seed=seed, **arguments)
    start, processor = time.perf_counter(), time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CollapseWarning)  # the active units say it too
        fit(model, objective, train, epochs=epochs, seed=seed, progress=False)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    found = figures(model, train, test, seed, draws)
    return found | {
        "arguments": arguments,
        "parameters": sum(p.numel() for p in model.parameters()),
        "seconds": seconds,
        "processor_seconds": processor,
        "threads": torch.get_num_threads(),
        "version": __version__,
    }


def figures(model: VAE, train: Dataset, test: Dataset, seed: int, draws: int) -> dict[str, Any]:
    """What a trained model is worth.

    Args:
        model: A trained model.
        train: What it was trained on.
        test: What it is measured on.
        seed: Of the draws.
        draws: How many an item's importance-weighted bound takes.
    """
    made = reconstruction(model, test).to_json()
    found = {key: made[key] for key in ("root_mean_squared_error", "psnr", "ssim")}
    family = model.likelihood.family
    found["likelihood"] = type(getattr(family, "family", family)).__name__  # within a border
    found["active_units"] = int(active_units(codes(model, test).mean.flatten(1)).sum())
    try:
        found |= bound(model, test, seed=seed, progress=False).to_json()
        weighted = evidence(model, test, draws, seed, progress=False)
        found["importance_weighted_bound"] = weighted.nats
        found["importance_samples"] = draws
    except NoDensityError as refusal:
        found["no_bound"] = str(refusal)
    found["samples_from"] = "prior"
    if model.prior is None:
        model.prior = samplers.normal(codes(model, train).mean.to(model.device))
        found["samples_from"] = "a normal distribution fitted to codes"
    real, drawn = (features(x) for x in (test.tensor(), sampled(model, train, len(test), seed)))
    where = support(real, drawn, "the fashion classifier's", seed=seed, progress=False)
    for key in ("precision", "recall", "density", "coverage"):
        found[key] = getattr(where, key).value
    return found


def sampled(model: VAE, train: Dataset, n: int, seed: int) -> Tensor:
    """Samples, of a model that takes labels with the labels of random training items.

    Args:
        model: A model with a prior.
        train: What it was trained on.
        n: How many.
        seed: Of the draws.
    """
    chosen = torch.randint(len(train), (n,), generator=torch.Generator().manual_seed(seed))
    _, *labels = train.batch(chosen)
    given = [y.to(model.device) for y in labels[: model.conditions]]
    parts = []
    for start in range(0, n, AT_ONCE):
        some = [y[start : start + AT_ONCE] for y in given]
        count = min(AT_ONCE, n - start)
        parts.append(model.sample(count, *some, seed=1000 * seed + start).clamp(0, 1).cpu())
    return torch.cat(parts)


def features(x: Tensor) -> Any:
    """What the package's classifier makes of pictures, in float64 for distances.

    Args:
        x: Pictures in [0, 1].
    """
    return judged(fashion_classifier(), x)[1].double().numpy()


def tabled(files: list[Path]) -> str:
    """The table of what there is: the mean over seeds, and their standard deviation.

    Args:
        files: Where figures are kept.
    """
    kept = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    by_name = {name: [one for one in kept if one["variant"] == name] for name in ZOO}
    lines = [
        "| variant | likelihood | bound | weighted bound | RMSE | SSIM | active | precision | "
        "coverage | processor s |",
        "| --- " * (2 + len(COLUMNS)) + "|",
    ]
    for name, rows in by_name.items():
        if rows:
            values = [spread(rows, key, digits) for key, digits in COLUMNS.items()]
            fitted = "*" if rows[0]["samples_from"] != "prior" else ""
            lines.append(f"| {name}{fitted} | {rows[0]['likelihood']} | {' | '.join(values)} |")
    if any(one["samples_from"] != "prior" for one in kept):
        lines += ["", "\\* No prior: samples from a normal distribution fitted to the codes."]
    said = [
        f"{name} ({', '.join(f'{k} {v}' for k, v in given.items())})"
        for name, given in SETTINGS.items()
        if by_name[name]
    ]
    if said:
        lines += ["", f"Not by default: {'; '.join(said)}."]
    return "\n".join(lines)


def spread(rows: list[dict[str, Any]], key: str, digits: int) -> str:
    """A figure's mean over seeds, with its standard deviation where there are several.

    Args:
        rows: A variant's figures.
        key: Which.
        digits: How many decimals.
    """
    values = [row[key] for row in rows if row.get(key) is not None]
    if not values:
        return ""
    mean = f"{statistics.mean(values):.{digits}f}"
    if len(values) == 1:
        return mean
    return f"{mean} ± {statistics.stdev(values):.{max(digits, 1)}f}"


def main() -> None:
    """Train what is missing, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default="fashion-mnist-subset")
    parser.add_argument("--out", type=Path, default=Path("runs/zoo"))
    parser.add_argument("--only", nargs="+", default=list(ZOO), metavar="NAME", choices=list(ZOO))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--limit", type=int, help="items of each split, to try the script out")
    parser.add_argument("--table", action="store_true", help="print what there is")
    options = parser.parse_args()
    folder = options.out / options.data
    if not options.table:
        failed = run(options, folder)
        if failed:
            raise SystemExit("failed: " + ", ".join(failed))
    print(tabled(sorted(folder.glob("*-seed-*.json"))))


def run(options: argparse.Namespace, folder: Path) -> list[str]:
    """Train and measure every variant and seed that has no file yet; those that failed.

    Args:
        options: Of the command line.
        folder: Where figures are kept.
    """
    train, test = data.load(options.data)
    if options.limit:
        train, test = train[: options.limit], test[: options.limit]
    settings = {
        "data": options.data, "epochs": options.epochs, "draws": options.draws,
        "latent": LATENT, "train": len(train), "test": len(test),
    }  # fmt: skip
    failed = []
    for seed in options.seeds:
        for name in options.only:
            file = folder / f"{name}-seed-{seed}.json"
            if file.exists():
                held = json.loads(file.read_text(encoding="utf-8"))
                if {key: held[key] for key in settings} != settings:
                    raise SystemExit(f"{file} has other settings: give another --out")
                continue
            try:
                found = examined(name, train, test, seed, options.epochs, options.draws)
            except Exception as error:  # the others go on
                print(f"{name}, seed {seed}: {type(error).__name__}: {error}", flush=True)
                failed.append(name)
                continue
            written = {"variant": name, "seed": seed} | settings | found
            with replacing(file) as out:
                out.write(json.dumps(written, indent=1, allow_nan=False).encode())
            nats = f"bound {found['bound']:.1f}" if "bound" in found else "no bound"
            print(f"{name}, seed {seed}: {nats}, {found['seconds']:.0f} s", flush=True)
    return failed


if __name__ == "__main__":
    main()

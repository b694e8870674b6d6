"""The peak rate of runs of fewer than 100 steps, chosen on a part of the training set.

Trains the default VAE for a few steps at shares of the default peak, and measures the loss on the
training items that it did not see, against the loss before the first step. The test set is not
read.

    python benchmarks/short_runs.py fashion-mnist-subset digits breast_cancer --seeds 0 1 2
    python benchmarks/short_runs.py pictures/ --size 64 64 --steps 5 12 30 99
"""

import argparse
import json
import math
import statistics

import torch

from reparam import data, fit, zoo
from reparam.data import Dataset
from reparam.training import Step
from reparam.training.evaluate import evaluate
from reparam.training.rates import peak

STEPS = (5, 8, 12, 18, 30, 50, 99)
SHARES = (1.0, 0.5, 0.25, 0.125, 0.0625)
HELD_OUT = 256


def parts(source: str, options: argparse.Namespace) -> tuple[Dataset, Dataset]:
    """What is trained on, and what is measured on: both of the training set."""
    if source in ("digits", "breast_cancer"):
        from sklearn import datasets

        table = getattr(datasets, f"load_{source}")().data.astype("float32")
        low, high = table.min(0), table.max(0)
        scaled = torch.from_numpy((table - low) / (high - low).clip(1e-6))
        if source == "digits":
            scaled = scaled.reshape(-1, 1, 8, 8)
        order = torch.randperm(len(scaled), generator=torch.Generator().manual_seed(0))
        return Dataset(scaled[order[len(order) // 3 :]]), Dataset(scaled[order[: len(order) // 6]])
    size = {"size": tuple(options.size)} if options.size else {}
    train, validation = (
        data.load_split(source, part, validation=0.1, **size) for part in ("train", "validation")
    )
    return train, validation[:HELD_OUT]


def losses(train: Dataset, validation: Dataset, steps: int, rate: float, options) -> list[float]:
    """The loss on what was not trained on, before the first step and after the last."""
    epochs = -(-steps // -(-len(train) // options.batch))
    items = train[: -(-steps // epochs) * options.batch]
    found = []
    for seed in options.seeds:
        model, objective = zoo.ZOO[options.model].make(train.shape, seed=seed)
        step = Step(model, objective)
        before = evaluate(step, validation, seed=0)["loss"]
        fit(
            model, objective, items, epochs=epochs, batch_size=options.batch, seed=seed,
            learning_rate=rate, schedule=options.schedule, progress=False,
        )  # fmt: skip
        found.append(evaluate(step, validation, seed=0)["loss"] / before)
    return found


def main() -> None:
    """Print the share of the first loss that is left, for each source, steps and rate."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--size", type=int, nargs=2)
    parser.add_argument("--model", default="vae")
    parser.add_argument("--schedule", default="one_cycle")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, nargs="+", default=list(STEPS))
    parser.add_argument("--shares", type=float, nargs="+", default=list(SHARES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    for source in options.sources:
        train, validation = parts(source, options)
        whole = peak(options.schedule, math.prod(train.shape))
        for steps in options.steps:
            for share in options.shares:
                left = losses(train, validation, steps, whole * share, options)
                row = {"source": source, "steps": steps, "share": share, "rate": whole * share}
                row |= {"mean": statistics.mean(left), "worst": max(left), "each": left}
                print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()

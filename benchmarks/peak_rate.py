"""The one-cycle schedule's peak rate, chosen on a part of the training set.

Trains the default VAE on most of the training items and measures the bound on the rest. The test
set is not read.

    python benchmarks/peak_rate.py --rates 8e-3 1.2e-2 1.6e-2 --seeds 0 1
    python benchmarks/peak_rate.py pictures/ --size 64 64 --epochs 60 --latent 64 --rates 3e-3 6e-3
"""

import argparse
import statistics

from reparam import data, fit, zoo
from reparam.metrics import bound


def main() -> None:
    """Train each rate with each seed, and print the validation bounds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", nargs="?", default="fashion-mnist")
    parser.add_argument("--size", type=int, nargs=2)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--latent", type=int, default=16)
    parser.add_argument("--rates", type=float, nargs="+", default=[8e-3, 1.2e-2, 1.6e-2])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    options = parser.parse_args()
    size = {"size": tuple(options.size)} if options.size else {}
    train, validation = (
        data.load_split(options.source, part, **size) for part in ("train", "validation")
    )
    how = {"epochs": options.epochs, "progress": False}
    for rate in options.rates:
        bounds = []
        for seed in options.seeds:
            model, objective = zoo.vae(train.shape, latent=options.latent, seed=seed)
            fit(model, objective, train, learning_rate=rate, seed=seed, **how)
            bounds.append(bound(model, validation, seed=seed).total)
        each = ", ".join(f"{value:.2f}" for value in bounds)
        print(f"{rate:g}: mean {statistics.mean(bounds):.2f} ({each})", flush=True)


if __name__ == "__main__":
    main()

"""The one-cycle schedule's peak rate, chosen on a validation part of the training set.

Trains the default VAE on nine tenths of the training images and measures the bound on the rest.
The test set is not read.

    python benchmarks/peak_rate.py --rates 8e-3 1.2e-2 1.6e-2 --seeds 0 1
"""

import argparse
import statistics

from reparam import data, fit, zoo
from reparam.metrics import bound


def main() -> None:
    """Train each rate with each seed, and print the validation bounds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rates", type=float, nargs="+", default=[8e-3, 1.2e-2, 1.6e-2])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    options = parser.parse_args()
    train = data.load_split("fashion-mnist", "train")
    validation = data.load_split("fashion-mnist", "validation")
    for rate in options.rates:
        bounds = []
        for seed in options.seeds:
            model, objective = zoo.vae(train.shape, latent=16, seed=seed)
            fit(model, objective, train, epochs=5, learning_rate=rate, seed=seed, progress=False)
            bounds.append(bound(model, validation, seed=seed).total)
        each = ", ".join(f"{value:.2f}" for value in bounds)
        print(f"{rate:g}: mean {statistics.mean(bounds):.2f} ({each})", flush=True)


if __name__ == "__main__":
    main()

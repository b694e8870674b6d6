"""What the choice of reconstruction loss does to a VAE: error, rate, and the sigma it amounts to.

The same network, weights, data and recipe; only the reconstruction term differs. Prints the table
of docs/units.md.

    python benchmarks/losses.py --seeds 0 1 2
"""

import argparse
import math
import statistics
import warnings

from reparam import data, fit, zoo
from reparam.conditional import Conditional
from reparam.data import Dataset
from reparam.errors import CollapseWarning
from reparam.families import Point
from reparam.models import VAE
from reparam.objectives import Objective, OptimalSigma, Rate, RootMeanSquaredError
from reparam.report import measured
from reparam.training import Step
from reparam.training.evaluate import evaluate


def point_decoder(shape: tuple[int, ...], seed: int) -> VAE:
    """The default VAE with a decoder that shows pictures and claims no density."""
    model = zoo.vae(shape, seed=seed).model
    shown = Conditional(model.likelihood.network, Point(3, link="sigmoid"), [1])
    return VAE(model.posterior, model.prior, shown)


def variants(shape: tuple[int, ...], seed: int) -> dict[str, tuple[VAE, Objective]]:
    """The losses to compare."""
    return {
        "bce": zoo.vae(shape, loss="bce", seed=seed),
        "mse (sigma 1)": zoo.vae(shape, loss="mse", seed=seed),
        "rmse x D": zoo.vae(shape, loss="rmse", seed=seed),
        "rmse x 1": (
            point_decoder(shape, seed),
            Objective(RootMeanSquaredError(), Rate()),
        ),
        "optimal sigma": (point_decoder(shape, seed), Objective(OptimalSigma(), Rate())),
    }


def sigma(name: str, error: float, pixels: int) -> str:
    """The standard deviation of the normal likelihood with the same trade-off, at this error."""
    squares = {
        "mse (sigma 1)": 1.0,
        "rmse x D": error,
        "rmse x 1": error * pixels,
        "optimal sigma": error**2,
    }
    return f"{math.sqrt(squares[name]):.3g}" if name in squares else "-"


def run(train: Dataset, test: Dataset, seeds: list[int], epochs: int) -> None:
    """Train each loss with each seed, and print the table."""
    print("| loss | RMSE (pixel units) | rate (nats) | amounts to sigma |")
    print("| --- | --- | --- | --- |")
    for name in variants(train.shape, 0):
        errors, rates = [], []
        for seed in seeds:
            model, objective = variants(train.shape, seed)[name]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", CollapseWarning)
                fit(model, objective, train, epochs=epochs, seed=seed, progress=False)
            errors.append(measured(model, test)["root_mean_squared_error"])
            rates.append(evaluate(Step(model, objective), test)["rate"])
        mean = statistics.mean
        error, rate = f"{mean(errors):.3f}", f"{mean(rates):.2f}"
        if len(seeds) > 1:
            error += f" ± {statistics.stdev(errors):.3f}"
            rate += f" ± {statistics.stdev(rates):.2f}"
        shown = sigma(name, mean(errors), math.prod(train.shape))
        print(f"| {name} | {error} | {rate} | {shown} |", flush=True)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    train, test = data.load("fashion-mnist-subset")
    run(train, test, options.seeds, options.epochs)


if __name__ == "__main__":
    main()

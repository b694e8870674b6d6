"""Seconds of training to a given bound on Fashion-MNIST's test set, by recipe.

All train the same network (convolutions of 32, 64 and 128 channels and back, 16 latents) on all
60,000 training pictures with the same objective, binary cross-entropy plus KL divergence. After
each epoch the bound of the 10,000 test pictures is measured, with one draw each, and that time is
not counted. A recipe stops when it has reached the target. The default's one-cycle schedule is
made for a number of epochs, so that it counts only at its end.

    python benchmarks/time_to_elbo.py --target 241.5

Pythae takes part where it is installed: `pip install --no-deps pythae==0.1.2 cloudpickle`.
"""

import argparse
import json
import time

from peers import train_with_pythae

from reparam import data, fit, zoo
from reparam.data import Dataset
from reparam.metrics import bound
from reparam.models import VAE
from reparam.training import Callback, State

RECIPES = {
    "default: AdamW, one cycle to 1.2e-2, batch 128, 5 epochs": {"epochs": 5},
    "scripts: Adam 1e-3, batch 128": {"learning_rate": 1e-3, "optimizer": "Adam"},
    "book: Adam 5e-4, batch 100": {"learning_rate": 5e-4, "optimizer": "Adam", "batch_size": 100},
}
PYTHAE = "Pythae 0.1.2: Adam 1e-4, batch 64"


class Measure:
    """Seconds and bounds, epoch by epoch.

    Args:
        model: What is trained.
        test: The test set.
        target: The bound to reach, in nats.
    """

    def __init__(self, model: VAE, test: Dataset, target: float) -> None:
        self.model, self.test, self.target = model, test, target
        self.epochs: list[dict] = []
        self.seconds = 0.0

    def begin(self) -> None:
        """Start the clock."""
        self.start = time.perf_counter()

    def epoch(self) -> bool:
        """Measure after an epoch; whether the target is reached."""
        self.seconds += time.perf_counter() - self.start
        training = self.model.training
        value = bound(self.model.eval(), self.test, seed=0).to_json()["bound"]
        self.model.train(training)
        self.epochs.append({"seconds": self.seconds, "bound": value})
        print(f"  epoch {len(self.epochs)}: {self.seconds:.0f} s, {value:.2f} nats", flush=True)
        self.begin()
        return value <= self.target


class Watch(Callback):
    """Lets `fit` be measured."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure

    def on_start(self, state: State) -> None:
        """Start."""
        self.measure.begin()

    def on_epoch(self, state: State) -> None:
        """Measure, and stop once the target is reached."""
        state.stop = self.measure.epoch()


def by_fit(train: Dataset, test: Dataset, target: float, limit: int, options: dict) -> list[dict]:
    """Train with `fit`.

    Args:
        train: The training set.
        test: The test set.
        target: The bound to reach.
        limit: How many epochs at most.
        options: The recipe.
    """
    model, objective = zoo.vae(train.shape, latent=16)
    measure = Measure(model, test, target)
    constant = {} if "epochs" in options else {"schedule": "constant", "epochs": limit}
    fit(model, objective, train, progress=False, callbacks=[Watch(measure)], **constant, **options)
    return measure.epochs


def by_pythae(train: Dataset, test: Dataset, target: float, limit: int) -> list[dict]:
    """Train the same network with Pythae's own model and trainer, at their defaults.

    Args:
        train: The training set.
        test: The test set.
        target: The bound to reach.
        limit: How many epochs at most.
    """
    model, _ = zoo.vae(train.shape, latent=16)
    measure = Measure(model, test, target)
    train_with_pythae(model, train, limit, measure.begin, measure.epoch, no_cuda=True)
    return measure.epochs


def main() -> None:
    """Train, print and, if asked for, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--target", type=float, default=241.5, help="nats")
    parser.add_argument("--limit", type=int, default=40, help="epochs at most")
    parser.add_argument("--only", help="a recipe whose name starts so")
    parser.add_argument("--out", help="write the figures as JSON")
    options = parser.parse_args()
    train, test = data.load("fashion-mnist")
    found = {}
    for name in [*RECIPES, PYTHAE]:
        if options.only and not name.startswith(options.only):
            continue
        print(name, flush=True)
        if name == PYTHAE:
            try:
                found[name] = by_pythae(train, test, options.target, options.limit)
            except ImportError as error:
                print(f"  left out: {error}")
                continue
        else:
            found[name] = by_fit(train, test, options.target, options.limit, RECIPES[name])
        last = found[name][-1]
        reached = "reached" if last["bound"] <= options.target else "NOT reached"
        print(f"  {options.target} {reached} after {last['seconds']:.0f} s", flush=True)
    if options.out:
        with open(options.out, "w") as file:
            json.dump(found, file, indent=1)


if __name__ == "__main__":
    main()

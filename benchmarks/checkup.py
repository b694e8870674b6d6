"""Models with known faults, built over five seeds, and what the check-up finds in them.

Prints a table: for each build and each check, in how many seeds it was a fault (or doubtful).
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.distributions import (
    Categorical,
    Distribution,
    Independent,
    MixtureSameFamily,
    Normal,
)

from reparam import data, fit, samplers, zoo
from reparam.data import Dataset
from reparam.latent import checkup, codes
from reparam.models import VAE
from reparam.objectives import Distortion, Objective


@dataclass(frozen=True)
class Built:
    """A model, what it was trained on, and what it was not."""

    model: VAE
    train: Dataset
    test: Dataset


@dataclass(frozen=True)
class Setting:
    """The data, and how long a training is."""

    train: Dataset
    test: Dataset
    latent: int
    epochs: int
    few: int  # items that a model soon knows by heart
    long: int  # epochs for that
    favoured: int  # a class
    widths: tuple[int, ...] | None = None  # None: the default network

    @property
    def network(self) -> str:
        """A perceptron where widths are given."""
        return "auto" if self.widths is None else "mlp"


def vae(at: Setting, seed: int, beta: float = 1.0):
    """The default model, of the setting's size."""
    kind, widths = at.network, at.widths
    return zoo.vae(at.train.shape, at.latent, beta=beta, network=kind, widths=widths, seed=seed)


def healthy(at: Setting, seed: int) -> Built:
    """The default variational autoencoder."""
    return _trained(vae(at, seed), at, seed)


def collapsed(at: Setting, seed: int) -> Built:
    """The same with beta 50."""
    variant = vae(at, seed, beta=50.0)
    return _trained(variant, at, seed)


def holes(at: Setting, seed: int) -> Built:
    """An autoencoder from whose codes' bounding box one samples evenly."""
    variant = zoo.autoencoder(
        at.train.shape, at.latent, network=at.network, widths=at.widths, seed=seed
    )
    built = _trained(variant, at, seed)
    built.model.prior = samplers.box(codes(built.model, at.train).mean)
    return built


def overfitted(at: Setting, seed: int) -> Built:
    """A variational autoencoder that has seen a few items very often."""
    variant = vae(at, seed)
    few = at.train.subset(_shuffled(len(at.train), seed)[: at.few])
    return _trained(variant, at, seed, few, epochs=at.long)


def underfitted(at: Setting, seed: int) -> Built:
    """An autoencoder that has seen a few items once."""
    variant = zoo.autoencoder(
        at.train.shape, at.latent, network=at.network, widths=at.widths, seed=seed
    )
    few = at.train.subset(_shuffled(len(at.train), seed)[: at.few])
    built = _trained(variant, at, seed, few, epochs=1)
    return Built(built.model, at.train, at.test)


def favouring(at: Setting, seed: int) -> Built:
    """The default, with a sampler fitted to the codes of one class."""
    built = healthy(at, seed)
    z = codes(built.model, at.train)
    built.model.prior = samplers.normal(z.mean[z.labels == at.favoured])
    return built


def saturated(at: Setting, seed: int) -> Built:
    """A variational autoencoder whose objective has no rate."""
    model, _ = vae(at, seed)
    return _trained((model, Objective(Distortion())), at, seed, epochs=2 * at.epochs)


def masked(at: Setting, seed: int) -> Built:
    """The default, trained on pictures whose upper third is black."""
    pixels = at.train.pixels.clone()
    pixels[:, :, : pixels.shape[2] // 3] = 0
    variant = vae(at, seed)
    dark = Dataset(pixels, at.train.labels, at.train.schema)
    return _trained(variant, at, seed, dark)


class Repeats(nn.Module):
    """A prior that draws what was seen, all but exactly.

    Args:
        z: Codes of training items.
    """

    def __init__(self, z: torch.Tensor) -> None:
        super().__init__()
        self.z = z

    def forward(self, *given: torch.Tensor) -> Distribution:
        """A mixture of narrow normal distributions, one around each code."""
        around = Independent(Normal(self.z, 0.01 * self.z.std(0)), 1)
        return MixtureSameFamily(Categorical(torch.ones(len(self.z))), around)


def repeating(at: Setting, seed: int) -> Built:
    """An autoencoder that knows a few items by heart, and a sampler that draws their codes."""
    variant = zoo.autoencoder(
        at.train.shape, at.latent, network=at.network, widths=at.widths, seed=seed
    )
    few = at.train.subset(_shuffled(len(at.train), seed)[: at.few])
    built = _trained(variant, at, seed, few, epochs=at.long)
    built.model.prior = Repeats(codes(built.model, few).mean)
    return built


BUILDS: dict[str, tuple[Callable[[Setting, int], Built], tuple[str, ...]]] = {
    "healthy": (healthy, ()),
    "collapsed": (collapsed, ("collapse",)),
    "holes": (holes, ("holes",)),
    "overfitted": (overfitted, ("overfitting",)),
    "underfitted": (underfitted, ("underfitting",)),
    "favouring": (favouring, ("sampling",)),
    "saturated": (saturated, ("saturation",)),
    "masked": (masked, ("dead",)),
    "repeating": (repeating, ("memorisation", "overfitting")),
}
"""What is built, and what must be found in it."""


def _trained(variant, at, seed, train=None, epochs=None) -> Built:
    model, objective = variant
    train = train or at.train
    size = min(128, max(16, len(train) // 10))
    fit(
        model, objective, train, epochs=epochs or at.epochs, batch_size=size, seed=seed,
        progress=False,
    )  # fmt: skip
    return Built(model, train, at.test)


def _shuffled(n: int, seed: int) -> torch.Tensor:
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed))


def small() -> Setting:
    """A part of the subset at half its size, and a small network: a training takes seconds."""
    train, test = (_halved(part) for part in data.load("fashion-mnist-subset"))
    return Setting(train[::4], test[::2], 4, 30, 50, 400, 1, (64,))


def _halved(pictures: Dataset) -> Dataset:
    pixels = torch.nn.functional.avg_pool2d(pictures.tensor(), 2)
    return Dataset(pixels, pictures.labels)


def fashion(name: str) -> Setting:
    """Fashion-MNIST, at its size."""
    train, test = data.load(name)
    return Setting(train, test, 16, 5, 200, 200, 1)


def main() -> None:
    """Build, check, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="fashion-mnist-subset", help="or fashion-mnist, small")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--builds", nargs="+", default=list(BUILDS))
    parser.add_argument("--out", type=Path, help="write everything that was found as JSON")
    given = parser.parse_args()
    setting = small() if given.data == "small" else fashion(given.data)
    found = {}
    for name in given.builds:
        make, _ = BUILDS[name]
        for seed in given.seeds:
            start = time.perf_counter()
            built = make(setting, seed)
            trained = time.perf_counter() - start
            result = checkup(built.model, built.test, built.train, seed=seed, progress=False)
            found.setdefault(name, []).append(result.to_json())
            spent = time.perf_counter() - start - trained
            times = f"{trained:.0f} s to train, {spent:.0f} s to check"
            print(f"{name}, seed {seed} ({times}): {result.verdict}", flush=True)
            if given.out:
                given.out.write_text(json.dumps(found, indent=1))
    print(table(found))


def table(found: dict) -> str:
    """For each check and build: in how many seeds a fault, and in how many doubtful."""
    checks = sorted({f["id"] for runs in found.values() for run in runs for f in run["findings"]})
    lines = ["| check | " + " | ".join(found) + " |", "| --- |" + " --- |" * len(found)]
    for check in checks:
        cells = []
        for name, runs in found.items():
            grades = [f["grade"] for run in runs for f in run["findings"] if f["id"] == check]
            faults, doubts = grades.count("fault"), grades.count("doubtful")
            cell = f"{faults}" if not doubts else f"{faults} ({doubts})"
            cells.append(f"**{cell}**" if check in BUILDS[name][1] else cell)
        lines.append(f"| {check} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

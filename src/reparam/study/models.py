"""The eight models that are compared, and their training."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reparam import artifact
from reparam._version import __version__
from reparam.artifact.folder import HISTORY
from reparam.data import Dataset
from reparam.errors import ReparamError
from reparam.models import VAE
from reparam.registry import describe_all
from reparam.training import Callback, Recipe, Record, State, fit
from reparam.zoo import ZOO


@dataclass(frozen=True)
class Candidate:
    """A model by its three choices.

    Args:
        kind: autoencoder or vae.
        loss: bce or rmse.
        latent: How many latents.

    Example:
        >>> Candidate("vae", "bce", 2).name
        'vae-bce-2'
    """

    kind: str
    loss: str
    latent: int

    @property
    def name(self) -> str:
        """What figures and tables call it."""
        return f"{self.kind}-{self.loss}-{self.latent}"


CANDIDATES = [
    Candidate("autoencoder", "bce", 2),
    Candidate("vae", "bce", 2),
    Candidate("autoencoder", "rmse", 2),
    Candidate("vae", "rmse", 2),
    Candidate("autoencoder", "bce", 8),
    Candidate("vae", "bce", 8),
    Candidate("autoencoder", "bce", 32),
    Candidate("vae", "bce", 32),
]


@dataclass(frozen=True)
class Trained:
    """A trained model and how it got there.

    Args:
        model: The model.
        records: What training recorded.
        seconds: How long it took.
        reused: Whether it was found trained.
    """

    model: VAE
    records: list[Record]
    seconds: float
    reused: bool


def train(
    candidate: Candidate,
    pictures: Dataset,
    epochs: int,
    seed: int,
    folder: Path,
    callbacks: Sequence[Callback] = (),
) -> Trained:
    """Train a model, or take it from a folder where the same training has left it.

    Args:
        candidate: Which.
        pictures: What to train on.
        epochs: How often every picture is seen.
        seed: Of the weights, the order and the noise.
        folder: Where it is kept.
        callbacks: What watches the training.
    """
    model, objective = ZOO[candidate.kind].make(
        pictures.shape, latent=candidate.latent, loss=candidate.loss, seed=seed
    )
    recipe = Recipe(epochs, seed=seed)
    key = _key(pictures, {"model": model, "objective": objective}, recipe)
    found = _found(folder, key)
    if found is not None:
        return found
    clock = _Clock()
    watchers = [clock, *callbacks]
    history = fit(
        model,
        objective,
        pictures,
        epochs=epochs,
        seed=seed,
        out=folder,
        overwrite=True,
        device="cpu",
        progress=False,
        callbacks=watchers,
    )
    artifact.add_figures(folder, key=key, seconds=clock.seconds)
    return Trained(model, history.records, clock.seconds, reused=False)


class _Clock(Callback):
    seconds = 0.0

    def on_start(self, state: State) -> None:
        self.started = time.perf_counter()

    def on_end(self, state: State) -> None:
        self.seconds = time.perf_counter() - self.started


def _key(pictures: Dataset, parts: dict[str, Any], recipe: Recipe) -> str:
    """A digest of everything that decides a training's result."""
    content = hashlib.sha256(pictures.pixels.numpy().tobytes()).hexdigest()
    whole = [content, describe_all(parts), recipe.to_json(), __version__]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def _found(folder: Path, key: str) -> Trained | None:
    try:
        run = artifact.load(folder)
        if run.figures.get("key") != key:
            return None
        lines = (folder / HISTORY).read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines]
    except (ReparamError, OSError, ValueError):  # nothing there, or a training that was cut off
        return None
    return Trained(run.model, records, run.figures["seconds"], reused=True)

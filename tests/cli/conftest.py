"""The command line, called in this process, on small data of every kind."""

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch
from PIL import Image

import reparam.data
from reparam.cli import main

QUICK = ("--set", "widths=4,8", "--epochs", "1")
SUBSET = Path(reparam.data.__file__).parent / "embedded" / "fashion-mnist-subset.npz"


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)


def call(*arguments):
    """Run `reparam` with arguments; only what would be a traceback comes out as an exception."""
    out, err, threads = io.StringIO(), io.StringIO(), torch.get_num_threads()
    torch.set_num_threads(1)  # cores are shared, and the models are small
    try:
        with (
            mock.patch.object(sys, "argv", ["reparam", *map(str, arguments)]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as end,
        ):
            main()
    finally:
        torch.set_num_threads(threads)
    return Outcome(end.value.code or 0, out.getvalue(), err.getvalue())


def succeed(*arguments):
    outcome = call(*arguments)
    assert outcome.status == 0, outcome.err
    return outcome


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """An empty current folder, and no copy of any data set but the embedded one."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.delenv("REPARAM_DATA", raising=False)
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setattr(reparam.data.places, "DEBIAN", home / "debian")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def reparam_command():
    """Run a command and say how it ended."""
    return call


@pytest.fixture(scope="session")
def done():
    """Run a command that must succeed."""
    return succeed


@pytest.fixture(scope="session")
def quick():
    """Options that make training short."""
    return QUICK


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    """Data of every kind, by name."""
    folder = tmp_path_factory.mktemp("sources")
    random = np.random.default_rng(0)
    with np.load(SUBSET) as subset:
        np.savez(folder / "tiny.npz", x=subset["x_train"][:200], y=subset["y_train"][:200])
        parts = {k: subset[k][:150] for k in ("x_train", "y_train", "x_test", "y_test")}
        np.savez(folder / "halves.npz", **parts)
    colours = random.integers(0, 256, (30, 37, 50, 3), np.uint8)
    np.save(folder / "colour.npy", colours)
    np.save(folder / "vectors.npy", random.random((60, 12), np.float32))
    spoilt = random.random((40, 8, 8), np.float32)
    spoilt[3, 2, 1] = np.nan
    np.save(folder / "spoilt.npy", spoilt)
    for label in ("cat", "dog"):
        (folder / "pictures" / label).mkdir(parents=True)
        for i, pixels in enumerate(colours[:12]):
            Image.fromarray(pixels[: 20 + i]).save(folder / "pictures" / label / f"{i}.png")
    (folder / "empty").mkdir()
    return folder


@pytest.fixture(scope="session")
def tiny(sources):
    """200 pictures of clothes with labels."""
    return sources / "tiny.npz"


@pytest.fixture(scope="session")
def halves(sources):
    """150 pictures of clothes with labels, and as many for tests."""
    return sources / "halves.npz"


@pytest.fixture(scope="session")
def runs(tiny, tmp_path_factory):
    """A run of each entry of the zoo and of one autoencoder more: folders by name."""
    folder = tmp_path_factory.mktemp("runs")
    few = ("--epochs", "1", "--latent", "3")
    wide = ("--set", "widths=4,8")
    for model in ("vae", "beta_vae", "autoencoder"):
        succeed("fit", tiny, "--model", model, *few, *wide, "--out", folder / model)
    succeed("fit", tiny, "--model", "chapter", *few, "--out", folder / "chapter")
    succeed("fit", tiny, *few, *wide, "--set", "loss=mse", "--out", folder / "mse")
    return folder

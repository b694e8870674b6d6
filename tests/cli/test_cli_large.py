"""Results larger than memory: written as they are made, or refused before any work."""

import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import reparam
from reparam.models import VAE


@pytest.fixture
def idle(monkeypatch):
    """Decoding is work, which a command that refuses must not have begun."""

    def busy(*_, **__):
        raise AssertionError("it was decoded")

    monkeypatch.setattr(VAE, "decode", busy)
    monkeypatch.setattr(VAE, "samples", busy)
    monkeypatch.setattr(VAE, "reconstruct", busy)


def test_samples_are_written_as_they_are_made(runs, done, monkeypatch):
    model = reparam.load(runs / "vae").model
    whole = model.sample(150, seed=3)
    sizes, decode = [], VAE.samples

    def noted(*given, **options):
        for part in decode(*given, **options):
            sizes.append(len(part))
            yield part

    monkeypatch.setattr(VAE, "samples", noted)
    monkeypatch.setattr("reparam.models.vae.DECODED", 64)
    told = done("sample", runs / "vae", "-n", 150, "--seed", 3, "--out", "x.npz", "--json").json
    assert sizes == [64, 64, 22]
    with np.load("x.npz") as archive:
        assert archive.files == ["samples"]
        assert archive["samples"].dtype == np.float32
        torch.testing.assert_close(torch.from_numpy(archive["samples"]), whole)
    assert zipfile.ZipFile("x.npz").testzip() is None
    assert (told["samples"], told["shape"]) == (150, [1, 28, 28])


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (
            "sample RUN -n 1000000",
            "a drawing of 1,000 x 1,000 images is too large: give a smaller -n, or end --out in "
            ".npz",
        ),
        ("interpolate RUN DATA --steps 100000", "give a smaller --steps or -n, or end --out"),
        ("traverse RUN --data DATA --steps 100000", "give a smaller --steps, or end --out"),
        ("traverse RUN --data DATA --plane 0 1 --steps 5000", "5,000 x 5,000 images is too large"),
    ],
)
def test_drawings_that_are_too_large_are_refused_before_any_work(
    command, sentence, runs, tiny, reparam_command, idle
):
    words = command.replace("RUN", str(runs / "vae")).replace("DATA", str(tiny)).split()
    ended = reparam_command(*words)
    assert (ended.status, ended.out) == (2, "")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


def test_a_disk_without_room_is_said_before_any_work(runs, reparam_command, idle, monkeypatch):
    monkeypatch.setattr(
        "reparam.cli.output.shutil.disk_usage", lambda _: SimpleNamespace(free=10**6)
    )
    ended = reparam_command("sample", runs / "vae", "-n", 1000, "--out", "x.npz")
    assert (ended.status, ended.out) == (2, "")
    assert "--out x.npz would take 0.0 GiB, and 0.0 GiB are free there: take fewer" in ended.err


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("interpolate RUN DATA --steps 1000", "4,000 decoded codes would take"),
        ("traverse RUN --data DATA --steps 1000", "3,000 decoded codes would take"),
        ("reconstruct RUN DATA -n 20", "20 items and their reconstructions would take"),
    ],
)
def test_arrays_that_do_not_fit_into_memory_are_refused(
    command, sentence, runs, tiny, reparam_command, monkeypatch
):
    monkeypatch.setattr("reparam.data.memory.available", lambda: 10**5)
    monkeypatch.setattr("reparam.data.files.check_fits", lambda *_: None)  # the data are read
    words = command.replace("RUN", str(runs / "vae")).replace("DATA", str(tiny)).split()
    ended = reparam_command(*words, "--out", "x.npz")
    assert (ended.status, ended.out) == (2, "")
    assert sentence in ended.err


def test_the_ending_is_shown_and_part_of_the_result(tiny, done, quick):
    told = done("fit", tiny, *quick, "--out", "run", "--json")
    sentence = told.json["ending"]["reconstruction"]
    assert "2 steps are few, epochs=500 (--epochs 500) gives 1,000" in sentence
    assert f"Note: {sentence}\n" in told.err
    config = json.loads(Path("run/config.json").read_text())
    assert config["figures"]["ending"] == told.json["ending"]

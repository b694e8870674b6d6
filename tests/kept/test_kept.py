"""Runs and checkpoints of older versions load, resume, and say what they said."""

import json
import tarfile
import warnings
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.kept.recipes import KEPT, outputs

from reparam import fit, load

RUNS = Path(__file__).parent / "runs"
MADE = json.loads((RUNS / "made.json").read_text())
ROUNDING = {"rtol": 1e-4, "atol": 1e-5}
"""What another processor's instructions may change."""
WRONG = {
    ("logistic_mixture_vae", "bits_per_dimension"): (12.734257, 4.734257),
    ("laplace_vae", "bits_per_dimension"): (9.344974, None),
    ("average_and_best", "bits_per_dimension"): (7.378492, None),
    ("two_spaces", "bits_per_dimension"): (21.678217, None),
}
"""What the version said that made a run, and what is right: the probability of 256 levels is no
density, to which eight bits were added; numbers that were no bytes have no levels at all."""


@pytest.fixture(autouse=True)
def one_thread():
    """The runs were made with one, which a continuation must share."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(params=sorted(MADE))
def name(request):
    return request.param


@pytest.fixture
def folder(name, tmp_path):
    """The kept files of a run."""
    with tarfile.open(RUNS / f"{name}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def of_age(caught):
    """The warnings that files were written by an older version."""
    return [str(each.message) for each in caught if "version" in str(each.message)]


def close(value, other, rel=1e-4, abs=1e-5):
    """Whether two plain values are the same but for rounding."""
    if isinstance(other, list):
        return all(close(*pair, rel, abs) for pair in zip(value, other, strict=True))
    if isinstance(other, float):
        return value == pytest.approx(other, rel, abs)
    return value == other


def check_outputs(name, folder, model, objective):
    """Ask a model for what the version said that made the run."""
    tensors, figures = outputs(model, objective, KEPT[name].parts()[3])
    expected = load_file(folder / "outputs.safetensors")
    assert tensors.keys() >= expected.keys()
    for key, value in expected.items():
        torch.testing.assert_close(
            tensors[key], value, **ROUNDING, msg=lambda m, k=key: f"{k}: {m}"
        )
    for key, value in json.loads((folder / "figures.json").read_text()).items():
        was, right = WRONG.get((name, key), (value, value))
        assert close(value, was), f"{key} is not what was kept"
        assert close(figures[key], right), key


def test_a_run_says_what_it_said(name, folder):
    final = "sampler" if (folder / "sampler").exists() else "final"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run = load(folder / final)
    assert len(of_age(caught)) == 1, of_age(caught)
    assert run.recipe["learning_rate"] in (0.012, 5e-4)
    assert run.schema.shape == KEPT[name].parts()[2].shape
    check_outputs(name, folder, run.model, run.objective)


def test_an_unfinished_run_becomes_what_it_would_have_become(name, folder):
    """The recipe that it recorded is its own, whatever the defaults have become."""
    model, objective, train, validation = KEPT[name].parts()
    options = KEPT[name].options
    assert "learning_rate" not in options
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = fit(
            model, objective, train, validation, out=folder / "unfinished", resume=True, **options
        )
    assert len(of_age(caught)) == 1, of_age(caught)
    before = (folder / "final/history.jsonl").read_text().splitlines()
    before = [json.loads(line) for line in before]
    for record, was in zip(history.records, before, strict=True):
        for key in was.keys() - {"examples_per_second"}:
            assert close(record[key], was[key], 1e-3, 1e-4), (key, was["step"])
    if not (folder / "sampler").exists():  # else the outputs are those of a fitted prior
        run = load(folder / "unfinished")
        check_outputs(name, folder, run.model, run.objective)


def test_what_is_kept_is_small_and_all_of_it_is_asked_for():
    assert set(KEPT) == set(MADE) == {file.name[:-7] for file in RUNS.glob("*.tar.xz")}
    assert sum(file.stat().st_size for file in RUNS.iterdir()) < 1_000_000

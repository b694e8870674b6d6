"""Whatever is damaged or missing in a run: nothing of it is gone on from silently."""

import json
import os
import random
import shutil
import warnings

import pytest
import torch

from reparam import fit, zoo
from reparam.data import Dataset
from reparam.errors import TrainingError
from reparam.training import Callback
from reparam.training.checkpoints import Checkpoints

FLIPS = 200


class Killed(Exception):
    pass


class At(Callback):
    """Does something at a step."""

    def __init__(self, step, do):
        self.step, self.do = step, do

    def on_record(self, state, record):
        if state.step == self.step and record["split"] == "train":
            self.do()


def kill():
    raise Killed


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def untimed(records):
    return [{k: v for k, v in r.items() if k != "examples_per_second"} for r in records]


def go(out, *callbacks, **options):
    """One call of fit on 40 vectors, 5 steps an epoch, with a checkpoint after every step."""
    data = Dataset(torch.rand(40, 7, generator=torch.Generator().manual_seed(0)))
    model, objective = zoo.vae((7,), latent=2, widths=[8])
    options = {"epochs": 2, "batch_size": 8, "checkpoint_seconds": 0.0} | options
    history = fit(model, objective, data, data[:10], out=out, callbacks=callbacks,
                  device="cpu", progress=False, **options)  # fmt: skip
    return model, history


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of ten steps, killed at the eighth, and what an unbroken one ends with."""
    folder = tmp_path_factory.mktemp("runs")
    model, history = go(folder / "whole")
    with pytest.raises(Killed):
        go(folder / "run", At(8, kill))
    return folder / "run", weights(model), history


@pytest.fixture
def killed(runs, tmp_path):
    """A copy of it."""
    return shutil.copytree(runs[0], tmp_path / "run"), *runs[1:]


def made_old(run):
    """Make of a run's checkpoints what was written before there were digests."""
    for folder in (run / "checkpoints").glob("step-*"):
        (folder / "manifest.json").unlink()
        state = torch.load(folder / "state.pt", weights_only=True)
        del state["identity"]["torch"]
        for watcher in state["watchers"].values():
            watcher.pop("sha256", None)
        torch.save(state, folder / "state.pt")


def flip(content, bit):
    return (
        content[: bit // 8] + bytes([content[bit // 8] ^ 1 << bit % 8]) + content[bit // 8 + 1 :]
    )


@pytest.mark.parametrize("name", ["state.pt", "manifest.json"])
def test_no_flipped_bit_is_read(killed, name):
    run, *_ = killed
    checkpoints, chance = Checkpoints(run, 0.0), random.Random(0)
    file = run / "checkpoints" / "step-7" / name
    content = file.read_bytes()
    assert checkpoints.read("step-7")["step"] == 7
    for bit in chance.sample(range(8 * len(content)), FLIPS):
        file.write_bytes(flip(content, bit))
        with pytest.raises(TrainingError, match=rf"its {name} was altered"):
            checkpoints.read("step-7")
    file.write_bytes(content)
    assert checkpoints.read("step-7")["step"] == 7


def test_a_flipped_bit_is_said_and_the_checkpoint_before_goes_on_bit_for_bit(killed):
    run, expected, history = killed
    file = run / "checkpoints" / "step-7" / "state.pt"
    content = file.read_bytes()
    file.write_bytes(flip(content, 4 * len(content)))
    with pytest.warns(UserWarning, match=r"step-7 cannot be read: its state.pt was altered since "
                      r"it was written; training goes on from step-6"):  # fmt: skip
        model, found = go(run, resume=True)
    assert torch.equal(weights(model), expected)
    assert untimed(found.records) == untimed(history.records)


def test_where_every_checkpoint_is_damaged_nothing_goes_on(killed):
    run, *_ = killed
    for file in run.glob("checkpoints/step-*/state.pt"):
        file.write_bytes(flip(file.read_bytes(), 12_345))
    with pytest.raises(TrainingError, match=r"none of the checkpoints .* is whole .*its state.pt"):
        go(run, resume=True)


def test_a_manifest_that_was_removed_is_missed(killed):
    run, expected, _ = killed
    (run / "checkpoints" / "step-7" / "manifest.json").unlink()
    with pytest.warns(UserWarning, match=r"step-7 cannot be read: its manifest.json is missing"):
        model, _ = go(run, resume=True)
    assert torch.equal(weights(model), expected)


def test_a_checkpoint_of_an_older_version_goes_on_with_one_warning(killed):
    run, expected, history = killed
    made_old(run)
    with pytest.warns(UserWarning, match="neither digests nor torch's version") as warned:
        model, found = go(run, resume=True)
    assert len(warned) == 1
    assert torch.equal(weights(model), expected)
    assert untimed(found.records) == untimed(history.records)
    assert Checkpoints(run, 0.0).read("step-10")["identity"]["torch"] == str(torch.__version__)
    go(run, resume=True)  # and the next time there is nothing to say


@pytest.mark.parametrize("content", [b"\0\0\0", b"\xff\xfe", b"step-99", b"", b"step-\xb2", None])
def test_a_damaged_pointer_costs_nothing_and_is_said(killed, content):
    run, expected, _ = killed
    if content is None:
        (run / "checkpoints" / "latest").unlink()
    else:
        (run / "checkpoints" / "latest").write_bytes(content)
    with pytest.warns(UserWarning, match=r"latest names no checkpoint .*goes on from step-7"):
        model, _ = go(run, resume=True)
    assert torch.equal(weights(model), expected)


def test_a_pointer_removed_while_training_is_written_again(tmp_path):
    latest = tmp_path / "checkpoints" / "latest"
    go(tmp_path, At(7, latest.unlink))
    assert latest.read_text() == "step-10"


DAMAGE = {
    "zeros": lambda content: b"\0" * len(content),
    "not UTF-8": lambda content: b"\xff" + content[1:],
    "null": lambda content: b"null\n" + content[5:],
    "short": lambda content: content[:100],
    "empty": lambda content: b"",
    "one digit": lambda content: content.replace(b'"step": 3', b'"step": 4'),
    "missing": None,
}


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_history_costs_no_weight_and_is_said(killed, damage, old):
    run, expected, history = killed
    file = run / "history.jsonl"
    if old:
        made_old(run)
    if DAMAGE[damage] is None:
        file.unlink()
    else:
        file.write_bytes(DAMAGE[damage](file.read_bytes()))
    with warnings.catch_warnings(record=True, action="always") as warned:
        model, found = go(run, resume=True)
    assert torch.equal(weights(model), expected)
    told = [str(each.message) for each in warned]
    seen = not (old and damage == "one digit")  # nothing recorded what it was
    assert any("history.jsonl was damaged or cut short" in each for each in told) == seen
    lines = file.read_text().splitlines()
    assert [json.loads(line) for line in lines] == found.records
    kept = [r for r in untimed(found.records) if r in untimed(history.records)]
    assert len(kept) >= len(found.records) - 1
    assert kept[-4:] == untimed(history.records)[-4:]


def test_a_finished_run_that_lost_its_history_stays_as_it_is(tmp_path):
    go(tmp_path)
    before = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "history.jsonl").unlink()
    with pytest.warns(UserWarning, match="0 of its records can be read"):
        go(tmp_path, resume=True)
    assert (tmp_path / "model.safetensors").read_bytes() == before


@pytest.mark.parametrize("what", ["history.jsonl", "."])
def test_what_is_removed_while_training_is_written_again(tmp_path, what):
    out = tmp_path / "run"

    def remove():
        shutil.rmtree(out) if what == "." else (out / what).unlink()

    with pytest.warns(UserWarning, match="was removed while training: all records were written"):
        _, history = go(out, At(7, remove))
    lines = (out / "history.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == history.records
    assert len([r for r in history.records if r["split"] == "train"]) == 10
    go(out, resume=True)


def test_a_history_that_cannot_be_written_is_one_sentence(killed):
    (killed[0] / "history.jsonl").unlink()
    (killed[0] / "history.jsonl").mkdir()
    with pytest.raises(TrainingError, match=r"history.jsonl cannot be written: Is a directory"):
        go(killed[0], resume=True)


def test_what_kills_left_in_a_run_is_swept_when_it_goes_on(killed):
    run, *_ = killed
    left = run / ".loss.png.0123abcd.tmp", run / "checkpoints" / ".writing-left" / "state.pt"
    for file in left:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    go(run, resume=True)
    assert not any(file.exists() for file in left)
    assert not [name for name in os.listdir(run) if name.endswith(".tmp")]

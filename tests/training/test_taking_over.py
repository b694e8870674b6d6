"""What resume takes from the run, what it asks for, and what it lets differ."""

import re
from dataclasses import MISSING, dataclass, field, fields

import pytest
import torch

from reparam.errors import TrainingError
from reparam.training import Callback, rates
from reparam.training.identity import check_same, taken_over
from reparam.training.recipe import Recipe


class Killed(Exception):
    pass


class Kill(Callback):
    def on_record(self, state, record):
        if state.step == 7 and record["split"] == "train":
            raise Killed


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.fixture
def go(small, vectors, train):
    def call(out, *callbacks, **options):
        variant = small()
        both = {"epochs": 2, "batch_size": 8, "checkpoint_seconds": 0.0} | options
        history = train(variant, vectors, out=out, callbacks=callbacks, **both)
        return variant[0], history

    return call


CHOSEN = {"clip": 0.5, "schedule": "constant", "learning_rate": 2e-3, "ema": 0.9, "seed": 3}


def test_what_is_not_given_is_taken_from_the_run(go, tmp_path):
    whole, _ = go(tmp_path / "whole", **CHOSEN)
    with pytest.raises(Killed):
        go(tmp_path / "run", Kill(), **CHOSEN)
    model, _ = go(tmp_path / "run", resume=True, learning_rate=None)
    assert torch.equal(weights(model), weights(whole))


def test_a_new_default_does_not_reach_an_old_run(go, tmp_path, monkeypatch):
    whole, _ = go(tmp_path / "whole")
    with pytest.raises(Killed):
        go(tmp_path / "run", Kill())
    monkeypatch.setitem(rates.PEAKS, "one_cycle", 1e-3)
    model, _ = go(tmp_path / "run", resume=True)
    assert torch.equal(weights(model), weights(whole))
    other, _ = go(tmp_path / "new")
    assert not torch.equal(weights(other), weights(whole))


def test_what_is_given_must_be_what_it_was(go, tmp_path):
    with pytest.raises(Killed):
        go(tmp_path, Kill(), **CHOSEN)
    for name, value in {"clip": None, "schedule": "one_cycle", "learning_rate": 1e-3}.items():
        with pytest.raises(TrainingError, match=f"{name} was {CHOSEN[name]} and is {value}"):
            go(tmp_path, resume=True, **{name: value})


def test_only_what_somebody_has_chosen_is_given(go, tmp_path):
    with pytest.raises(Killed):
        go(tmp_path, Kill(), epochs=3)
    with pytest.raises(TrainingError, match="epochs was 3 and is 2"):
        go(tmp_path, resume=True, clip=None)
    _, history = go(tmp_path, resume=True, clip=None, given=())
    assert history.last["train"]["step"] == 15


def test_an_option_that_the_run_did_not_know_does_what_its_version_did(monkeypatch):
    @dataclass(frozen=True)
    class Newer(Recipe):
        plain: int = 4
        better: str = field(default="new", metadata={"before": "old"})

    monkeypatch.setattr("reparam.training.identity.Recipe", Newer)
    began = {"epochs": 5, "clip": 1.0, "torch": "2"}
    taken = taken_over(began, {"epochs"})
    assert (taken["plain"], taken["better"], taken["clip"]) == (4, "old", 1.0)
    assert "epochs" not in taken
    now = {**taken, "epochs": 5, "torch": "2"}
    check_same(began, now)
    with pytest.raises(TrainingError, match="better was old and is new"):
        check_same(began, now | {"better": "new"})


def test_a_run_of_a_newer_version_is_refused():
    now = {f.name: f.default for f in fields(Recipe) if f.default is not MISSING} | {"torch": "2"}
    with pytest.raises(TrainingError, match="the run has warp, which this version"):
        check_same(now | {"warp": 9}, now)


def test_another_torch_is_refused_unless_somebody_allows_it(go, tmp_path, monkeypatch):
    with pytest.raises(Killed):
        go(tmp_path, Kill())
    began = str(torch.__version__)
    monkeypatch.setattr(torch, "__version__", "99.0")
    with pytest.raises(
        TrainingError,
        match=rf"torch was {re.escape(began)} and is 99.0: .* inexact=True \(--inexact\)",
    ):
        go(tmp_path, resume=True)
    _, history = go(tmp_path, resume=True, inexact=True)
    assert history.last["train"]["step"] == 10


def test_inexact_allows_no_other_training_and_has_no_effect_alone(go, tmp_path):
    with pytest.raises(Killed):
        go(tmp_path, Kill())
    with pytest.raises(TrainingError, match=r"clip was None and is 2.0: give what it began with"):
        go(tmp_path, resume=True, inexact=True, clip=2.0)
    with pytest.raises(TrainingError, match="inexact has no effect without resume=True"):
        go(tmp_path / "new", inexact=True)

"""Who watches training: callbacks, and the warning when the latents carry nothing."""

import warnings

import pytest

from reparam.errors import CollapseWarning, TrainingError
from reparam.objectives import Distortion, Objective, Rate
from reparam.training import Callback


class Diary(Callback):
    """Notes what it is told."""

    def __init__(self, notes, name="", stop_after=99, fail_at=None):
        self.notes, self.name, self.stop_after, self.fail_at = notes, name, stop_after, fail_at

    def on_start(self, state):
        self.notes.append(f"{self.name}start")

    def on_record(self, state, record):
        self.notes.append(f"{self.name}{record['split']} {record['step']}")
        if state.step == self.fail_at:
            raise TrainingError("enough")

    def on_epoch(self, state):
        self.notes.append(f"{self.name}epoch {state.epoch:g}")
        state.stop = state.epoch >= self.stop_after

    def on_end(self, state):
        self.notes.append(f"{self.name}end {state.step}")


def test_callbacks_are_called_in_order(small, vectors, train):
    notes = []
    train(small(), vectors, vectors[:10], batch_size=40, callbacks=[Diary(notes)])
    assert notes == [
        "start",
        "train 1", "validation 1", "epoch 1",
        "train 2", "validation 2", "epoch 2",
        "end 2",
    ]  # fmt: skip


def test_several_callbacks_are_told_one_after_the_other(small, vectors, train):
    notes = []
    diaries = [Diary(notes, "a "), Diary(notes, "b ")]
    train(small(), vectors, epochs=1, batch_size=40, callbacks=diaries)
    assert [n for n in notes if "end" not in n] == [
        "a start", "b start", "a train 1", "b train 1", "a epoch 1", "b epoch 1",
    ]  # fmt: skip
    assert {"a end 1", "b end 1"} <= set(notes)


def test_stop_ends_training_after_the_epoch_and_the_run_is_saved(small, vectors, train, tmp_path):
    from reparam import load

    notes = []
    variant = small()
    history = train(
        variant, vectors, epochs=9, callbacks=[Diary(notes, stop_after=2)], out=tmp_path
    )
    assert history.last["train"]["step"] == 6
    assert notes[-1] == "end 6"
    assert load(tmp_path).figures["steps"] == 6
    assert not variant.model.training


def test_whoever_started_is_told_of_the_end_though_training_fails(small, vectors, train):
    notes = []
    with pytest.raises(TrainingError, match="enough"):
        train(small(), vectors, callbacks=[Diary(notes, fail_at=2)])
    assert notes == ["start", "train 1", "train 2", "end 2"]


def test_a_collapse_is_warned_of_once(small, vectors, train):
    with pytest.warns(
        CollapseWarning, match=r"has fallen to 0\.0.* lower beta \(it is 500\)"
    ) as w:
        train(small(beta=500.0), vectors, epochs=60)
    assert len(w) == 1
    assert issubclass(CollapseWarning, UserWarning)


def test_a_healthy_training_has_no_warning(small, vectors, train):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = train(small(beta=0.1), vectors, epochs=60)
    assert history.last["train"]["step"] > 100
    assert history.last["train"]["rate"] > 0.5


def test_a_rate_that_weighs_nothing_may_be_anything(small, vectors, train):
    """Warmed up from 0, the rate's fall is not the rate's own doing until it weighs."""
    variant = small()
    objective = Objective(Distortion(), Rate(weight=0.0))
    for p in variant.model.posterior.parameters():
        p.requires_grad_(False).zero_()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = train((variant.model, objective), vectors, epochs=60)
    assert history.last["train"]["rate"] < 1e-6


def test_progress_shows_on_standard_error_alone(small, vectors, train, capsys):
    train(small(), vectors, vectors[:10], progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = [line for line in shown.err.splitlines() if line.startswith("epoch")]
    assert "epoch 2/2" in lines[-1]
    assert {"distortion", "rate", "loss", "validation", "examples/s"} <= set(lines[-1].split())
    train(small(), vectors)
    assert capsys.readouterr().err == ""

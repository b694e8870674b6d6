"""A run that was stopped goes on bit for bit, or says why not."""

import errno
import json
import os
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from reparam import zoo
from reparam.errors import ArtifactError, TrainingError
from reparam.objectives import Distortion, LinearSchedule, Objective, Rate, Term, frozen
from reparam.training import Callback, flip, noise
from reparam.training.lock import exclusive

TIMES = {"examples_per_second"}


class Killed(Exception):
    pass


class Kill(Callback):
    """Ends training as a kill would: nothing is saved on the way out."""

    def __init__(self, at):
        self.at = at

    def on_record(self, state, record):
        if state.step == self.at and record["split"] == "train":
            raise Killed


class Doubt(Term):
    """A critic tells codes from draws of the prior."""

    name = "doubt"

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.critic = nn.Linear(2, 1)

    def forward(self, trace):
        return F.softplus(-frozen(self.critic, trace.latents[0].z)).mean((0, 2))

    def critic_loss(self, trace):
        z = trace.latents[0].z.detach()
        real = F.softplus(-self.critic(torch.randn_like(z))).mean()
        return real + F.softplus(self.critic(z)).mean()


def untimed(records):
    return [{k: v for k, v in record.items() if k not in TIMES} for record in records]


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.fixture
def go(small, vectors, train):
    """One call of fit on 40 vectors, 5 steps an epoch, with a checkpoint after every step."""

    def call(out, kill_at=None, build=small, given=None, **options):
        variant = build()
        recipe = {"epochs": 4, "batch_size": 8, "checkpoint_seconds": 0.0, "learning_rate": 0.012}
        recipe |= options
        killers = [] if kill_at is None else [Kill(kill_at)]
        history = train(
            variant, given or vectors, vectors[:10], out=out, callbacks=killers, **recipe
        )
        return variant[0], history

    return call


@pytest.mark.parametrize("kills", [(1,), (5,), (6,), (3, 4, 12, 20)])
def test_a_killed_run_goes_on_bit_for_bit(go, tmp_path, kills):
    options = {"augmentation": noise(0.1)}
    whole, expected = go(tmp_path / "whole", **options)
    for at in kills:
        with pytest.raises(Killed):
            go(tmp_path / "broken", kill_at=at, resume=True, **options)
    model, history = go(tmp_path / "broken", resume=True, **options)
    assert torch.equal(weights(model), weights(whole))
    assert untimed(history.records) == untimed(expected.records)
    for name in ("model.safetensors",):
        assert (tmp_path / "broken" / name).read_bytes() == (
            tmp_path / "whole" / name
        ).read_bytes()
    lines = (tmp_path / "broken" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == history.records


@pytest.mark.parametrize(
    "options",
    [
        {"schedule": "constant"},
        {"optimizer": "SGD", "learning_rate": 1e-4},
        {"clip": 0.5},
        {"ema": 0.9},
        {"accumulate": 3},
        {"accumulate": "auto"},
        {"schedule": "cosine", "select": "best"},
        {"schedule": "constant", "learning_rate": 0.3, "patience": 1, "epochs": 8},
        {"skip_spikes": 1.0, "epochs": 12},
        {"precision": "bf16"},
        {"optimizer": "NAdam", "schedule": "constant"},
    ],
)
def test_every_recipe_goes_on(go, tmp_path, options):
    whole, _ = go(tmp_path / "whole", **options)
    with pytest.raises(Killed):
        go(tmp_path / "broken", kill_at=7, **options)
    model, _ = go(tmp_path / "broken", resume=True, **options)
    assert torch.equal(weights(model), weights(whole))


@pytest.mark.filterwarnings("ignore:only the weights")
def test_critics_warmups_and_dropout_go_on(go, tmp_path):
    def build():
        model, _ = zoo.vae((7,), latent=2, widths=[8])
        model.posterior.network = nn.Sequential(nn.Dropout(0.3), model.posterior.network)
        warmup = LinearSchedule(0.0, 2.0, steps=15)
        return model, Objective(Distortion(), Rate(warmup), Doubt())

    whole, _ = go(tmp_path / "whole", build=build, critic_clip=1.0)
    with pytest.raises(Killed):
        go(tmp_path / "broken", kill_at=8, build=build, critic_clip=1.0)
    model, _ = go(tmp_path / "broken", resume=True, build=build, critic_clip=1.0)
    assert torch.equal(weights(model), weights(whole))


def test_resume_begins_where_there_is_nothing(go, tmp_path):
    whole, _ = go(tmp_path / "whole")
    model, _ = go(tmp_path / "new", resume=True)
    assert torch.equal(weights(model), weights(whole))


def test_a_finished_run_stays_as_it_is(go, tmp_path):
    whole, expected = go(tmp_path)
    before = (tmp_path / "model.safetensors").read_bytes()
    model, history = go(tmp_path, resume=True)
    assert (tmp_path / "model.safetensors").read_bytes() == before
    assert history.records == expected.records
    assert torch.equal(weights(model), weights(whole))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batch_size": 10}, "batch_size was 8 and is 10"),
        ({"epochs": 5}, "epochs was 4 and is 5"),
        ({"learning_rate": 1e-3}, "learning_rate was 0.012 and is 0.001"),
        ({"seed": 1}, "seed was 0 and is 1"),
        ({"augmentation": flip}, "augmentation was None and is flip"),
        ({"precision": "bf16"}, "precision was no and is bf16"),
    ],
)
def test_another_recipe_is_refused_by_name(go, tmp_path, options, said):
    with pytest.raises(Killed):
        go(tmp_path, kill_at=7)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(TrainingError, match=rf"as it began, but {said}: give what it began with"):
        go(tmp_path, resume=True, **options)
    assert sorted(tmp_path.rglob("*")) == before


def test_other_data_another_model_and_other_threads_are_refused(go, vectors, small, tmp_path):
    with pytest.raises(Killed):
        go(tmp_path, kill_at=7)
    with pytest.raises(TrainingError, match=r"train data was 40 vectors, \w+ and is 39 vectors"):
        go(tmp_path, resume=True, given=vectors[:39])
    with pytest.raises(TrainingError, match=r"objective was Objective \w+ and is Objective"):
        go(tmp_path, resume=True, build=lambda: small(beta=2.0))
    with pytest.raises(TrainingError, match="model was VAE"):
        go(tmp_path, resume=True, build=lambda: small(widths=[9]))
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    try:
        with pytest.raises(TrainingError, match=f"threads was {threads} and is {threads + 1}"):
            go(tmp_path, resume=True)
    finally:
        torch.set_num_threads(threads)


def test_resume_needs_a_folder_and_loses_nothing(go, tmp_path):
    for options in ({"resume": True}, {"overwrite": True}):
        with pytest.raises(TrainingError, match="give out="):
            go(None, **options)
    with pytest.raises(TrainingError, match="one of them"):
        go(tmp_path, resume=True, overwrite=True)


def test_a_model_without_checkpoints_is_not_lost(go, tmp_path):
    import shutil

    go(tmp_path)
    shutil.rmtree(tmp_path / "checkpoints")
    with pytest.raises(ArtifactError, match="a trained model but no checkpoint"):
        go(tmp_path, resume=True)
    assert (tmp_path / "model.safetensors").exists()


def test_a_folder_in_use_is_refused(go, tmp_path):
    with exclusive(tmp_path), pytest.raises(ArtifactError, match="another process is training"):
        go(tmp_path)
    go(tmp_path)


def test_a_damaged_checkpoint_is_named_and_the_one_before_is_used(go, tmp_path):
    whole, _ = go(tmp_path / "whole")
    with pytest.raises(Killed):
        go(tmp_path / "broken", kill_at=8)
    (tmp_path / "broken/checkpoints/step-7/state.pt").write_bytes(b"half")
    with pytest.raises(Killed), pytest.warns(UserWarning, match="step-7 cannot be read"):
        go(tmp_path / "broken", kill_at=8, resume=True)
    model, _ = go(tmp_path / "broken", resume=True)  # step 7 was written again
    assert torch.equal(weights(model), weights(whole))


def test_a_kill_between_the_rename_and_the_pointer_costs_nothing(go, tmp_path, monkeypatch):
    from reparam.training import checkpoints

    whole, _ = go(tmp_path / "whole")
    with pytest.raises(Killed):
        go(tmp_path / "broken", kill_at=8)
    (tmp_path / "broken/checkpoints/latest").write_text("step-6")
    (tmp_path / "broken/checkpoints/.writing-left").mkdir()
    model, _ = go(tmp_path / "broken", resume=True)
    assert torch.equal(weights(model), weights(whole))
    left = sorted(path.name for path in (tmp_path / "broken/checkpoints").iterdir())
    assert left == [checkpoints.LATEST, "step-19", "step-20"]


@pytest.mark.parametrize("instant", ["file", "rename", "pointer"])
@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_read_only_disk_leaves_the_last_checkpoint(
    go, tmp_path, monkeypatch, instant, reason
):
    whole, _ = go(tmp_path / "whole")
    calls = {"file": "fsync", "rename": "replace", "pointer": "replace"}
    original = getattr(os, calls[instant])
    count = {"file": 40, "rename": 25, "pointer": 26}[instant]

    def failing(*given, **named):
        nonlocal count
        count -= 1
        if count <= 0:
            raise OSError(reason, os.strerror(reason))
        return original(*given, **named)

    monkeypatch.setattr(os, calls[instant], failing)
    with pytest.raises(TrainingError, match=r"of step \d+ cannot be written .*step-\d+ is whole"):
        go(tmp_path / "broken")
    monkeypatch.undo()
    model, _ = go(tmp_path / "broken", resume=True)
    assert torch.equal(weights(model), weights(whole))


def test_numbers_that_are_not_finite_are_never_saved(go, tmp_path):
    with pytest.raises(TrainingError, match=r"stopped at step \d+ .*because .* is (nan|inf)"):
        go(tmp_path, learning_rate=1e30, schedule="constant")
    kept = sorted(path.name for path in (tmp_path / "checkpoints").glob("step-*"))
    for name in kept:
        state = torch.load(tmp_path / "checkpoints" / name / "state.pt", weights_only=True)
        assert all(torch.isfinite(w).all() for w in state["engine"]["weights"].values())


def test_a_callback_with_a_memory_goes_on_and_may_not_be_forgotten(go, train, small, tmp_path):
    class Counter(Callback):
        def __init__(self, kept=None):
            self.seen, self.kept = 0, kept

        def on_record(self, state, record):
            self.seen += 1

        def state_dict(self):
            return {"seen": self.seen} if self.kept is None else {"kept": self.kept}

        def load_state_dict(self, kept):
            self.seen = kept["seen"]

    def run(out, vectors, *callbacks, **options):
        both = {"epochs": 4, "batch_size": 8, "checkpoint_seconds": 0.0, "out": out} | options
        return train(small(), vectors, callbacks=callbacks, **both)

    from reparam.data import Dataset

    data = Dataset(torch.rand(40, 7))
    whole, again = Counter(), Counter()
    run(tmp_path / "whole", data, whole)
    with pytest.raises(Killed):
        run(tmp_path / "broken", data, Counter(), Kill(8))
    with pytest.raises(TrainingError, match="needs the callback Counter"):
        run(tmp_path / "broken", data, resume=True)
    run(tmp_path / "broken", data, again, resume=True, progress=True)
    assert again.seen == whole.seen
    with pytest.raises(TrainingError, match="the state_dict of Counter holds more than"):
        run(tmp_path / "odd", data, Counter(kept=object))


def test_numpys_numbers_are_taken_as_pythons(go, tmp_path):
    options = {"learning_rate": np.float64(1e-3), "seed": np.int64(3), "clip": np.float32(2.0)}
    with pytest.raises(Killed):
        go(tmp_path, kill_at=8, **options)
    go(tmp_path, resume=True, learning_rate=1e-3, seed=3, clip=2.0)


def test_an_unregistered_part_does_not_hide_a_weight(go, small, tmp_path):
    def build(beta):
        return small()[0], Objective(Distortion(), Rate(beta), Doubt())

    with pytest.raises(Killed):
        go(tmp_path, kill_at=7, build=lambda: build(4.0))
    with pytest.raises(TrainingError, match="objective was"):
        go(tmp_path, resume=True, build=lambda: build(1.0))


def test_functions_and_partials_are_told_apart():
    from reparam.training.identity import _named

    def scale(x, by):
        return x * by

    assert _named(partial(scale, by=2)) == _named(partial(scale, by=2))
    assert _named(partial(scale, by=2)) != _named(partial(scale, by=3))
    assert _named(lambda x: x * 2) != _named(lambda x: x * 3)
    assert _named(noise(0.1)) == _named(noise(0.1)) != _named(noise(0.2))


def test_a_validation_that_is_no_number_stops_training_by_name(go, small, tmp_path):
    class Broken(nn.Module):
        def __init__(self, network):
            super().__init__()
            self.network = network

        def forward(self, x):
            return self.network(x) * (1.0 if self.training else float("nan"))

    def build():
        model, objective = small()
        model.posterior.network = Broken(model.posterior.network)
        return model, objective

    with pytest.raises(TrainingError, match=r"step 5 \(epoch 1\) because .*loss is nan"):
        go(tmp_path, build=build)


def test_a_callback_that_stops_in_mid_epoch_stops_at_its_end_after_a_kill_too(
    train, small, vectors, tmp_path
):
    class StopAt(Callback):
        def on_record(self, state, record):
            state.stop |= record["step"] == 6

    def run(out, *callbacks, **options):
        both = {"epochs": 4, "batch_size": 8, "checkpoint_seconds": 0.0, "out": out} | options
        return train(small(), vectors, callbacks=[StopAt(), *callbacks], **both)

    expected = run(tmp_path / "whole")
    assert expected.last["train"]["step"] == 10
    with pytest.raises(Killed):
        run(tmp_path / "broken", Kill(8))
    assert run(tmp_path / "broken", resume=True).last["train"]["step"] == 10


def test_a_kill_while_a_run_is_replaced_leaves_no_mixture(go, tmp_path, monkeypatch):
    go(tmp_path)

    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("reparam.artifact.folder.shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, overwrite=True, seed=1)
    monkeypatch.undo()
    assert not (tmp_path / "checkpoints").exists()
    fresh, _ = go(tmp_path, resume=True, overwrite=False, seed=1)
    whole, _ = go(tmp_path / "whole", seed=1)
    assert torch.equal(weights(fresh), weights(whole))
    assert not list(tmp_path.glob(".*.tmp"))

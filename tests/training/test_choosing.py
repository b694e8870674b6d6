"""Averages of weights, pieces of batches, spikes, and the choice of weights."""

import itertools

import pytest
import torch
from torch import nn

from reparam import load, zoo
from reparam.errors import TrainingError
from reparam.objectives import Distortion, LinearSchedule, Objective, Rate
from reparam.training import Callback, Step
from reparam.training.average import WARMUP
from reparam.training.evaluate import evaluate
from reparam.training.spikes import FEWEST, Spikes


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


class Look(Callback):
    """Notes the weights after every record, here after every step."""

    def __init__(self):
        self.seen = []

    def on_record(self, state, record):
        if record["split"] == "train":
            self.seen.append(weights(state.model))


def test_the_average_follows_the_weights(small, vectors, train):
    variant, look = small(), Look()
    start = weights(variant.model)
    train(variant, vectors, callbacks=[look], ema=0.6, epochs=8)
    average = start
    for step, now in enumerate(look.seen):
        decay = min(0.6, (1 + step) / (WARMUP + step))
        average = decay * average + (1 - decay) * now
    torch.testing.assert_close(weights(variant.model), average)
    assert not torch.equal(weights(variant.model), look.seen[-1])


def test_the_average_is_what_is_measured_and_kept(small, vectors, train, tmp_path):
    variant = small()
    history = train(variant, vectors, vectors[:20], ema=0.9, out=tmp_path)
    again = evaluate(Step(*variant), vectors[:20], seed=0)
    assert history.last["validation"]["loss"] == pytest.approx(again["loss"])
    assert torch.equal(weights(load(tmp_path).model), weights(variant.model))


def test_measuring_the_average_leaves_the_training_alone(small, vectors, train):
    first, second = small(), small()
    one, two = Look(), Look()
    train(first, vectors, vectors[:20], ema=0.9, callbacks=[one])
    train(second, vectors, callbacks=[two])
    assert all(torch.equal(a, b) for a, b in zip(one.seen, two.seen, strict=True))


@pytest.mark.parametrize("pieces", [2, 3, 16])
def test_pieces_of_a_batch_do_what_the_whole_does(vectors, train, pieces):
    def build():
        return zoo.autoencoder((7,), latent=2, widths=[8])

    whole, cut = build(), build()
    one = train(whole, vectors)
    two = train(cut, vectors, accumulate=pieces)
    torch.testing.assert_close(weights(cut.model), weights(whole.model), rtol=1e-4, atol=1e-5)
    for name in ("loss", "gradient_norm", "learning_rate"):
        theirs = [record[name] for record in one.records]
        assert [record[name] for record in two.records] == pytest.approx(theirs, rel=1e-4)


class Hungry(nn.Module):
    """Runs out of memory with more than four examples, after it has drawn some noise."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        torch.rand(3)
        if self.training and len(x) > 4:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return self.network(x)


def test_pieces_that_fit_into_memory_are_found(small, vectors, train):
    found, given = small(), small()
    for variant in (found, given):
        variant.model.posterior.network = Hungry(variant.model.posterior.network)
    with pytest.raises(RuntimeError, match="out of memory"):
        train(small_with(small, Hungry), vectors)
    train(given, vectors, accumulate=4)
    train(found, vectors, accumulate="auto")
    assert torch.equal(weights(found.model), weights(given.model))


def small_with(small, wrapper):
    variant = small()
    variant.model.posterior.network = wrapper(variant.model.posterior.network)
    return variant


def test_a_single_example_that_does_not_fit_is_said_so(small, vectors, train):
    class Insatiable(Hungry):
        def forward(self, x):
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    with pytest.raises(TrainingError, match="a single example does not fit into memory"):
        train(small_with(small, Insatiable), vectors, accumulate="auto")


def test_the_best_weights_are_kept(small, vectors, train, tmp_path):
    variant = small()
    history = train(
        variant, vectors, vectors[:20], epochs=12, learning_rate=0.3, schedule="constant",
        select="best", out=tmp_path,
    )  # fmt: skip
    losses = [record["loss"] for record in history.of("validation")]
    assert losses[-1] > min(losses)
    again = evaluate(Step(*variant), vectors[:20], seed=0)
    assert again["loss"] == pytest.approx(min(losses))
    best = history.of("validation")[losses.index(min(losses))]
    assert load(tmp_path).figures["validation"] == best


def test_training_stops_when_nothing_gets_better(small, vectors, train):
    options = {"epochs": 20, "learning_rate": 1e-30, "schedule": "constant", "patience": 3}
    history = train(small(), vectors, vectors[:20], **options)
    assert history.last["train"]["epoch"] == 4


def test_epochs_before_the_last_weight_is_final_do_not_count(small, vectors, train):
    model, _ = small()
    warmed = Objective(Distortion(), Rate(LinearSchedule(0.0, 1.0, steps=12)))
    options = {"epochs": 20, "learning_rate": 1e-30, "schedule": "constant", "patience": 2}
    history = train((model, warmed), vectors, vectors[:20], **options)
    assert history.last["train"]["step"] == 18  # three a epoch: 12, then two more
    assert len(history.of("validation")) == 6


def test_a_spike_is_left_out_and_counted(small, vectors, train, capsys):
    steps = iter(range(10_000))

    def break_one(x):
        return x * 1e4 if next(steps) == 50 else x

    spared, hit, calm = small(), small(), small()
    history = train(spared, vectors, epochs=20, augmentation=break_one, skip_spikes=6.0)
    assert history.last["train"]["skipped_steps"] == 1
    assert [r["skipped_steps"] for r in history.records].index(1) == 50
    steps = iter(range(10_000))
    train(small(), vectors, epochs=20, augmentation=break_one, skip_spikes=6.0, progress=True)
    assert "skipped 1" in capsys.readouterr().err
    steps = iter(range(10_000))
    loud = train(hit, vectors, epochs=20, augmentation=break_one)
    assert "skipped_steps" not in loud.last["train"]
    usual = train(calm, vectors, epochs=20)
    assert max(r["loss"] for r in history.records[35:]) < 2 * max(
        r["loss"] for r in usual.records[35:]
    )
    assert max(r["loss"] for r in loud.records) > 1e4


@pytest.mark.parametrize(("last", "skipped"), [(43, 3), (10_000, None)])
def test_numbers_that_are_none_are_spikes_too(small, vectors, train, last, skipped):
    steps = iter(range(10_000))

    def break_some(x):
        return x * float("nan") if 40 <= next(steps) < last else x

    options = {"epochs": 30, "augmentation": break_some, "skip_spikes": 6.0}
    if skipped is None:
        with pytest.raises(TrainingError, match="20 steps in a row were spikes"):
            train(small(), vectors, **options)
    else:
        history = train(small(), vectors, **options)
        assert history.last["train"]["skipped_steps"] == skipped


def test_what_is_usual_is_learned_before_anything_is_a_spike():
    spikes = Spikes(3.0)
    assert not any(spikes.found({"loss": 100.0 * (i % 2)}) for i in range(FEWEST))
    assert not spikes.found({"loss": 190.0})
    assert spikes.found({"loss": 250.0})
    assert spikes.found({"loss": float("inf")})
    assert (spikes.skipped, spikes.in_a_row) == (2, 2)
    again = Spikes(3.0)
    again.load_state_dict(spikes.state_dict())
    assert not again.found({"loss": 10.0})
    assert (again.skipped, again.in_a_row) == (2, 0)


def test_the_rate_is_known_for_each_dimension(small, vectors, train):
    history = train(small(), vectors, vectors[:20])
    last = history.last["validation"]
    assert len(last["rate_per_dimension"]) == 2
    assert sum(last["rate_per_dimension"]) == pytest.approx(last["rate"], rel=1e-5)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"warmup": 0.1}, "warmup has no effect on the one_cycle schedule"),
        ({"optimizer": "Rprop", "weight_decay": 0.1}, "weight_decay has no effect on Rprop"),
        ({"accumulate": 17}, "accumulate cuts 16 examples into 17 pieces"),
        ({"accumulate": 0}, "accumulate must be at least 1"),
        ({"patience": 2, "schedule": "constant"}, "patience=2 has no effect on 2 epochs"),
        ({"patience": 1}, "patience would stop before the one_cycle schedule"),
        ({"stop_unannealed": True}, "stop_unannealed has no effect"),
        ({"ema": 1.0}, "ema must lie between 0 and 1"),
        ({"select": "median"}, "select is one of last, best"),
        ({"select": "best"}, "look at a validation set"),
        ({"patience": 1, "schedule": "constant"}, "look at a validation set"),
        ({"skip_spikes": 6.0}, "skip_spikes has no effect on 6 steps"),
        ({"critic_clip": 1.0}, "critic_clip has no effect: the objective has no critic"),
        ({"optimizer": "Muon"}, "Muon cannot train this model"),
        ({"optimizer": "LBFGS"}, "optimizer is one of"),
    ],
)
def test_what_has_no_effect_is_refused(small, vectors, train, options, said):
    with pytest.raises(TrainingError, match=said):
        train(small(), vectors, **options)


@pytest.mark.parametrize(("epochs", "warmup"), [(1, 0), (2, 5)])
def test_the_best_of_one_epoch_that_counts_is_refused(small, vectors, train, epochs, warmup):
    with pytest.raises(TrainingError, match=rf"no effect: of {epochs} epochs 1 comes after every"):
        train(small(warmup=warmup), vectors, vectors[:10], epochs=epochs, select="best")
    train(small(warmup=warmup), vectors, vectors[:10], epochs=epochs + 1, select="best")


@pytest.mark.parametrize("optimizer", ["Adagrad", "RMSprop", "Adamax", "Adafactor", "Rprop"])
@pytest.mark.parametrize("schedule", ["one_cycle", "cosine", "constant"])
def test_torchs_optimizers_train_under_every_schedule(small, vectors, train, optimizer, schedule):
    options = {"optimizer": optimizer, "schedule": schedule, "learning_rate": 1e-2, "epochs": 10}
    history = train(small(), vectors, **options)
    assert history.records[-1]["loss"] < history.records[0]["loss"]


def test_a_cosine_rises_over_its_warmup_and_falls_to_nothing(small, vectors, train):
    history = train(small(), vectors, epochs=10, schedule="cosine", learning_rate=0.1, warmup=0.2)
    rates = [record["learning_rate"] for record in history.records]
    assert rates[:7] == pytest.approx([0.1 * (i + 1) / 6 for i in range(6)] + [0.1])
    assert all(a > b for a, b in itertools.pairwise(rates[6:]))
    assert rates[-1] < 1e-3

"""What training writes down: which steps, over which examples, at which rates."""

import json
import math
from types import SimpleNamespace

import pytest
import torch

from reparam.data import Dataset
from reparam.errors import TrainingError
from reparam.objectives import Distortion, Objective, Rate, Term
from reparam.randomness import seeded
from reparam.training import Recipe, Step
from reparam.training.device import accelerator_on
from reparam.training.evaluate import evaluate
from reparam.training.team import Team
from reparam.training.window import Window

STILL = {"learning_rate": 1e-30, "weight_decay": 0.0}


def test_the_file_holds_the_records(small, vectors, train, tmp_path):
    history = train(small(), vectors, vectors[:10], out=tmp_path / "run")
    lines = (tmp_path / "run" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == history.records
    assert len(history.of("validation")) == 2
    assert history.last == {split: history.of(split)[-1] for split in ("train", "validation")}


def test_steps_and_epochs_are_counted(small, vectors, train):
    """40 examples in batches of 16: three steps an epoch, each its own record."""
    history = train(small(), vectors, vectors[:10])
    assert [r["step"] for r in history.of("train")] == [1, 2, 3, 4, 5, 6]
    epochs = [r["epoch"] for r in history.of("train")]
    assert epochs == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2], abs=1e-3)
    assert [(r["step"], r["epoch"]) for r in history.of("validation")] == [(3, 1.0), (6, 2.0)]


@pytest.mark.filterwarnings("ignore::reparam.errors.CollapseWarning")
def test_long_epochs_have_about_twenty_records_and_end_with_one(small, train):
    data = Dataset(torch.rand(99, 7))
    history = train(small(), data, epochs=2, batch_size=2)
    steps = [r["step"] for r in history.of("train")]
    assert {50, 100} <= set(steps)
    assert 40 <= len(steps) <= 60


def test_averages_count_every_example_once():
    """A batch of 8 and one of 2: the mean of 1.0 and 6.0 is 2.0, not 3.5."""
    window = Window(Team(accelerator_on("cpu", "no")))
    state = SimpleNamespace(step=2, epoch=1.0, steps_per_epoch=2)
    for step, (value, count) in enumerate(((1.0, 8), (6.0, 2))):
        window.add({"loss": torch.tensor(value)}, count, step)
    assert window.read(state)["loss"] == pytest.approx(2.0)
    window.add({"loss": torch.tensor(5.0)}, 1, 2)
    assert window.read(state)["loss"] == 5.0


@pytest.mark.parametrize("batch_size", [4, 7, 500])
def test_an_evaluation_is_the_mean_over_examples_whatever_the_batches(batch_size):
    from reparam import zoo

    step = Step(*zoo.autoencoder((7,), latent=2, widths=[4]))
    data = Dataset(torch.rand(10, 7))
    whole = step(data.tensor())["distortion"].item()
    assert evaluate(step, data, batch_size)["distortion"] == pytest.approx(whole, rel=1e-5)


def test_validation_sees_the_same_noise_every_time(small, vectors, train):
    """With weights that stand still its records are one and the same; train's are not."""
    history = train(small(), vectors, vectors[:10], epochs=3, **STILL)
    values = [r["distortion"] for r in history.of("validation")]
    assert values[0] == values[1] == values[2]
    assert len({r["distortion"] for r in history.of("train")}) > 1


def test_validation_weighs_with_the_final_weights(small, vectors, train):
    history = train(small(warmup=6, beta=3.0), vectors, vectors[:10])
    for record in history.of("validation"):
        expected = record["distortion"] + 3 * record["rate"]
        assert record["loss"] == pytest.approx(expected, rel=1e-5)
    betas = [(r["loss"] - r["distortion"]) / r["rate"] for r in history.of("train")]
    assert betas == pytest.approx([0, 0.5, 1, 1.5, 2, 2.5], abs=1e-2)


def test_validation_chooses_and_changes_nothing(small, vectors, train):
    first, second = small(), small()
    train(first, vectors)
    train(second, vectors, vectors[:10])
    for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_records_are_the_steps_own_values(small, vectors, train):
    """The first record is the loss of the first batch, before any step."""
    batches = []
    variant, twin = small(), small()
    history = train(variant, vectors, epochs=1, augmentation=lambda x: batches.append(x) or x)
    with seeded(1):
        values = Step(*twin)(batches[0])
    for name in ("distortion", "rate", "loss"):
        assert history.records[0][name] == pytest.approx(values[name].item(), rel=1e-6)


def test_distortion_and_rate_are_there_though_no_term_asks(small, vectors, train):
    history = train(small(loss="mse", free_bits=0.1), vectors, epochs=1)
    last = history.last["train"]
    constant = 7 / 2 * math.log(2 * math.pi)
    assert last["distortion"] == pytest.approx(last["squared_error"] + constant, rel=1e-5)
    assert {"rate", "rate_with_free_bits"} <= last.keys()
    assert "distortion" not in train(small(loss="rmse"), vectors, epochs=1).last["train"]


def test_the_default_schedule_rises_to_its_peak_and_ends_near_nothing(small, vectors, train):
    recipe = Recipe(epochs=10, learning_rate=1.2e-2 * 0.3**0.5)  # 30 steps of the usual 100
    assert recipe.schedule == "one_cycle"
    history = train(small(), vectors, epochs=10)
    rates = [r["learning_rate"] for r in history.of("train")]
    assert rates[0] == pytest.approx(recipe.rate / 25)
    assert max(rates) == pytest.approx(recipe.rate, rel=0.01)
    assert rates.index(max(rates)) == 8
    assert rates[-1] < recipe.rate / 1e4


def test_a_constant_schedule_is_constant(small, vectors, train):
    history = train(small(), vectors, schedule="constant", learning_rate=0.25)
    assert {r["learning_rate"] for r in history.of("train")} == {0.25}
    assert Recipe(epochs=1, schedule="constant").rate == 5e-4


def test_weights_warm_up_by_the_step(small, vectors, train):
    variant = small(warmup=6, beta=3.0)
    train(variant, vectors)
    assert variant.objective.terms[1].weight == 3


class Endless(Term):
    """Worth nothing, with a gradient that is no number."""

    name = "endless"

    def forward(self, trace):
        return (trace.latents[0].z * 0).abs().sqrt().sum((0, 2))


@pytest.mark.parametrize(
    ("batch_size", "step", "sentence"),
    [
        (50, 1, "because gradient_norm is nan: try"),  # its first step is measured
        (2, 2, "because distortion is nan, .*, which points to the gradient of step 1: try"),
    ],
)
def test_a_gradient_that_is_no_number_is_named(small, train, batch_size, step, sentence):
    model, _ = small()
    objective = Objective(Distortion(), Rate(), Endless())
    data = Dataset(torch.rand(99, 7))
    with pytest.raises(TrainingError, match=rf"stopped at step {step} \(epoch 1\) {sentence}"):
        train((model, objective), data, batch_size=batch_size)


def test_a_norm_is_of_a_records_last_step_unless_it_is_needed_at_each(small, train):
    """Clipping far above every norm changes no weight, and has each step measured."""
    data = Dataset(torch.rand(99, 7))
    few = train(small(), data, epochs=1, batch_size=2)
    each = train(small(), data, epochs=1, batch_size=2, clip=1e9)
    assert [r["loss"] for r in few.records] == [r["loss"] for r in each.records]
    norms = [[r["gradient_norm"] for r in history.records] for history in (few, each)]
    assert norms[0] != norms[1]
    assert all(0 < norm < 1e9 for both in norms for norm in both)

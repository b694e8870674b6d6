"""On an accelerator: nothing waits for it, short numbers and compiled steps do as plain ones."""

import pytest
import torch

from reparam import data, zoo
from reparam.errors import TrainingError
from reparam.objectives import Distortion, Objective, Rate, Term
from reparam.training import Callback, Recipe
from reparam.training.device import accelerator_on
from reparam.training.engine import Engine
from reparam.training.team import Team, shared

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device"),
]

TOLERANCE = {"bf16": 0.01, "fp16": 0.01, "compile": 0.01, "pieces": 0.01}
"""Relative, of the mean loss of the later half of training."""


@pytest.fixture
def some():
    train, _ = data.load("fashion-mnist-subset")
    return train[:2000]


def variant(some):
    return zoo.vae(some.shape, latent=8, widths=[8, 16])


def weights(model):
    return torch.cat([p.detach().cpu().flatten() for p in model.parameters()])


@pytest.mark.parametrize(
    "options", [{}, {"precision": "bf16"}, {"clip": 1.0, "ema": 0.99}], ids=str
)
def test_no_step_waits_for_the_gpu(some, options):
    recipe = Recipe(epochs=1, **options)
    team = Team(accelerator_on("cuda", recipe.precision))
    engine = Engine(*variant(some), shared(some, recipe, team), recipe, team)
    with engine.noise:
        batches = engine.epoch()
        for step in range(3):
            engine.take(next(batches), step)
        torch.cuda.set_sync_debug_mode("error")
        try:
            for step in range(3, 9):
                engine.take(next(batches), step)
        finally:
            torch.cuda.set_sync_debug_mode("default")
    assert len(engine.window.values) == 9


def late_loss(train, some, **options):
    history = train(variant(some), some, epochs=4, batch_size=50, device="cuda", **options)
    losses = [record["loss"] for record in history.records]
    late = losses[len(losses) // 2 :]
    return sum(late) / len(late)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TOLERANCE)
def test_short_numbers_and_compiled_steps_train_as_plain_ones(train, some, name):
    others = {"compile": {"compile": True}, "pieces": {"compile": True, "accumulate": 2}}
    options = others.get(name, {"precision": name})
    plain, other = late_loss(train, some), late_loss(train, some, **options)
    print(f"{name}: {other / plain - 1:.1e}")
    assert other == pytest.approx(plain, rel=TOLERANCE[name])


class Killed(Exception):
    pass


class Kill(Callback):
    def on_record(self, state, record):
        if state.step == 30:
            raise Killed


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"precision": "bf16"},
        {"precision": "fp16"},
        {"ema": 0.99, "clip": 1.0},
        {"compile": True},
    ],
    ids=str,
)
def test_a_run_goes_on_bit_for_bit(train, some, tmp_path, options):
    options = {"epochs": 3, "checkpoint_seconds": 0.0, "device": "cuda"} | options
    whole, broken, again = (variant(some) for _ in range(3))
    train(whole, some, out=tmp_path / "whole", **options)
    with pytest.raises(Killed):
        train(broken, some, out=tmp_path / "broken", callbacks=[Kill()], **options)
    train(again, some, out=tmp_path / "broken", resume=True, **options)
    assert torch.equal(weights(again.model), weights(whole.model))


class Endless(Term):
    """Worth nothing, with a gradient that is no number."""

    name = "endless"

    def forward(self, trace):
        return (trace.latents[0].z * 0).abs().sqrt().sum((0, 2))


def test_gradients_that_overflow_for_ever_under_fp16_are_told_of(train, some):
    model, _ = variant(some)
    objective = Objective(Distortion(), Rate(), Endless())
    with pytest.raises(TrainingError, match=r"overflowed .* precision='bf16'"):
        train((model, objective), some, epochs=9, precision="fp16", device="cuda")

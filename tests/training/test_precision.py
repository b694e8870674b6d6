"""Shorter numbers and compiled steps give the losses of plain ones, within what is stated."""

import shutil

import pytest

from reparam import data, zoo

TOLERANCE = {"bf16": 0.01, "compile": 1e-4}
"""Relative, of the mean loss of the last epoch: 2 and a half nats in 250, and rounding."""


@pytest.fixture
def some():
    train, _ = data.load("fashion-mnist-subset")
    return train[:2000]


def last_loss(train, some, **options):
    variant = zoo.vae(some.shape, latent=8, widths=[8, 16])
    history = train(variant, some, epochs=2, batch_size=50, **options)
    losses = [record["loss"] for record in history.records]
    late = losses[len(losses) // 2 :]
    return sum(late) / len(late)


def test_bf16_trains_as_fp32_does(train, some):
    plain, short = last_loss(train, some), last_loss(train, some, precision="bf16")
    assert short != plain
    assert short == pytest.approx(plain, rel=TOLERANCE["bf16"])


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler")
@pytest.mark.filterwarnings("ignore")
def test_a_compiled_step_trains_as_a_plain_one(train, some):
    plain, compiled = (last_loss(train, some[:500], compile=c) for c in (False, True))
    assert compiled == pytest.approx(plain, rel=TOLERANCE["compile"])

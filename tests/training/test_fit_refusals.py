"""What cannot be trained is refused in one sentence, before anything is lost."""

import pytest
import torch

from reparam import load
from reparam.data import Dataset
from reparam.errors import ArtifactError, DataError, ReparamError, TrainingError
from reparam.objectives import Distortion, Objective, Rate, Term

REFUSED = [
    ({"colour": "red", "lr": 1}, "fit does not know colour, lr: its options are epochs, batch_si"),
    ({"device": "tpu"}, "device is one of auto, cpu, cuda, mps, not 'tpu'"),
    ({"epochs": 0}, "epochs must be at least 1, not 0"),
    ({"batch_size": 0}, "batch_size must be at least 1, not 0"),
    ({"learning_rate": 0.0}, "learning_rate must be positive, not 0.0"),
    ({"learning_rate": float("inf")}, "learning_rate must be positive, not inf"),
    ({"critic_learning_rate": -1.0}, "critic_learning_rate must be positive"),
    ({"critic_learning_rate": 1.0}, "critic_learning_rate has no effect"),
    ({"optimizer": "LBFGS"}, "optimizer is one of .*AdamW, "),
    ({"schedule": "line"}, "schedule is one of one_cycle, cosine, constant, not 'line'"),
    ({"precision": "fp8"}, "precision is one of no, bf16, fp16, not 'fp8'"),
    ({"precision": "fp16"}, "precision='fp16' needs an accelerator"),
    ({"shard": True}, "shard has no effect on one process: start several with torchrun"),
    ({"shard": True, "compile": True}, "shard does not go with compile: leave one"),
    ({"shard": True, "precision": "fp16"}, "shard does not go with precision='fp16'"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED, ids=lambda value: str(value)[:40])
def test_an_option_that_makes_no_sense(small, vectors, train, options, sentence, tmp_path):
    """And an earlier run in the folder is still there, though it was to be replaced."""
    train(small(), vectors, epochs=1, out=tmp_path)
    with pytest.raises(TrainingError, match=sentence) as refusal:
        train(small(), vectors, out=tmp_path, overwrite=True, **options)
    assert "\n" not in str(refusal.value)
    load(tmp_path)
    assert (tmp_path / "history.jsonl").exists()


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there(small, vectors, train, device):
    if torch.accelerator.is_available():
        pytest.skip("there is an accelerator")
    with pytest.raises(TrainingError, match=f"there is no {device} on this machine"):
        train(small(), vectors, device=device)


def test_a_schedule_longer_than_the_training(small, vectors, train, tmp_path):
    with pytest.raises(TrainingError, match="final only after 7 steps, but training takes 6"):
        train(small(warmup=7), vectors, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    train(small(warmup=6), vectors)


def test_validation_of_another_shape(small, vectors, train):
    with pytest.raises(DataError, match=r"train has items of \(7,\), validation of \(6,\)"):
        train(small(), vectors, Dataset(torch.rand(4, 6)))


def test_a_folder_with_a_run(small, vectors, train, tmp_path):
    train(small(), vectors, epochs=1, out=tmp_path)
    before = (tmp_path / "model.safetensors").read_bytes()
    with pytest.raises(ArtifactError, match="already holds a run"):
        train(small(), vectors, epochs=1, out=tmp_path, seed=5)
    assert (tmp_path / "model.safetensors").read_bytes() == before
    train(small(), vectors, epochs=1, out=tmp_path, seed=5, overwrite=True)
    assert (tmp_path / "model.safetensors").read_bytes() != before


def test_a_folder_that_cannot_be(small, vectors, train, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    for out in (file, file / "run"):
        with pytest.raises(ArtifactError):
            train(small(), vectors, out=out, overwrite=True)
    assert file.read_text() == "mine"


class Bomb(Term):
    """A term that is no number from its third call in training on."""

    name = "bomb"

    def __init__(self, value):
        super().__init__()
        self.value, self.calls = value, 0

    def forward(self, trace):
        self.calls += self.training
        return trace.kl.mean(0) + (self.value if self.calls > 2 else 0.0)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
@pytest.mark.parametrize("precision", ["no", "bf16"])
def test_a_loss_that_is_no_number_stops_and_saves_nothing(
    small, vectors, train, tmp_path, value, precision
):
    objective = Objective(Distortion(), Bomb(value))
    sentence = rf"at step 3 \(epoch 1\) because bomb is {value}, loss is {value}: try a lower"
    with pytest.raises(TrainingError, match=sentence) as refusal:
        train((small().model, objective), vectors, out=tmp_path, precision=precision)
    assert "\n" not in str(refusal.value)
    assert ("precision='no'" in str(refusal.value)) is (precision == "bf16")
    assert not (tmp_path / "config.json").exists()
    assert not (tmp_path / "model.safetensors").exists()
    with pytest.raises(ReparamError):
        load(tmp_path)


def test_the_step_is_named_though_records_are_rare(small, train):
    data = Dataset(torch.rand(120, 7))
    with pytest.raises(TrainingError, match=r"at step 3 \(epoch 1\) because bomb"):
        train((small().model, Objective(Distortion(), Bomb(float("nan")))), data, batch_size=1)


def test_data_that_are_no_pictures_stop_the_first_step(small, vectors, train):
    """A model without a density has no distortion to train."""
    from reparam import zoo

    model, _ = zoo.autoencoder((7,), latent=2, widths=[4])
    with pytest.raises(ReparamError, match="no prior, so it has no rate"):
        train((model, Objective(Distortion(), Rate())), vectors)
    rmse, _ = small(loss="rmse")
    with pytest.raises(ReparamError, match="a point has no density"):
        train((rmse, Objective(Distortion(), Rate())), vectors)

"""Records in other people's trackers."""

import pytest

from reparam.errors import TrainingError


def test_tensorboard_has_every_number_of_the_history(small, vectors, train, tmp_path):
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="no tensorboard"
    )
    history = train(small(), vectors, vectors[:10], out=tmp_path, track="tensorboard")
    events = accumulator.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    for split in ("train", "validation"):
        records = history.of(split)
        for name in ("loss", "rate"):
            found = events.Scalars(f"{split}/{name}")
            assert [event.step for event in found] == [record["step"] for record in records]
            expected = pytest.approx([record[name] for record in records], rel=1e-6)
            assert [event.value for event in found] == expected


def test_a_tracker_that_is_not_there_is_said_so(small, vectors, train, monkeypatch):
    from accelerate import tracking

    with pytest.raises(TrainingError, match="track is one of tensorboard, wandb, mlflow"):
        train(small(), vectors, track="diary")
    monkeypatch.setattr(tracking, "is_mlflow_available", lambda: False)
    with pytest.raises(TrainingError, match="mlflow is not installed: pip install mlflow"):
        train(small(), vectors, track="mlflow")


def test_tensorboard_needs_a_folder(small, vectors, train):
    pytest.importorskip("tensorboard", reason="no tensorboard")
    with pytest.raises(TrainingError, match="tensorboard writes into the run's folder"):
        train(small(), vectors, track="tensorboard")

"""Records to TensorBoard, Weights & Biases or MLflow, by accelerate's trackers."""

from typing import Any

from accelerate import tracking

from reparam.errors import TrainingError
from reparam.training.callbacks import Callback, Record, State

PACKAGES = {"tensorboard": "tensorboard", "wandb": "wandb", "mlflow": "mlflow"}
"""Trackers by name, and what to install for each."""


class Track(Callback):
    """Hands every record on.

    Args:
        name: tensorboard (into the run's folder), wandb or mlflow (as their own settings say).

    Raises:
        TrainingError: If there is no such tracker or it is not installed.
    """

    def __init__(self, name: str) -> None:
        if name not in PACKAGES:
            raise TrainingError(f"track is one of {', '.join(PACKAGES)}, not {name!r}")
        if not getattr(tracking, f"is_{name}_available")():
            raise TrainingError(f"{name} is not installed: pip install {PACKAGES[name]}")
        self.name = name

    def on_start(self, state: State) -> None:
        """Open it, and tell it the recipe."""
        make: Any = tracking.LOGGER_TYPE_TO_CLASS[self.name]
        if self.name == "tensorboard":
            if state.out is None:
                raise TrainingError("tensorboard writes into the run's folder: give out= (--out)")
            self.tracker = make("tensorboard", logging_dir=state.out)
        else:
            self.tracker = make("reparam" if state.out is None else state.out.name)
        if hasattr(self.tracker, "start"):
            self.tracker.start()
        recipe = {
            name: value for name, value in state.recipe.to_json().items() if value is not None
        }
        self.tracker.store_init_configuration(recipe)

    def on_record(self, state: State, record: Record) -> None:
        """Hand it on, as split/name."""
        numbers = {
            f"{record['split']}/{name}": value
            for name, value in record.items()
            if isinstance(value, int | float) and name != "step"
        }
        self.tracker.log(numbers, step=record["step"])

    def on_end(self, state: State) -> None:
        """Close it."""
        if hasattr(self, "tracker"):
            self.tracker.finish()

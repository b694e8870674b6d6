"""Training: one step, one loop, and what watches it."""

from reparam.training.augment import flip, noise
from reparam.training.callbacks import Callback, Record, State
from reparam.training.device import device_named
from reparam.training.history import History
from reparam.training.loop import fit
from reparam.training.recipe import Recipe
from reparam.training.step import Step
from reparam.training.team import is_main

__all__ = [
    "Callback",
    "History",
    "Recipe",
    "Record",
    "State",
    "Step",
    "device_named",
    "fit",
    "flip",
    "is_main",
    "noise",
]

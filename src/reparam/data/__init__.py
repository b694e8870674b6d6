"""Data: names, arrays, files and folders of pictures to batches on the training device."""

from reparam.data.batches import Batches
from reparam.data.builtin import NAMED
from reparam.data.dataset import Dataset
from reparam.data.describe import catalogue, describe, entropy_floor, pixel_entropy
from reparam.data.load import load, load_split
from reparam.data.schema import Schema

__all__ = [
    "NAMED",
    "Batches",
    "Dataset",
    "Schema",
    "catalogue",
    "describe",
    "entropy_floor",
    "load",
    "load_split",
    "pixel_entropy",
]

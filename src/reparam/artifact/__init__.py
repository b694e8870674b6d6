"""A trained model as a folder: `config.json`, `model.safetensors` and a card."""

from reparam.artifact.folder import prepare, unfinished, vacant
from reparam.artifact.hub import Pushed, push
from reparam.artifact.reader import Artifact, load
from reparam.artifact.writer import add_figures, save

__all__ = [
    "Artifact",
    "Pushed",
    "add_figures",
    "load",
    "prepare",
    "push",
    "save",
    "unfinished",
    "vacant",
]

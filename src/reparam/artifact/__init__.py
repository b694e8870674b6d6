"""A trained model as a folder: `config.json`, `model.safetensors` and a card."""

from reparam.artifact.folder import prepare, unfinished, vacant
from reparam.artifact.reader import Artifact, load
from reparam.artifact.writer import add_figures, save

__all__ = ["Artifact", "add_figures", "load", "prepare", "save", "unfinished", "vacant"]

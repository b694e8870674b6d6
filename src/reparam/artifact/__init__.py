"""A trained model as a folder: `config.json`, `model.safetensors` and a card."""

from reparam.artifact.folder import prepare
from reparam.artifact.load import Artifact, load
from reparam.artifact.save import save

__all__ = ["Artifact", "load", "prepare", "save"]

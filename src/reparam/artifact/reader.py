"""Reading a trained model. Nothing from the folder is run: only registered parts are built."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

import reparam.families
import reparam.models
import reparam.networks
import reparam.objectives
import reparam.priors  # noqa: F401
from reparam.artifact.folder import CONFIG, WEIGHTS, read, read_config
from reparam.artifact.hub import address_of, fetch
from reparam.artifact.weights import parse, restore
from reparam.artifact.writer import together
from reparam.data import Schema
from reparam.errors import ArtifactError, ReparamError
from reparam.objectives import Objective
from reparam.registry import build_all


@dataclass(frozen=True)
class Artifact:
    """A trained model and what is known of it.

    Args:
        path: Its folder.
        model: The model, in evaluation mode.
        objective: Its objective with every weight final, or `None`.
        schema: What data it takes, or `None`.
        recipe: How it was trained.
        figures: What was measured.
        version: Which version of reparam wrote it.
        variant: What the zoo calls it, or `None` where it does not say.
        address: Where on the Hugging Face Hub it came from, or `None`.
    """

    path: Path
    model: Any
    objective: Objective | None
    schema: Schema | None
    recipe: Mapping[str, Any]
    figures: Mapping[str, Any]
    version: str
    variant: str | None = None
    address: str | None = None

    @property
    def name(self) -> str:
        """What to call it: its folder's name, or its name on the Hub."""
        return self.path.name if self.address is None else self.address


def load(
    path: str | Path,
    model: nn.Module | None = None,
    objective: Objective | None = None,
    device: str = "cpu",
) -> Artifact:
    """Read a model that `save` or `fit` wrote.

    Args:
        path: The folder; or a model on the Hugging Face Hub, `hf://owner/name` or
            `hf://owner/name@revision`.
        model: Restore the weights into this model instead of building one; needed where the
            composition was not registered.
        objective: The same for the objective.
        device: Where to put both.

    Raises:
        ArtifactError: If the folder is not an artifact, names a part that is not registered, has
            weights of another shape or that are not finite, was written in another format, or
            cannot be had from the Hub.
    """
    address = address_of(path)
    folder, within = (Path(path), None) if address is None else fetch(address)
    config = read_config(folder, within)
    parts = _parts(config, {"model": model, "objective": objective}, folder)
    content = read(folder, WEIGHTS, within)
    tensors = parse(content, folder / WEIGHTS)
    recorded = config.get("weights")
    if (
        isinstance(recorded, dict)
        and recorded.get("sha256") != hashlib.sha256(content).hexdigest()
    ):
        raise ArtifactError(
            f"{folder / WEIGHTS} is not the file that {CONFIG} was written with: one of them was "
            "altered or comes from another run"
        )
    if parts["objective"] is None:
        tensors = {k: v for k, v in tensors.items() if not k.startswith("objective.")}
    restore(together(**parts), tensors, folder / WEIGHTS)
    if parts["objective"] is not None:
        parts["objective"].finish()
        parts["objective"].to(device).eval()
    variant = config.get("variant")
    if model is None and isinstance(variant, str):
        parts["model"].variant = variant
    return Artifact(
        folder,
        parts["model"].to(device).eval(),
        parts["objective"],
        _schema(config, folder),
        _table(config, "recipe"),
        _table(config, "figures"),
        str(config.get("reparam", "unknown")),
        variant if isinstance(variant, str) else None,
        None if address is None else str(address),
    )


def _parts(config: dict[str, Any], given: dict[str, Any], folder: Path) -> dict[str, Any]:
    missing = [name for name, part in given.items() if part is None]
    if "model" in missing and config.get("model") is None:
        raise ArtifactError(
            f"{folder} holds the weights of a model with a part that was not registered: build "
            "it yourself and give it, load(path, model=mine)"
        )
    try:
        trees = {name: config[name] for name in missing if config.get(name) is not None}
        parts = {**given, **build_all(trees)}
    except RecursionError as error:
        raise ArtifactError(f"{folder / CONFIG} is nested too deeply to be a model") from error
    if not isinstance(parts["objective"], Objective | None):
        raise ArtifactError(
            f"{folder / CONFIG} has a {type(parts['objective']).__name__} for its objective"
        )
    return parts


def _schema(config: dict[str, Any], folder: Path) -> Schema | None:
    if config.get("schema") is None:
        return None
    try:
        return Schema.from_json(config["schema"])
    except ReparamError as error:
        raise ArtifactError(f"{folder / CONFIG}: {error}") from error


def _table(config: dict[str, Any], name: str) -> dict[str, Any]:
    value = config.get(name)
    return value if isinstance(value, dict) else {}

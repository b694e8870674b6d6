"""Writing a trained model."""

import hashlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from reparam._version import __version__
from reparam.artifact.card import card
from reparam.artifact.folder import CARD, CONFIG, DIGEST, FORMAT, WEIGHTS, digest, read_config
from reparam.artifact.weights import dump
from reparam.atomic import replacing
from reparam.data import Schema
from reparam.errors import CompositionError
from reparam.objectives import Objective
from reparam.registry import Tree, describe_all


def save(
    path: str | Path,
    model: nn.Module,
    objective: Objective | None = None,
    *,
    schema: Schema | None = None,
    recipe: Mapping[str, Any] | None = None,
    figures: Mapping[str, Any] | None = None,
) -> Path:
    """Write a model as a folder that `load` reads.

    A composition with a part that is not registered saves its weights alone, and warns; it comes
    back by `load(path, model=mine)`.

    Args:
        path: The folder; what it holds under the artifact's names is replaced.
        model: The model.
        objective: Its objective.
        schema: What data it takes.
        recipe: How it was trained, as plain values.
        figures: What was measured, as plain values in nats per example.

    Raises:
        ReparamError: If the folder cannot be written.

    Example:
        >>> import tempfile
        >>> from reparam import load, save, zoo
        >>> model, objective = zoo.vae((1, 28, 28), latent=2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = save(folder, model, objective)
        ...     again = load(folder).model
        >>> bool((again.sample(1, seed=0) == model.sample(1, seed=0)).all())
        True
    """
    folder = Path(path)
    both = together(model, objective)
    config: dict[str, Any] = {
        "format": FORMAT,
        "reparam": __version__,
        "torch": torch.__version__,
        "variant": getattr(model, "variant", None),
        "objective": None,
        **_trees(dict(both.items())),
        "parameters": sum(p.numel() for p in model.parameters()),
        "schema": None if schema is None else schema.to_json(),
        "recipe": dict(recipe or {}),
        "figures": dict(figures or {}),
    }
    weights = dump(both, {DIGEST: digest(config)})
    config["weights"] = {"sha256": hashlib.sha256(weights).hexdigest()}
    _write(folder, {WEIGHTS: weights, **_pages(config)})
    return folder


def add_figures(path: str | Path, **figures: Any) -> None:  # noqa: ANN401
    """Write more measured figures into a model's configuration and card.

    Args:
        path: The model's folder.
        **figures: What was measured, as plain values; nats per example unless a name says
            otherwise.

    Raises:
        ArtifactError: If the folder is not an artifact.
    """
    config = read_config(Path(path))
    config["figures"] = {**config.get("figures", {}), **figures}
    _write(Path(path), _pages(config))


def together(model: nn.Module, objective: nn.Module | None) -> nn.ModuleDict:
    """One module over both, so that what they share is written once.

    Args:
        model: The model.
        objective: Its objective or `None`.
    """
    return nn.ModuleDict({"model": model} | ({"objective": objective} if objective else {}))


def _pages(config: dict[str, Any]) -> dict[str, bytes]:
    return {CONFIG: json.dumps(config, indent=1).encode(), CARD: card(config).encode()}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        with replacing(folder / name) as file:
            file.write(content)


def _trees(parts: Mapping[str, nn.Module]) -> dict[str, Tree | None]:
    try:
        return dict(describe_all(parts))
    except CompositionError:
        return {name: _tree(name, part) for name, part in parts.items()}


def _tree(name: str, part: nn.Module) -> Tree | None:
    try:
        return describe_all({name: part})[name]
    except CompositionError as error:
        warnings.warn(
            f"only the weights of the {name} are saved, since {error}; until then load them with "
            f"load(path, {name}=mine)",
            stacklevel=5,
        )
        return None

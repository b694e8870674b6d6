"""What a run and its continuation must share, so that together they are one training."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from reparam.data import Dataset
from reparam.errors import CompositionError, TrainingError
from reparam.registry import describe
from reparam.training.augment import Augmentation
from reparam.training.recipe import Recipe
from reparam.training.team import Team

Identity = dict[str, Any]


def identity(
    model: nn.Module,
    objective: nn.Module,
    train: Dataset,
    validation: Dataset | None,
    recipe: Recipe,
    augmentation: Augmentation | None,
    team: Team,
) -> Identity:
    """What decides every bit of a training, as plain values.

    Args:
        model: The model.
        objective: Its objective.
        train: The training set.
        validation: The validation set or `None`.
        recipe: The recipe.
        augmentation: The augmentation or `None`.
        team: The processes that train together.
    """
    return {
        "model": _parts(model),
        "objective": _parts(objective),
        "train data": fingerprint(train),
        "validation data": None if validation is None else fingerprint(validation),
        **asdict(recipe),
        "augmentation": _named(augmentation),
        "device": team.accelerator.device.type,
        "processes": team.size,
        "threads": torch.get_num_threads(),
    }


def check_same(began: Identity, now: Identity) -> None:
    """Refuse to go on with something else.

    Args:
        began: The identity of the run.
        now: That of its continuation.

    Raises:
        TrainingError: If they differ; it names what does.
    """
    changes = [
        f"{name} was {_short(began.get(name))} and is {_short(value)}"
        for name, value in now.items()
        if began.get(name) != value
    ]
    if changes:
        raise TrainingError(
            f"resume goes on with the run as it began, but {'; '.join(changes)}: give what it "
            "began with, or start a new run in another folder"
        )


def fingerprint(dataset: Dataset) -> str:
    """A name for a data set's content.

    Args:
        dataset: The data set.

    Example:
        >>> fingerprint(Dataset(torch.zeros(3, 2)))
        '3 vectors, e974e4b9'
    """
    digest = hashlib.sha256(repr((dataset.shape, str(dataset.pixels.dtype))).encode())
    for tensor in (dataset.pixels, dataset.labels):
        if tensor is not None:
            digest.update(tensor.cpu().contiguous().numpy().data)
    return f"{len(dataset)} {dataset.schema.kind}, {digest.hexdigest()[:8]}"


def _parts(module: nn.Module) -> str:
    try:
        tree: Any = describe(module)
    except CompositionError:
        tree = repr(module)
    shapes = {name: list(tensor.shape) for name, tensor in module.state_dict().items()}
    text = json.dumps([tree, shapes], sort_keys=True)
    return f"{type(module).__name__} {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _named(augmentation: Augmentation | None) -> str | None:
    if augmentation is None:
        return None
    return getattr(augmentation, "__qualname__", None) or repr(augmentation)


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)

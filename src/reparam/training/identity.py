"""What a run and its continuation must share, so that together they are one training."""

import functools
import hashlib
import inspect
import json
from collections.abc import Collection
from dataclasses import MISSING, Field, fields
from itertools import chain
from typing import Any

import torch
from torch import nn

from reparam.alone import alone
from reparam.data import Dataset
from reparam.errors import TrainingError
from reparam.objectives import Objective
from reparam.training.augment import Augmentation
from reparam.training.recipe import Recipe
from reparam.training.team import Team

Identity = dict[str, Any]
PASSING = ("training", "_advanced", "_prepared")
"""What says where a part stands, and not what it is."""
BITS = ("threads", "torch")
"""What changes the order of sums, and so the last bits, but not what is computed."""


def identity(
    model: nn.Module,
    objective: Objective,
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
    objective.advance(0)
    return {
        "model": _parts(model),
        "objective": _parts(objective),
        "train data": fingerprint(train),
        "validation data": None if validation is None else fingerprint(validation),
        **recipe.to_json(),
        "augmentation": _named(augmentation),
        "device": team.accelerator.device.type,
        "processes": team.size,
        "threads": threads(),
        "torch": str(torch.__version__),
    }


def threads() -> int:
    """With how many threads torch computes, while nobody has changed it for a moment."""
    with alone():
        return torch.get_num_threads()


def taken_over(began: Identity, given: Collection[str]) -> dict[str, Any]:
    """The options of a run that its continuation takes, since nobody has chosen others.

    An option that the version that began the run did not know gets the value that does what that
    version did.

    Args:
        began: The identity of the run.
        given: The options that somebody has chosen.

    Example:
        >>> taken_over({"epochs": 5, "learning_rate": 0.003}, given={"epochs"})["learning_rate"]
        0.003
    """
    return {
        field.name: began.get(field.name, before(field))
        for field in fields(Recipe)
        if field.name not in given and (field.name in began or field.default is not MISSING)
    }


def before(field: Field[Any]) -> Any:  # noqa: ANN401
    """What a version did that did not know an option: its default, unless its metadata say else.

    Args:
        field: The option.
    """
    return field.metadata.get("before", field.default)


def check_same(began: Identity, now: Identity, *, inexact: bool = False) -> None:
    """Refuse to go on with something else.

    Args:
        began: The identity of the run.
        now: That of its continuation.
        inexact: Allow what changes the last bits alone: threads and torch's version.

    Raises:
        TrainingError: If they differ; it names what does.
    """
    if unknown := sorted(set(began) - set(now)):
        raise TrainingError(
            f"the run has {', '.join(unknown)}, which this version of reparam does not know: "
            "resume it with the version that it began with"
        )
    was = {field.name: before(field) for field in fields(Recipe)} | began
    was.setdefault("torch", now["torch"])  # older versions did not record it
    changes = {name for name, value in now.items() if value != was.get(name)}
    if inexact:
        changes -= set(BITS)
    if not changes:
        return
    told = "; ".join(f"{k} was {was.get(k)} and is {v}" for k, v in now.items() if k in changes)
    way = "give what it began with, or start a new run in another folder"
    if changes <= set(BITS):
        way += ", or go on with inexact=True (--inexact), not bit for bit"
    raise TrainingError(f"resume goes on with the run as it began, but {told}: {way}")


def fingerprint(dataset: Dataset) -> str:
    """A name for a data set's content.

    Args:
        dataset: The data set.

    Example:
        >>> fingerprint(Dataset(torch.zeros(3, 2)))
        '3 vectors, e974e4b9'
    """
    digest = hashlib.sha256(repr((dataset.shape, str(dataset.items.dtype))).encode())
    for tensor in chain(dataset.chunks(4096), [dataset.labels]):
        if tensor is not None:
            digest.update(tensor.cpu().contiguous().numpy().data)
    return f"{len(dataset)} {dataset.schema.kind}, {digest.hexdigest()[:8]}"


def _parts(module: nn.Module) -> str:
    """A name for what a module is made of: every part's class, plain values and parameters."""
    parts = [
        (
            name,
            type(part).__qualname__,
            {k: v for k, v in vars(part).items() if _is_plain(v) and k not in PASSING},
            {k: v.tolist() for k, v in part.named_buffers(recurse=False) if v.ndim == 0},
            [(k, list(p.shape), p.requires_grad) for k, p in part.named_parameters(recurse=False)],
        )
        for name, part in module.named_modules()
    ]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode())
    return f"{type(module).__name__} {digest.hexdigest()[:8]}"


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(inner) for inner in value)
    return value is None or isinstance(value, bool | int | float | str)


def _named(augmentation: object) -> object:
    """A function by its name and code, an object by its class and values."""
    if isinstance(augmentation, functools.partial):
        inner = [_named(augmentation.func), *augmentation.args, augmentation.keywords]
        return f"partial({', '.join(map(str, inner))})"
    if inspect.isfunction(augmentation):
        code = augmentation.__code__
        text = hashlib.sha256(code.co_code + repr(code.co_consts).encode()).hexdigest()[:8]
        named = "<" not in augmentation.__name__
        return augmentation.__qualname__ if named else f"a function {text}"
    if augmentation is None or _is_plain(augmentation):
        return augmentation
    values = sorted(getattr(augmentation, "__dict__", {}).items())
    return f"{type(augmentation).__qualname__} {values}"

"""What the commands that go through a latent space share."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import typer
from jaxtyping import Float, Int64
from torch import Tensor

from reparam.artifact import Artifact
from reparam.cli.labels import class_name
from reparam.cli.options import refuse
from reparam.data import Dataset
from reparam.data.memory import check_fits, items_at_once
from reparam.errors import CompositionError, DataError, ReparamError

DECODED = 4096
"""Codes that are decoded at a time, at most."""
LONGEST = 16
"""Letters of a class's name in a picture."""


def unconditional(found: Artifact) -> Any:  # noqa: ANN401
    """A model whose codes can be decoded as they are.

    Args:
        found: The run.

    Raises:
        CompositionError: If its decoder takes conditions beside the code.
    """
    if found.model.conditions:
        raise CompositionError(
            f"the model in {found.path} takes conditions beside the code, and this command has "
            "none to give: decode in Python with model.decode(z, conditions)"
        )
    return found.model


def decoded(model: Any, z: Float[Tensor, "R S *Z"], option: str) -> Float[Tensor, "R S *X"]:  # noqa: ANN401
    r"""What rows of codes decode to, some at a time, on the CPU.

    Args:
        model: The model.
        z: Codes, (R, S, \*Z).
        option: What to give less of where the result does not fit into memory.

    Raises:
        DataError: If it does not.
    """
    codes = z.flatten(0, 1)
    shape = model.decode(codes[:1]).shape[1:]
    needed = 4 * len(codes) * math.prod(shape)
    check_fits(2 * needed, f"{len(codes):,} decoded codes", f"give a smaller {option}")
    parts = [model.decode(some).cpu() for some in codes.split(items_at_once(shape, DECODED))]
    return torch.cat(parts).unflatten(0, z.shape[:2])


def check_items(dataset: Dataset, items: Sequence[int], option: str) -> None:
    """Refuse items that are not in a dataset.

    Args:
        dataset: The items.
        items: Which are asked for, from 0 on.
        option: Where they were given.

    Raises:
        DataError: If one is not there.
    """
    for item in items:
        if item >= len(dataset):
            where = f"{dataset.schema.title}, {dataset.schema.split}"
            raise DataError(
                f"{option} {item} is no item of {where}, which has {len(dataset)}: give 0 to "
                f"{len(dataset) - 1}"
            )


def random_items(items: Int64[Tensor, "N"], n: int, seed: int) -> list[int]:
    """A random choice of items, the same for a seed.

    Args:
        items: What to choose from, (N,).
        n: How many; all of them where there are fewer.
        seed: Of the choice.
    """
    order = torch.randperm(len(items), generator=torch.Generator().manual_seed(seed))
    chosen: list[int] = items[order[:n]].tolist()
    return chosen


def names(dataset: Dataset, items: Sequence[int]) -> list[str]:
    """What items are called in a picture: the index, and below it the class.

    Args:
        dataset: The items.
        items: Which.
    """
    if dataset.labels is None:
        return [f"item {item}" for item in items]
    labels = dataset.labels[list(items)].tolist()
    return [
        f"item {item}\n{short(class_name(dataset, label))}"
        for item, label in zip(items, labels, strict=True)
    ]


def short(name: str) -> str:
    """A name that fits beside a picture.

    Args:
        name: Of any length.
    """
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def numbers(ctx: typer.Context, text: str, option: str, steps: int) -> list[float]:
    """Read numbers: with commas between, or the ends of a range, LOW..HIGH.

    Args:
        ctx: What was given.
        text: The text.
        option: Where it was given.
        steps: How many numbers a range has, evenly spaced.

    Raises:
        ReparamError: If these are no finite numbers, or `--steps` was given without a range.
    """
    low, dots, high = text.partition("..")
    try:
        found = [float(part) for part in ((low, high) if dots else text.split(","))]
    except ValueError:
        found = [math.nan]
    if not all(math.isfinite(value) for value in found):
        raise ReparamError(
            f"{option} takes numbers with commas between, or LOW..HIGH, not {text!r}"
        )
    if not dots:
        refuse(ctx, ["steps"], f"on numbers with commas: give {option} as LOW..HIGH")
        return found
    return [float(value) for value in np.linspace(found[0], found[1], steps)]


def signed(value: float) -> str:
    """A number as the head of a column.

    Args:
        value: Any.
    """
    return f"{value:+.3g}" if round(value, 9) else "0"

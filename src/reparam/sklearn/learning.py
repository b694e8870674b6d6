"""How the scikit-learn face trains: a variant of the zoo, by a recipe for small tables.

AdamW at a constant rate, a look at a held-out part every 50 steps or more, and an end once that
has not become better for a while; the best weights seen stay. Steps are counted, not epochs: rows
of a small table are repeated until a pass over them has 50 steps.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch

from reparam import registry
from reparam.data import Dataset
from reparam.errors import CompositionError
from reparam.families import Family
from reparam.models import VAE
from reparam.objectives import Objective
from reparam.training import fit
from reparam.zoo import ZOO, Variant

LOOK = 50
"""Steps between two looks at the held-out part, unless a pass over the rows has more."""
MEASURED = 512
"""Held-out rows of a small table are repeated up to so many, for less noise."""
WIDTHS = (256,)
"""One hidden layer: on four tables of scikit-learn's a better held-out bound than two."""
INSTEAD = {"latent": "n_components", "widths": "hidden_layer_sizes", "seed": "random_state"}
"""Arguments of the zoo that are parameters of the estimator's."""
STARTS = ("sigma", "scale")
"""What a likelihood may call its first spread, which is 1 for standardised numbers."""


def variant(
    name: str,
    shape: Sequence[int],
    latent: int,
    widths: Sequence[int] | None,
    seed: int,
    arguments: Mapping[str, object],
) -> Variant:
    """A model and its objective: the zoo's own for pictures, with real numbers for vectors.

    Args:
        name: A key of the zoo.
        shape: (D,) or (C, H, W).
        latent: How many dimensions z has.
        widths: Of hidden layers, or `None` for the usual ones.
        seed: Of the weights.
        arguments: The variant's own.

    Raises:
        CompositionError: If there is no such variant, it refuses an argument, or its likelihood
            is one of numbers in [0, 1] and these are vectors.

    Example:
        >>> model, objective = variant("vae", (5,), 2, None, 0, {})
        >>> model.likelihood.family.link
        'identity'
    """
    if name not in ZOO:
        raise CompositionError(f"variant is a name of the zoo, such as 'vae', not {name!r}")
    known = ZOO[name].arguments
    for argument, instead in INSTEAD.items():
        if argument in arguments:
            raise CompositionError(f"variant_params has {argument!r}: give {instead} instead")
    own: dict[str, Any] = {"latent": latent, "seed": seed, **arguments}
    table = len(shape) == 1
    if widths is not None or (table and "widths" in known):
        own["widths"] = tuple(WIDTHS if widths is None else widths)
    if table and "loss" in known:
        own.setdefault("loss", "learned_sigma")
    model, objective = ZOO[name].make(tuple(shape), **own)
    if model.conditions:
        raise CompositionError(f"the variant {name!r} takes labels, which X has none of")
    if table:
        model.likelihood.family = of_real_numbers(cast("Family", model.likelihood.family))
    return Variant(model, objective)


def of_real_numbers(family: Family) -> Family:
    """A likelihood's family whose means are any real numbers, and whose spread starts at 1.

    Args:
        family: A family of the zoo's.

    Raises:
        CompositionError: If it is one of numbers in [0, 1] alone.
    """
    given = registry.arguments(family)
    if "link" not in given:
        raise CompositionError(
            f"a {type(family).__name__} likelihood is one of numbers in [0, 1]: leave the loss, "
            "or take 'learned_sigma', 'pixel_sigma', 'laplace' or 'student_t'; pictures need "
            "image_shape"
        )
    starts = {name: 1.0 for name in STARTS if name in given}
    return type(family)(**{**given, **starts, "link": "identity"})


def repeated(rows: Dataset, least: int) -> Dataset:
    """The rows as often as it takes to have so many.

    Args:
        rows: Any.
        least: How many.

    Example:
        >>> len(repeated(Dataset(torch.rand(3, 2)), 7))
        9
    """
    return rows.subset(torch.arange(len(rows)).repeat(math.ceil(least / len(rows))))


def learn(
    model: VAE,
    objective: Objective,
    rows: Dataset,
    *,
    steps: int,
    batch_size: int,
    rate: float,
    held_out: float | None,
    patience: int | None,
    device: str,
    progress: bool,
    seed: int,
) -> int:
    """Train until the held-out part's bound no longer falls.

    Args:
        model: Is trained in place.
        objective: What trains it.
        rows: What from.
        steps: At most so many, rounded up to whole passes over the rows; 1 for one pass, in which
            the rows of a small table are repeated until they fill a batch.
        batch_size: Rows a step.
        rate: Of learning.
        held_out: Which part of the rows to look at and not to learn from; `None` for none.
        patience: Stop after so many steps without a better look; `None` for never.
        device: Where.
        progress: Whether to show it.
        seed: Of order, noise and the part held out.

    Returns:
        How many steps were made.
    """
    validation = None
    if held_out and len(rows) > 1:
        rows, validation = rows.split(held_out, seed)
        validation = repeated(validation, MEASURED)
    rows = repeated(rows, min(LOOK, steps) * batch_size)
    each = math.ceil(len(rows) / batch_size)
    epochs = math.ceil(steps / each)
    options: dict[str, Any] = {}
    if validation is not None and epochs > 1:
        options["select"] = "best"
        waits = None if patience is None else math.ceil(patience / each)
        options["patience"] = waits if waits is not None and waits < epochs else None
    history = fit(
        model,
        objective,
        rows,
        validation,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=rate,
        schedule="constant",
        device=device,
        progress=progress,
        seed=seed,
        **options,
    )
    return int(history.records[-1]["step"])

"""What a recipe asks of the data and the objective, refused before anything is touched."""

from contextlib import suppress

import torch
from torch import nn

from reparam.data import Dataset
from reparam.domain import check_domain
from reparam.errors import DataError, TrainingError
from reparam.inference import inference, inputs
from reparam.objectives import Objective
from reparam.randomness import seeded
from reparam.training.recipe import Recipe
from reparam.training.spikes import FEWEST
from reparam.training.step import Step


def refuse_what_does_not_compose(
    model: nn.Module, objective: Objective, train: Dataset, validation: Dataset | None = None
) -> None:
    """Refuse parts that do not go together, and data that a model cannot take: by two examples.

    Args:
        model: The model.
        objective: What trains it.
        train: The training set.
        validation: The validation set or `None`.

    Raises:
        CompositionError: If the parts do not go together, or a log-density or a rate is not one
            number for each draw of each example.
        DataError: If the likelihood cannot hold the data.
        NoDensityError: If one of them lacks a density that the objective asks for.
        TrainingError: If the model takes labels, and the data have none or too many.
    """
    classes = getattr(model, "classes", None)
    if getattr(model, "conditions", 0) and train.labels is None:
        raise TrainingError(
            f"the model takes labels, and {train.schema.title} has none: give data with labels"
        )
    if classes is not None and train.labels is not None:
        if train.labels.min() < 0:
            raise TrainingError("the model takes labels, and some items have none (-1)")
        if train.labels.max() >= classes:
            raise TrainingError(
                f"the model takes {classes} classes, and there is a label "
                f"{int(train.labels.max())}: build it with classes={int(train.labels.max()) + 1}"
            )
    step = Step(model, objective)
    with suppress(RuntimeError), inference(step), seeded(0):  # torch's own errors come later
        step(*inputs(model, train.batch(torch.arange(min(2, len(train))))))
        for dataset in filter(None, (train, validation)):
            check_domain(model, dataset)


def refuse_what_does_not_fit(
    recipe: Recipe, objective: Objective, train: Dataset, validation: Dataset | None, steps: int
) -> None:
    """Refuse options that cannot be met or have no effect.

    Args:
        recipe: The recipe.
        objective: What it trains.
        train: The training set.
        validation: The validation set or `None`.
        steps: How many steps training takes.

    Raises:
        TrainingError: If an option cannot be met or has no effect.
        DataError: If train and validation differ in shape.
    """
    if validation is not None and validation.shape != train.shape:
        raise DataError(
            f"train has items of {tuple(train.shape)}, validation of {tuple(validation.shape)}: "
            "give validation of train's shape"
        )
    if objective.scheduled_steps > steps:
        raise TrainingError(
            f"a weight of the objective is final only after {objective.scheduled_steps} steps, "
            f"but training takes {steps}: shorten its schedule or train for more epochs"
        )
    critics = [p for p in objective.parameters() if p.requires_grad]
    for name in ("critic_learning_rate", "critic_clip"):
        if getattr(recipe, name) is not None and not critics:
            raise TrainingError(f"{name} has no effect: the objective has no critic")
    if validation is None and (recipe.select == "best" or recipe.patience is not None):
        raise TrainingError(
            "select='best' and patience look at a validation set: give one (--validation 0.1)"
        )
    each = steps // recipe.epochs
    counting = sum(n * each >= objective.scheduled_steps for n in range(1, recipe.epochs + 1))
    if recipe.select == "best" and counting < 2:
        raise TrainingError(
            f"select='best' has no effect: of {recipe.epochs} epochs {counting} comes after every "
            "weight's warm-up; train for more, or leave it"
        )
    if recipe.skip_spikes is not None and steps <= FEWEST:
        raise TrainingError(
            f"skip_spikes has no effect on {steps} steps: it learns what is usual from {FEWEST}"
        )

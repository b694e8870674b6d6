"""What a recipe asks of the data and the objective, refused before anything is touched."""

from reparam.data import Dataset
from reparam.errors import DataError, TrainingError
from reparam.objectives import Objective
from reparam.training.recipe import Recipe
from reparam.training.spikes import FEWEST


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

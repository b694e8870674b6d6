"""Whose parameters are whose: the model's, and those of the objective's critics."""

from typing import Any

from reparam.training.recipe import Recipe
from reparam.training.step import Step


def players(step: Step, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameter groups, one a player, each with its own learning rate.

    Args:
        step: The model and its objective.
        recipe: Their learning rates.
    """
    model = [p for p in step.model.parameters() if p.requires_grad]
    mine = {id(p) for p in model}
    critics = [p for p in step.objective.parameters() if p.requires_grad and id(p) not in mine]
    groups = [
        {"name": "model", "params": model, "lr": recipe.rate},
        {"name": "critic", "params": critics, "lr": recipe.critic_rate},
    ]
    return [group for group in groups if group["params"]]

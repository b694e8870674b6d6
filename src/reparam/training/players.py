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
    groups = (
        ("model", model, recipe.rate, recipe.clip),
        ("critic", critics, recipe.critic_rate, recipe.critic_clip),
    )
    return [
        {"name": name, "params": params, "lr": rate, "clip": clip}
        for name, params, rate, clip in groups
        if params
    ]

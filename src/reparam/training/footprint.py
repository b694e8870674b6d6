"""How large a model is, and about how much memory its training takes."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reparam.data import Dataset
from reparam.inference import inference, inputs
from reparam.objectives import Objective
from reparam.randomness import seeded
from reparam.training.recipe import Recipe

MIB = 2**20
STATES = 4
"""Numbers kept for each parameter: itself, its gradient, and an optimizer's two moments."""


@dataclass(frozen=True)
class Footprint:
    """What a training takes.

    Args:
        parameters: How many numbers are learned.
        weights: Bytes of these, their gradients and the optimizer's state.
        activations: About how many bytes one piece of a batch leaves for the way back.
    """

    parameters: int
    weights: int
    activations: int

    def __str__(self) -> str:
        """One line."""
        total = (self.weights + self.activations) / MIB
        return f"{self.parameters:,} parameters, about {total:,.0f} MiB to train beside the data"


def footprint(model: nn.Module, objective: Objective, train: Dataset, recipe: Recipe) -> Footprint:
    r"""Measure what one example leaves behind, and multiply.

    .. math:: B \Big(\sum_l a_l + 2 \max_l a_l\Big), \quad
        a_l \text{ the bytes that layer } l \text{ gives for one example}

    Args:
        model: The model.
        objective: What trains it.
        train: What it is trained on.
        recipe: How.
    """
    sizes: list[int] = []

    def keep(_: nn.Module, given: tuple[object, ...], output: object) -> None:
        seen = {part.data_ptr() for part in given if isinstance(part, Tensor)}
        if isinstance(output, Tensor) and output.data_ptr() not in seen:  # no view
            sizes.append(output.numel() * output.element_size())

    leaves = [part for part in model.modules() if not any(part.children())]
    hooks = [part.register_forward_hook(keep) for part in leaves]
    batch = inputs(model, train.batch(torch.arange(1)))
    try:
        with inference(model), seeded(0):
            model(*batch, samples=objective.samples)
    finally:
        for hook in hooks:
            hook.remove()
    pieces = recipe.accumulate if isinstance(recipe.accumulate, int) else 1
    size = math.ceil(min(recipe.batch_size, len(train)) / pieces)
    learned = [p for p in (*model.parameters(), *objective.parameters()) if p.requires_grad]
    return Footprint(
        sum(p.numel() for p in learned),
        STATES * sum(p.numel() * p.element_size() for p in learned),
        size * (sum(sizes) + 2 * max(sizes, default=0)),
    )

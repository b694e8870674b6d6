"""How large a model is, how much memory its training takes, and whether there is so much."""

import math
import warnings
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reparam.data import Dataset
from reparam.data.memory import GIB, available
from reparam.errors import MemoryWarning, TrainingError
from reparam.inference import inference, inputs
from reparam.objectives import Objective
from reparam.randomness import seeded
from reparam.training.recipe import Recipe

MIB = 2**20
UNMEASURED = 1.5
"""How much more than measured a training may take: gradients, buffers, what terms compute."""
ROOM = 0.8
"""The share of free memory that a suggestion fills."""
STATES = 4
"""Numbers kept for each parameter: itself, its gradient, and an optimizer's two moments."""


@dataclass(frozen=True)
class Footprint:
    """What a training takes.

    Args:
        parameters: How many numbers are learned.
        weights: Bytes of these, their gradients and the optimizer's state.
        activations: About how many bytes one piece of a batch leaves for the way back.
        example: The same for one example.
    """

    parameters: int
    weights: int
    activations: int
    example: int = 0

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
        sum(sizes) + 2 * max(sizes, default=0),
    )


def check_memory(
    found: Footprint, train: Dataset, recipe: Recipe, free: int | None, devices: int = 1
) -> None:
    """Refuse a training that cannot fit into memory, and warn of one that may not.

    The footprint is less than what a training takes: where that alone does not fit, nothing does.

    Args:
        found: What the training takes, measured.
        train: What is trained on.
        recipe: How.
        free: How many bytes there are; `None` where that is not known.
        devices: Over how many memories a batch is spread.

    Raises:
        TrainingError: If it cannot fit.
    """
    if free is None:
        return
    narrow = 2 if recipe.precision != "no" else 1
    fixed = 0 if recipe.shard else found.weights  # of which each process then has a part
    auto = recipe.accumulate == "auto"
    example = found.example // narrow
    least = fixed + (example if auto else found.activations // narrow // devices)
    if UNMEASURED * least <= free:
        return
    has = f"{free / GIB:.1f} GiB of memory are free"
    examples = min(recipe.batch_size, len(train)) // devices
    pieces = math.ceil(examples * example / max(ROOM * free / UNMEASURED - fixed, 1))
    remedies = ["take smaller images with size=(height, width) (--size HEIGHT WIDTH)"]
    if len(train.shape) != 3:
        remedies = ["use a smaller model"]
    if not auto and pieces <= examples and pieces > 1:
        remedies.append(f"take a step in pieces with accumulate={pieces} (--accumulate {pieces})")
    needs = f"training needs {least / GIB:.1f} GiB or more"
    if least > free:
        raise TrainingError(f"{needs}, and {has}: {', or '.join(remedies)}")
    warnings.warn(
        f"{needs}, and {has}, which may not be enough: {', or '.join(remedies)}",
        MemoryWarning,
        stacklevel=3,
    )


def free_memory(device: torch.device) -> int | None:
    """How many bytes of memory are free on a device; `None` where that is not known.

    Args:
        device: Where training happens.
    """
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory()
    return available() if device.type == "cpu" else None

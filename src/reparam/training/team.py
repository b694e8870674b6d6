"""The processes that train one model together; most often a single one."""

import os
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch import Tensor

from reparam.data import Batches, Dataset
from reparam.errors import TrainingError
from reparam.training.recipe import Recipe


def is_main() -> bool:
    """Whether this process is the one that writes and speaks; asked before training starts.

    Example:
        >>> is_main()
        True
    """
    return int(os.environ.get("RANK", "0")) == 0


class Team:
    """What the processes must do together. With one process everything is free.

    Args:
        accelerator: Where to train.
    """

    def __init__(self, accelerator: Accelerator) -> None:
        self.accelerator = accelerator
        self.size: int = accelerator.num_processes
        self.rank: int = accelerator.process_index

    @property
    def main(self) -> bool:
        """Whether this process writes."""
        return self.rank == 0

    def sum(self, values: Tensor) -> Tensor:
        """The sum over all processes, on each.

        Args:
            values: Of the same shape on each.
        """
        if self.size == 1:
            return values
        total: Tensor = self.accelerator.reduce(values.to(self.accelerator.device), "sum")
        return total

    def any(self, flag: bool) -> bool:
        """Whether it is so on any of the processes.

        Args:
            flag: Whether it is so here.
        """
        return flag if self.size == 1 else bool(self.sum(torch.tensor(float(flag))) > 0)

    def gather(self, value: Any) -> list[Any]:  # noqa: ANN401
        """Each process's own value, in order, on all.

        Args:
            value: A plain value or tensors on the CPU.
        """
        return [value] if self.size == 1 else list(gather_object([value]))

    def wait(self) -> None:
        """Until all are here."""
        if self.size > 1:
            self.accelerator.wait_for_everyone()


def shared(train: Dataset, recipe: Recipe, team: Team) -> Batches:
    """This process's part of each batch, in an order that all of them share.

    Args:
        train: The training set.
        recipe: Says how many examples a step takes over all processes.
        team: The processes.

    Raises:
        TrainingError: If a batch does not fall into equal parts.
    """
    if recipe.batch_size % team.size:
        raise TrainingError(
            f"a batch of {recipe.batch_size} does not fall into {team.size} equal parts, one for "
            "each process: give a multiple"
        )
    if recipe.shard and team.size == 1:
        raise TrainingError(
            "shard has no effect on one process: start several with torchrun, or leave it"
        )
    if recipe.accumulate == "auto" and team.size > 1:
        raise TrainingError(
            "accumulate='auto' is found by each process alone: with several give a number"
        )
    size = min(recipe.batch_size, len(train)) // team.size
    if recipe.accumulate != "auto" and int(recipe.accumulate) > size:
        raise TrainingError(
            f"accumulate cuts {size} examples into {recipe.accumulate} pieces: give at most {size}"
        )
    order = torch.Generator().manual_seed(recipe.seed)
    return Batches(train, max(size, 1), order, rank=team.rank, world=team.size)

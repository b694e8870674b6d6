"""One epoch's batches: a permutation, cut into pieces."""

from collections.abc import Iterator

import torch
from torch import Tensor

from reparam.data.dataset import Dataset
from reparam.errors import DataError


class Batches:
    """A dataset's batches, in order or shuffled; every iteration is one epoch.

    With several processes each takes every `world`-th item of the one permutation, so that the
    processes' k-th batches together are the k-th batch of a single process with `world` times the
    batch size. All take equally many: of an epoch at most `world - 1` items are left out.

    Args:
        dataset: The items.
        batch_size: How many to a batch, on each process.
        generator: The CPU generator that shuffles; each epoch draws one permutation from it. With
            `None` the items come in order.
        drop_last: Whether to leave out a last batch that is smaller.
        rank: Which process this is.
        world: How many there are.

    Raises:
        DataError: If a number makes no sense, or no batch would be left.

    Example:
        >>> batches = Batches(Dataset(torch.rand(10, 3)), batch_size=4)
        >>> [len(pixels) for (pixels,) in batches]
        [4, 4, 2]
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        generator: torch.Generator | None = None,
        drop_last: bool = False,
        *,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        if batch_size < 1:
            raise DataError(f"the batch size is {batch_size}: give at least 1")
        if not 0 <= rank < world:
            raise DataError(f"rank {rank} is not one of {world} processes: give 0 to {world - 1}")
        if generator is not None and generator.device.type != "cpu":
            raise DataError(
                f"the generator that shuffles is on {generator.device}: give one on the CPU, "
                "so that the order is the same on every device"
            )
        self.dataset = dataset
        self.batch_size = batch_size
        self.generator = generator
        self.drop_last = drop_last
        self.rank = rank
        self.world = world
        if len(self) == 0:
            raise DataError(
                f"{len(dataset)} items give {world} process(es) no batch of {batch_size}: "
                "give a smaller batch size or more items"
            )

    def __len__(self) -> int:
        if self.drop_last:
            return self._items() // self.batch_size
        return -(-self._items() // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        return self.after(0)

    def after(self, batches: int) -> Iterator[tuple[Tensor, ...]]:
        """An epoch without its first batches, which are not gathered.

        Args:
            batches: How many were seen before.
        """
        pieces = self._order().split(self.batch_size)
        return map(self.dataset.batch, pieces[batches : len(self)])

    def _items(self) -> int:
        """How many items each process sees in an epoch."""
        return len(self.dataset) // self.world

    def _order(self) -> Tensor:
        if self.generator is None:
            order = torch.arange(len(self.dataset))
        else:
            order = torch.randperm(len(self.dataset), generator=self.generator)
        return order[self.rank :: self.world][: self._items()].to(self.dataset.items.home)

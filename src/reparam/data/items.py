"""Where the numbers of a dataset lie: in a tensor, or in a file that is read piece by piece.

A dataset asks two things of them: some items by their indices, and a choice of items as a new
whole. What lies on disk is mapped into memory, and the pages that were read are handed back to
the system as one goes: a pass over any number of items needs the memory of a few batches.
"""

import mmap
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from reparam.data.memory import check_fits

KEPT = 2**26
"""Bytes that may be read before their pages are handed back."""


class Items(ABC):
    """N arrays of one shape and type. Abstract.

    Args:
        shape: One item's shape.
        dtype: Of the numbers as they are stored.
        device: Where what is taken comes to lie.
    """

    def __init__(
        self, shape: tuple[int, ...], dtype: torch.dtype, device: torch.device | str
    ) -> None:
        self.shape, self.dtype, self.device = shape, dtype, torch.device(device)

    @abstractmethod
    def __len__(self) -> int: ...

    @property
    @abstractmethod
    def home(self) -> torch.device:
        """Where indices should lie."""

    @abstractmethod
    def take(self, indices: Int64[Tensor, " n"]) -> Tensor:
        """Some items, (n, *shape), in the order asked for.

        Args:
            indices: (n,) which ones.
        """

    @abstractmethod
    def select(self, indices: Int64[Tensor, " n"]) -> "Items":
        """A choice of the items, in the order asked for.

        Args:
            indices: (n,) which ones.
        """

    @abstractmethod
    def to(self, device: torch.device | str) -> "Items":
        """The same items for another device.

        Args:
            device: Which one.
        """

    @abstractmethod
    def whole(self) -> Tensor:
        """All items as one tensor, (N, *shape)."""

    def chunks(self, size: int) -> Iterator[Tensor]:
        """All items, some at a time.

        Args:
            size: How many at a time.
        """
        for start in range(0, len(self), size):
            stop = min(start + size, len(self))
            yield self.take(torch.arange(start, stop, device=self.home))


class InMemory(Items):
    """Items that are one tensor.

    Args:
        pixels: (N, *shape).

    Example:
        >>> items = InMemory(torch.arange(6).reshape(3, 2))
        >>> items.take(torch.tensor([2, 0])).tolist()
        [[4, 5], [0, 1]]
    """

    def __init__(self, pixels: Tensor) -> None:
        super().__init__(tuple(pixels.shape[1:]), pixels.dtype, pixels.device)
        self.pixels = pixels

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def home(self) -> torch.device:
        """Where the tensor lies."""
        return self.device

    def take(self, indices: Int64[Tensor, " n"]) -> Tensor:
        """Some items."""
        return self.pixels.index_select(0, indices.to(self.device))

    def select(self, indices: Int64[Tensor, " n"]) -> "InMemory":
        """A copy of some items."""
        return InMemory(self.pixels[indices.to(self.device)])

    def to(self, device: torch.device | str) -> "InMemory":
        """The tensor on another device."""
        return InMemory(self.pixels.to(device))

    def whole(self) -> Tensor:
        """The tensor."""
        return self.pixels


class OnDisk(Items):
    """Items in an `.npy` file, of which only what is asked for is read.

    Args:
        place: The file.
        chosen: (N,) which of the file's items these are; all by default.
        device: Where what is taken comes to lie.
    """

    def __init__(
        self,
        place: Path,
        chosen: Int64[Tensor, " N"] | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        self.place = place
        self._array: np.memmap = np.lib.format.open_memmap(place, mode="r")
        self._read = 0
        self.chosen = torch.arange(len(self._array)) if chosen is None else chosen
        dtype = torch.from_numpy(np.empty(0, self._array.dtype)).dtype
        super().__init__(self._array.shape[1:], dtype, device)

    def __len__(self) -> int:
        return len(self.chosen)

    @property
    def home(self) -> torch.device:
        """The CPU."""
        return torch.device("cpu")

    def take(self, indices: Int64[Tensor, " n"]) -> Tensor:
        """Some items, read from the file."""
        rows = self.chosen[indices.cpu()].numpy()
        found = torch.from_numpy(np.take(self._array, rows, axis=0).view(np.ndarray))
        self._read += found.numel() * found.element_size()
        if self._read > KEPT:
            self._release()
        return found.to(self.device, non_blocking=True)

    def select(self, indices: Int64[Tensor, " n"]) -> "OnDisk":
        """A choice of the items, of which none is read."""
        return OnDisk(self.place, self.chosen[indices.cpu()], self.device)

    def to(self, device: torch.device | str) -> "OnDisk":
        """The same items; what is taken goes to another device."""
        return OnDisk(self.place, self.chosen, device)

    def whole(self) -> Tensor:
        """All items in memory.

        Raises:
            DataError: If they do not fit.
        """
        needed = len(self) * int(np.prod(self.shape)) * self.dtype.itemsize
        check_fits(needed, f"all {len(self):,} items at once", "take fewer, or go batch by batch")
        return self.take(torch.arange(len(self)))

    def _release(self) -> None:
        """Hand the pages that were read back to the system, where it has a way to say so."""
        self._read = 0
        mapped = self._array._mmap  # type: ignore[attr-defined]
        if hasattr(mapped, "madvise"):
            mapped.madvise(mmap.MADV_DONTNEED)


def joined(first: Items, second: Items) -> Items:
    """Two choices of items, one after the other.

    Args:
        first: The one.
        second: The other, of the same shape and type.
    """
    if isinstance(first, OnDisk) and isinstance(second, OnDisk) and first.place == second.place:
        return OnDisk(first.place, torch.cat([first.chosen, second.chosen]), first.device)
    return InMemory(torch.cat([first.whole(), second.whole()]))

"""Items in one tensor, with labels where there are any, and a schema that says what they are.

A tensor lies where training happens, so that a batch is one gather on the device and no item
passes through Python. Pictures decoded from files stay on disk (`items.OnDisk`), and whoever asks
for a batch, a part or a chunk does not see the difference; `tensor` and `pixels` read all.
"""

import copy
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from reparam.data.items import InMemory, Items
from reparam.data.memory import check_fits
from reparam.data.schema import KINDS, Schema
from reparam.errors import DataError

DTYPES = {torch.uint8: "uint8", torch.float32: "float32"}


class Dataset:
    """Pictures or vectors with optional labels.

    Args:
        pixels: (N, C, H, W) or (N, D); uint8, or float32 in [0, 1]. Where the schema says that
            values are real, any finite float32. Or `Items` that have been checked.
        labels: (N,) int64 from 0 on, -1 where an item has none; or `None`.
        schema: What the items are; by default an array without a source.

    Raises:
        DataError: If shapes, types or values are not as said.

    Example:
        >>> grey = Dataset(torch.full((5, 1, 4, 4), 51, dtype=torch.uint8), torch.arange(5))
        >>> grey
        Dataset(5 pictures of (1, 4, 4), array, all)
        >>> pixels, labels = grey.batch(torch.tensor([3, 1]))
        >>> pixels.shape, round(pixels.mean().item(), 2), labels.tolist()
        (torch.Size([2, 1, 4, 4]), 0.2, [3, 1])
    """

    def __init__(
        self,
        pixels: Tensor | Items,
        labels: Tensor | None = None,
        schema: Schema | None = None,
    ) -> None:
        if isinstance(pixels, Tensor):
            _check_pixels(pixels, "unit" if schema is None else schema.values)
            pixels = InMemory(pixels)
        if labels is not None:
            _check_labels(labels, len(pixels))
            labels = labels.to(pixels.device)
        shape = pixels.shape
        dtype = DTYPES[pixels.dtype]
        if schema is None:
            schema = Schema("array", "all", KINDS[len(shape)], shape, dtype)
        if (schema.shape, schema.dtype) != (shape, dtype):
            raise DataError(
                f"the schema says {schema.dtype} of {schema.shape}, the pixels are {dtype} of "
                f"{shape}: give the schema of these pixels"
            )
        self.items = pixels
        self.labels = labels
        self.schema = schema

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        schema = self.schema
        what = f"{len(self)} {schema.kind} of {schema.shape}"
        return f"Dataset({what}, {schema.title}, {schema.split})"

    @property
    def shape(self) -> tuple[int, ...]:
        """One item's shape: (C, H, W) or (D,)."""
        return self.schema.shape

    @property
    def device(self) -> torch.device:
        """Where batches come to lie."""
        return self.items.device

    @property
    def pixels(self) -> Tensor:
        """All items as they are stored, uint8 or float32: (N, C, H, W) or (N, D)."""
        return self.items.whole()

    def chunks(self, size: int) -> Iterator[Tensor]:
        """All items as they are stored, some at a time.

        Args:
            size: How many at a time.
        """
        return self.items.chunks(size)

    def batch(self, indices: Int64[Tensor, " B"]) -> tuple[Tensor, ...]:
        """Gather items, as float32 in [0, 1], with their labels if there are any.

        Args:
            indices: (B,) which ones.

        Returns:
            `(pixels,)` or `(pixels, labels)`: (B, C, H, W) or (B, D), and (B,).
        """
        pixels = _as_float(self.items.take(indices))
        if self.labels is None:
            return (pixels,)
        return pixels, self.labels.index_select(0, indices.to(self.device))

    def tensor(self) -> Float[Tensor, "N *shape"]:
        """All items as one float32 tensor in [0, 1].

        Raises:
            DataError: If they lie on disk and do not fit into memory.
        """
        if not isinstance(self.items, InMemory):
            needed = 4 * len(self) * math.prod(self.shape)
            check_fits(needed, f"all {len(self):,} items", "take fewer, or go batch by batch")
        return _as_float(self.pixels)

    def to(self, device: torch.device | str) -> "Dataset":
        """The same dataset, lying on a device; batches are then gathered there.

        Args:
            device: Where to.
        """
        labels = None if self.labels is None else self.labels.to(device)
        return self._with(self.items.to(device), labels)

    def described(self, **changes: Any) -> "Dataset":  # noqa: ANN401
        """The same items with other words in the schema.

        Args:
            changes: Fields of the schema.
        """
        other = copy.copy(self)
        other.schema = replace(self.schema, **changes)
        return other

    def subset(self, indices: Int64[Tensor, " n"] | Bool[Tensor, " N"]) -> "Dataset":
        """Some of the items, in the order asked for.

        Args:
            indices: (n,) which ones, or (N,) whether.

        Raises:
            DataError: If there are none, or one is not an item.
        """
        if indices.dtype == torch.bool:
            indices = indices.nonzero().flatten()
        if len(indices) == 0:
            raise DataError("a subset of no items was asked for: ask for at least one")
        low, high = (int(end) for end in torch.aminmax(indices))
        if low < -len(self) or high >= len(self):
            worst = high if high >= len(self) else low
            raise DataError(f"item {worst} was asked for and there are {len(self)}: ask for less")
        labels = None if self.labels is None else self.labels[indices.to(self.device)]
        return self._with(self.items.select(indices), labels)

    def split(self, fraction: float, seed: int) -> tuple["Dataset", "Dataset"]:
        """Hold out a random part: a function of the seed and the number of items alone.

        Args:
            fraction: How much to hold out, between 0 and 1; at least one item.
            seed: Which part.

        Returns:
            The rest and the part held out, each in the order of the source.

        Raises:
            DataError: If the fraction is not between 0 and 1, or leaves nothing.

        Example:
            >>> rest, held_out = Dataset(torch.rand(10, 2)).split(0.3, seed=0)
            >>> len(rest), len(held_out)
            (7, 3)
        """
        if not 0 < fraction < 1:
            raise DataError(f"the part to hold out is {fraction}: give one between 0 and 1")
        count = max(1, round(fraction * len(self)))
        if count >= len(self):
            raise DataError(
                f"holding out {fraction} of {len(self)} items leaves none: give more items"
            )
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed))
        return self.subset(order[count:].sort().values), self.subset(order[:count].sort().values)

    def take(self, n: int) -> "Dataset":
        """The first items.

        Args:
            n: How many; all where there are fewer.

        Raises:
            DataError: If `n` is not positive.
        """
        if n < 1:
            raise DataError(f"the first {n} items were asked for: ask for at least one")
        return self[:n]

    def __getitem__(self, which: slice) -> "Dataset":
        if not isinstance(which, slice):
            raise DataError(
                f"dataset[{which!r}] is not a slice: use dataset[i:j], dataset.subset(indices) or "
                "Batches(dataset, batch_size)"
            )
        span = range(len(self))[which]
        if len(span) == len(self) and span.step == 1:
            return self
        return self.subset(torch.tensor(span, dtype=torch.int64))

    def _with(self, items: Items, labels: Tensor | None) -> "Dataset":
        """A copy with other items that need no second check of every value."""
        other = copy.copy(self)
        other.items, other.labels = items, labels
        return other


def _as_float(pixels: Tensor) -> Tensor:
    return pixels if pixels.dtype == torch.float32 else pixels.to(torch.float32).div_(255)


def _check_pixels(pixels: Tensor, values: str) -> None:
    if pixels.dtype not in DTYPES:
        raise DataError(f"the pixels are {pixels.dtype}: give torch.uint8 or torch.float32")
    if pixels.ndim not in (2, 4):
        raise DataError(
            f"the pixels have the shape {tuple(pixels.shape)}: give (N, C, H, W) or (N, D)"
        )
    if pixels.numel() == 0:
        raise DataError(f"there are no pixels in {tuple(pixels.shape)}: give at least one item")
    if values == "real":
        _check_finite(pixels)
    elif pixels.dtype == torch.float32:
        low, high = torch.aminmax(pixels.detach())
        if not (low >= 0 and high <= 1):
            wrong = ~((pixels >= 0) & (pixels <= 1))
            index = tuple(wrong.nonzero()[0].tolist())
            raise DataError(
                f"pixel {index} is {pixels[index].item():g}: pixels must lie in [0, 1], so "
                "rescale them (bytes of 0 to 255 may stay uint8)"
            )


def _check_finite(pixels: Tensor) -> None:
    finite = pixels.isfinite()
    if not finite.all():
        index = tuple((~finite).nonzero()[0].tolist())
        raise DataError(f"value {index} is {pixels[index].item():g}: give finite numbers")


def _check_labels(labels: Tensor, count: int) -> None:
    if labels.dtype != torch.int64:
        raise DataError(f"the labels are {labels.dtype}: give integers (torch.int64)")
    if labels.shape != (count,):
        raise DataError(
            f"there are {count} items and labels of shape {tuple(labels.shape)}: "
            f"give one label for each item, ({count},)"
        )
    if labels.min() < -1:
        raise DataError(
            f"a label is {int(labels.min())}: labels count from 0, and -1 means that there is none"
        )

"""What there is, and what a dataset holds, as plain dictionaries."""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from reparam.data import places
from reparam.data.batches import Batches
from reparam.data.builtin import NAMED, NamedSet
from reparam.data.dataset import Dataset

CHUNK = 4096


def catalogue() -> list[dict[str, Any]]:
    """List the built-in sets, and where each was found on this machine.

    Nothing is read, checked or downloaded.

    Returns:
        For each set its `name`, `title`, `counts` by split, `classes`, `licence`, and `found`: a
        place, or `None` where `load` would have to download it.

    Example:
        >>> [entry["name"] for entry in catalogue()]
        ['fashion-mnist-subset', 'fashion-mnist', 'mnist']
    """
    return [
        {
            "name": named.name,
            "title": named.title,
            "counts": dict(named.counts),
            "classes": list(named.classes),
            "licence": named.licence,
            "found": _found(named),
        }
        for named in NAMED.values()
    ]


def _found(named: NamedSet) -> str | None:
    if not named.checksums:
        return "inside the package"
    place = places.find(named)
    return None if place is None else str(place)


def describe(dataset: Dataset) -> dict[str, Any]:
    """Say what a dataset holds.

    Args:
        dataset: The items.

    Returns:
        `name`, `title`, `split`, `kind`, `shape`, `dtype`, `count`, `classes` (how many items of
        each; `None` without labels), the `minimum`, `maximum` and `mean` pixel in [0, 1], and the
        `entropy_floor` in nats per example.

    Example:
        >>> facts = describe(Dataset(torch.full((2, 3), 0.5), torch.tensor([0, 1])))
        >>> facts["classes"], round(facts["entropy_floor"], 3)
        ({'0': 1, '1': 1}, 2.079)
    """
    schema = dataset.schema
    low, high = _extremes(dataset)
    scale = 255 if schema.dtype == "uint8" else 1
    total = sum(float(part.sum(dtype=torch.float64)) for part in dataset.chunks(CHUNK))
    return {
        "name": schema.name,
        "title": schema.title,
        "split": schema.split,
        "kind": schema.kind,
        "shape": list(schema.shape),
        "dtype": schema.dtype,
        "count": len(dataset),
        "classes": _class_counts(dataset),
        "minimum": low / scale,
        "maximum": high / scale,
        "mean": total / scale / (len(dataset) * math.prod(dataset.shape)),
        "entropy_floor": entropy_floor(dataset),
    }


def _extremes(dataset: Dataset) -> tuple[float, float]:
    """The smallest and the largest number."""
    found = [torch.aminmax(part) for part in dataset.chunks(CHUNK)]
    return min(float(low) for low, _ in found), max(float(high) for _, high in found)


def entropy_floor(dataset: Dataset) -> float:
    r"""The pixels' own entropy, which no binary cross-entropy goes below, in nats per example.

    .. math:: \frac{1}{N} \sum_n \sum_d - x_{nd} \log x_{nd} - (1 - x_{nd}) \log (1 - x_{nd})

    Args:
        dataset: The items, N of them.

    Example:
        >>> round(entropy_floor(Dataset(torch.tensor([[0.5, 0.0], [0.5, 1.0]]))), 4)
        0.6931
    """
    if dataset.items.dtype == torch.uint8:
        levels = torch.arange(256, dtype=torch.float64) / 255
        counts = sum(
            torch.bincount(part.flatten(), minlength=256) for part in dataset.chunks(CHUNK)
        )
        return float((counts * _binary_entropy(levels).to(dataset.device)).sum()) / len(dataset)
    parts = (float(_binary_entropy(part.double()).sum()) for part in dataset.chunks(CHUNK))
    return sum(parts) / len(dataset)


def pixel_entropy(dataset: Dataset) -> Float[Tensor, "N"]:
    r"""Each item's own entropy, which its binary cross-entropy does not go below, in nats.

    .. math:: \sum_d - x_d \log x_d - (1 - x_d) \log (1 - x_d)

    Args:
        dataset: The items, N of them.

    Example:
        >>> pixel_entropy(Dataset(torch.tensor([[0.5, 0.0], [0.5, 0.5]]))).round(decimals=4)
        tensor([0.6931, 1.3863], dtype=torch.float64)
    """
    parts = [batch[0].double().flatten(1) for batch in Batches(dataset, CHUNK)]
    return torch.cat([_binary_entropy(part).sum(1).cpu() for part in parts])


def _binary_entropy(x: Tensor) -> Tensor:
    return torch.special.entr(x) + torch.special.entr(1 - x)


def _class_counts(dataset: Dataset) -> dict[str, int] | None:
    if dataset.labels is None:
        return None
    classes = dataset.schema.classes
    labels, counts = torch.unique(dataset.labels, return_counts=True)
    found = dict(zip(labels.tolist(), counts.tolist(), strict=True))
    if classes is None:
        return {str(label): count for label, count in found.items()}
    return {name: found.get(label, 0) for label, name in enumerate(classes)}

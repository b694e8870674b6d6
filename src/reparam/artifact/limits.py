"""What a folder from a stranger may make this machine build, measured against its weights.

A configuration of a few kilobytes can name a distribution of a billion numbers, a hundred
thousand layers, or a part that holds another twice, thirty times over. Weights cannot pretend: a
tensor that a file does not hold cannot be restored. So whatever is built is bounded by what the
file holds, before anything is allocated.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from reparam.errors import ArtifactError

MIB = 2**20
DEPTH = 100
"""How deep a configuration may be nested; a model of the zoo is nested about ten deep."""
PARTS = 10_000
"""How many parts a model may have, each counted as often as it is reached."""
NAMES = 100_000
"""How many names its tensors may have together."""


class Limits(TorchDispatchMode):
    """Inside, tensors are made only while they are within limits.

    The size of a tensor is computed before it is allocated.

    Args:
        what: What is built, and where, for the refusal.
        total: How many bytes may be allocated, added up over all tensors.
        operations: How many of torch's operations may be run.
        largest: How many bytes a single tensor may take; by default the total.

    Example:
        >>> with Limits("an example", total=1000, operations=10):
        ...     torch.zeros(1000)
        Traceback (most recent call last):
        reparam.errors.ArtifactError: an example would take more than ...
    """

    def __init__(self, what: str, total: int, operations: int, largest: int | None = None) -> None:
        super().__init__()
        self.what, self.total, self.operations = what, total, operations
        self.largest = total if largest is None else largest
        self.allocated = self.run = 0

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run one operation if what it makes is within the limits."""
        kwargs = kwargs or {}
        self.run += 1
        size = _size(func, args, kwargs) if _allocates(func) else 0
        self.allocated += size
        limit = self.largest if size > self.largest else self.total
        if size > self.largest or self.allocated > self.total or self.run > self.operations:
            raise ArtifactError(
                f"{self.what} would take more than {max(limit // MIB, 1):,} MiB or "
                f"{self.operations:,} steps to build, and its weights are far smaller: it was "
                "altered or comes from another run"
            )
        return func(*args, **kwargs)


@functools.cache
def _allocates(func: Any) -> bool:  # noqa: ANN401
    """Whether an operation makes a new tensor: neither a view nor in place."""
    return any(found.alias_info is None for found in func._schema.returns)


def _size(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:  # noqa: ANN401
    """How many bytes an operation would allocate, by torch's own rules of shapes."""
    names = {argument.name for argument in func._schema.arguments}
    given = dict(kwargs)
    given |= {"device": torch.device("meta")} if "device" in names else {}
    given |= {"generator": None} if "generator" in names else {}
    try:
        made = func(*tree_map_only(Tensor, _shape, args), **tree_map_only(Tensor, _shape, given))
    except Exception:  # its shape depends on numbers, or it refuses: then so does the real one
        return 0
    return sum(_bytes(part) for part in (made if isinstance(made, tuple | list) else [made]))


def _shape(tensor: Tensor) -> Tensor:
    return torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")


def _bytes(value: object) -> int:
    return value.numel() * value.element_size() if isinstance(value, Tensor) else 0


def for_weights(what: str, tensors: Mapping[str, Tensor]) -> Limits:
    """What may be built to restore some weights into.

    Args:
        what: What is built, and where, for the refusal.
        tensors: The weights by name.
    """
    held = sum(4 * tensor.numel() for tensor in tensors.values())
    return Limits(what, total=256 * MIB + 8 * held, operations=5_000 + 50 * len(tensors))


def for_pass(what: str, model: nn.Module, numbers: int) -> Limits:
    """What one pass of one item through a model may take.

    Args:
        what: What is tried, and where, for the refusal.
        model: The model.
        numbers: How many numbers an item has.
    """
    held = sum(_bytes(part) for part in model.parameters())
    largest = min(MIB + 256 * held + 4096 * numbers, 256 * MIB + 8 * held)
    return Limits(what, total=4096 * MIB + 64 * held, operations=200_000, largest=largest)


def check_trees(trees: Iterable[object], what: str) -> None:
    """Refuse trees that are nested too deeply, or reach too many parts.

    A shared part counts as often as it is reached: thirty parts, each of which holds the one
    before twice, are a billion.

    Args:
        trees: From `describe_all`, or somebody else's.
        what: What to call them in an error.

    Raises:
        ArtifactError: If they are too large.

    Example:
        >>> tree = {"part": "StandardNormal", "id": 0}
        >>> for i in range(1, 31):
        ...     again = {"shared": i - 1}
        ...     inner = {"priors": [tree, again]}
        ...     tree = {"part": "JointPrior", "id": i, "arguments": inner}
        >>> check_trees([tree], "this")
        Traceback (most recent call last):
        reparam.errors.ArtifactError: this describes more than 10,000 parts...
    """
    known: dict[int, int] = {}
    if sum(_reached(tree, known, 0, what) for tree in trees) > PARTS:
        raise ArtifactError(
            f"{what} describes more than {PARTS:,} parts, each counted as often as it is shared, "
            "which is no model of reparam: it was altered"
        )


def _reached(node: object, known: dict[int, int], depth: int, what: str) -> int:
    """How many parts a tree reaches."""
    if depth > DEPTH:
        raise ArtifactError(f"{what} is nested too deeply to be a model")
    if isinstance(node, list):
        return sum(_reached(inner, known, depth + 1, what) for inner in node)
    if not isinstance(node, dict):
        return 0
    shared = node.get("shared")
    if "shared" in node:
        return known.get(shared, 0) if isinstance(shared, int) else 0
    count = sum(_reached(inner, known, depth + 1, what) for inner in node.values())
    count += "part" in node
    if isinstance(node.get("id"), int):
        known[node["id"]] = count
    return count


def check_names(module: nn.Module, what: str) -> None:
    """Refuse a module whose tensors have too many names, without writing them down.

    Args:
        module: What was built.
        what: What to call it in an error.

    Raises:
        ArtifactError: If it has more than 100,000.
    """
    if _names(module, {}) > NAMES:
        raise ArtifactError(
            f"{what} describes a model whose weights have more than {NAMES:,} names: it was "
            "altered"
        )


def _names(module: nn.Module, known: dict[int, int]) -> int:
    if id(module) not in known:
        own = len(module._parameters) + len(module._buffers) + 1
        inner = (part for part in module._modules.values() if part is not None)
        known[id(module)] = own + sum(_names(part, known) for part in inner)
    return known[id(module)]

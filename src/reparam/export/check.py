"""A file against the model that it was made of."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from reparam.errors import ReparamError
from reparam.export.programs import Program

SIZES = (1, 2, 5)
"""Batches that are tried: one example, a few, and a number that no program was recorded with."""
TOLERANCE = 1e-4
"""How much a number may differ from torch's, in its own units where it is below 1."""


def compare(program: Program, run: Callable[[Sequence[Tensor]], list[Tensor]]) -> float:
    r"""The greatest difference of a file's numbers from torch's.

    .. math:: \max \frac{|a - b|}{\max(1, |b|)}

    Args:
        program: What the file was made of.
        run: The file's own answers, from inputs.

    Raises:
        ReparamError: If the file refuses a batch, differs by more than 1e-4, or answers two things
            to one question.
    """
    worst = 0.0
    for size in SIZES:
        inputs = program.examples(size)
        with torch.no_grad():
            wanted = program.module(*inputs)
        try:
            found, again = run(inputs), run(inputs)
        except Exception as error:  # onnxruntime and torch have no one error for it
            reason = str(error).strip().split("\n")[0]
            raise ReparamError(
                f"the exported {program.name} cannot be run on a batch of {size}: {reason}"
            ) from error
        if not all(_same(a, b) for a, b in zip(found, again, strict=True)):
            raise ReparamError(
                f"the exported {program.name} is random: it answers two things to one question"
            )
        pairs = zip(program.outputs, wanted, found, strict=True)
        gaps = {port.name: difference(a, b) for port, a, b in pairs}
        name = max(gaps, key=lambda key: gaps[key])
        if not gaps[name] <= TOLERANCE:
            raise ReparamError(
                f"the exported {program.name} differs from the model by {gaps[name]:.2g} in "
                f"{name!r} on a batch of {size}, which is more than {TOLERANCE:g}: nothing was "
                "written"
            )
        worst = max(worst, gaps[name])
    return worst


def difference(wanted: Tensor, found: Tensor) -> float:
    """How far one tensor lies from another: relative where numbers exceed 1.

    Args:
        wanted: The one.
        found: The other; infinitely far if it has another shape or type, or a NaN.

    Example:
        >>> difference(torch.tensor([0.5, 100.0]), torch.tensor([0.5, 101.0]))
        0.01
    """
    if wanted.shape != found.shape or wanted.dtype != found.dtype:
        return float("inf")
    gaps = (wanted.double() - found.double()).abs() / wanted.double().abs().clamp_min(1)
    return float(gaps.nan_to_num(nan=float("inf")).max())


def _same(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same bits."""
    return one.numpy().tobytes() == other.numpy().tobytes()

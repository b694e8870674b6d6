"""Programs as torch's own files (`.pt2`), which run with torch alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from reparam.export.programs import Program
from reparam.export.trace import traced

SUFFIX = ".pt2"


def check() -> None:
    """Nothing is needed besides torch."""


def write(program: Program, file: Path) -> dict[str, Any]:
    """Write a program.

    Args:
        program: What to write.
        file: Where to.

    Returns:
        What the file says of its format.
    """
    found = traced(program)
    for name, constant in found.constants.items():  # a part of a larger tensor is saved on its own
        if isinstance(constant, Tensor):
            found.constants[name] = constant.clone(memory_format=torch.contiguous_format)
    torch.export.save(found, file)
    return {"torch": torch.__version__}


class Runner:
    """A file that was read back.

    Args:
        file: The `.pt2` file.
    """

    def __init__(self, file: Path) -> None:
        self.module = torch.export.load(file).module()

    def __call__(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """What comes out."""
        with torch.no_grad():
            return list(self.module(*inputs))

"""A program's operations, recorded once for every batch size."""

import torch
from torch.export import Dim, ExportedProgram

from reparam.errors import ReparamError
from reparam.export.programs import Program

BATCH = 3
"""Neither 0 nor 1, which torch takes for constants."""


def traced(program: Program) -> ExportedProgram:
    """Record a program with a batch axis that may have any length.

    Args:
        program: What to record.

    Raises:
        ReparamError: If torch cannot record it.
    """
    batch = Dim("batch")
    shapes = (tuple({0: batch} for _ in program.inputs),)
    try:
        with torch.no_grad():
            return torch.export.export(
                program.module, program.examples(BATCH), dynamic_shapes=shapes
            )
    except Exception as error:  # torch has no one error for it
        reason = str(error).strip().split("\n")[0]
        raise ReparamError(
            f"torch cannot record the {program.name}, of which some part does not allow it: "
            f"{reason}"
        ) from error

"""Programs as ONNX files, which run without Python, torch or this library."""

import importlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from reparam.alone import alone
from reparam.errors import ReparamError
from reparam.export.programs import Program
from reparam.export.trace import traced

SUFFIX = ".onnx"
NEEDED = ("onnx", "onnxscript", "onnxruntime")


def check() -> None:
    """Refuse to begin without the libraries that this format needs.

    Raises:
        ReparamError: If one is missing.
    """
    for name in NEEDED:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise ReparamError(
                f"exporting to ONNX needs {name}, which is not installed: "
                "pip install 'reparam[export]'"
            ) from error


def write(program: Program, file: Path) -> dict[str, Any]:
    """Write a program.

    Args:
        program: What to write.
        file: Where to.

    Returns:
        What the file says of its format.

    Raises:
        ReparamError: If torch cannot record it, or ONNX has no such operation.
    """
    recorded = traced(program)
    try:
        with quiet():
            found = torch.onnx.export(
                recorded,
                dynamo=True,
                input_names=[port.name for port in program.inputs],
                output_names=[port.name for port in program.outputs],
                dynamic_shapes=(tuple({0: "batch"} for _ in program.inputs),),
                verbose=False,
            )
            assert found is not None
            found.save(file, external_data=False)
    except Exception as error:  # an operation that ONNX lacks, or more than 2 GB
        cause = error.__cause__ or error
        raise ReparamError(
            f"the {program.name} cannot be written as ONNX, use format='torch': "
            f"{str(cause).strip().split(chr(10))[0]}"
        ) from error
    return {"opset": found.model.opset_imports[""]}


class Runner:
    """A file that was read back by onnxruntime, on as many threads as torch uses.

    Args:
        file: The ONNX file.
    """

    def __init__(self, file: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self.session = onnxruntime.InferenceSession(
            file, options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """What comes out."""
        names = [port.name for port in self.session.get_inputs()]
        given = {name: x.numpy() for name, x in zip(names, inputs, strict=True)}
        return [torch.from_numpy(out) for out in self.session.run(None, given)]


@contextmanager
def quiet() -> Iterator[None]:
    """Without torch's remarks on its own insides, which a user can do nothing about."""
    registry = logging.getLogger("torch.onnx._internal.exporter._registration")
    registry.addFilter(_without_torchvision)
    try:
        with alone(), warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.filterwarnings("ignore", ".*LeafSpec.* is deprecated", FutureWarning)
            warnings.filterwarnings(
                "ignore", "# The axis name: batch will not be used", UserWarning
            )
            yield
    finally:
        registry.removeFilter(_without_torchvision)


def _without_torchvision(record: logging.LogRecord) -> bool:
    return "torchvision is not installed" not in record.getMessage()

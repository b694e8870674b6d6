"""Where training happens: a device by name, and accelerate on it."""

import atexit
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from reparam.alone import Turn
from reparam.errors import TrainingError

DEVICES = ("auto", "cpu", "cuda", "mps")
_TRAINING = Turn()


def device_named(name: str) -> torch.device:
    """A device that is on this machine.

    Args:
        name: auto (the accelerator where there is one), cpu, cuda or mps.

    Raises:
        TrainingError: If there is no such device.

    Example:
        >>> device_named("cpu")
        device(type='cpu')
    """
    if name not in DEVICES:
        raise TrainingError(f"device is one of {', '.join(DEVICES)}, not {name!r}")
    found = torch.accelerator.current_accelerator(check_available=True)
    if name == "auto":
        return found or torch.device("cpu")
    if name != "cpu" and (found is None or found.type != name):
        raise TrainingError(f"there is no {name} on this machine: use device='auto' or 'cpu'")
    return torch.device(name)


def accelerator_on(name: str, precision: str) -> Accelerator:
    """Accelerate on a device, whatever it was used for before in this process.

    Args:
        name: auto, cpu, cuda or mps.
        precision: no, bf16 or fp16.

    Raises:
        TrainingError: If there is no such device, or it cannot compute in this precision.
    """
    device = device_named(name)
    if precision == "fp16" and device.type == "cpu":
        raise TrainingError("precision='fp16' needs an accelerator: use 'bf16' or 'no' on the CPU")
    AcceleratorState._reset_state(reset_partial_state=True)
    atexit.register(_part)
    return Accelerator(mixed_precision=precision, cpu=device.type == "cpu")


def _part() -> None:
    """Leave the processes that trained together: one that ends without may abort."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


@contextmanager
def only_training(told: bool = False) -> Iterator[None]:
    """Inside, no other thread trains: accelerate and cuDNN have one setting for the process.

    Args:
        told: Whether to say on standard error that another training is waited for.

    Example:
        >>> with only_training(), only_training():
        ...     sum(range(3))
        3
    """
    if told and _TRAINING.elsewhere:
        print("another thread trains: waiting until it is done", file=sys.stderr, flush=True)
    with _TRAINING:
        yield


@contextmanager
def repeatable() -> Iterator[None]:
    """Inside, cuDNN computes what it computed the last time, bit for bit, if more slowly.

    Example:
        >>> with repeatable():
        ...     torch.backends.cudnn.deterministic
        True
    """
    cudnn = torch.backends.cudnn
    before = cudnn.deterministic, cudnn.benchmark
    cudnn.deterministic, cudnn.benchmark = True, False
    try:
        yield
    finally:
        cudnn.deterministic, cudnn.benchmark = before

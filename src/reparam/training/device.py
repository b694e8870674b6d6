"""Where training happens: a device by name, and accelerate on it."""

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from reparam.errors import TrainingError

DEVICES = ("auto", "cpu", "cuda", "mps")


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
        TrainingError: If there is no such device.
    """
    device = device_named(name)
    AcceleratorState._reset_state(reset_partial_state=True)
    return Accelerator(mixed_precision=precision, cpu=device.type == "cpu")

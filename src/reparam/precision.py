"""Densities are computed in full precision, whatever the networks are computed in."""

from contextlib import AbstractContextManager, nullcontext

import torch


def full_precision(device: torch.device) -> AbstractContextManager[object]:
    """Inside, nothing is cast to a shorter type; nothing to do where mixed precision is off.

    Args:
        device: Where the numbers lie.

    Example:
        >>> one = torch.ones(1, 1)
        >>> with torch.autocast("cpu", torch.bfloat16):
        ...     with full_precision(one.device):
        ...         (one @ one).dtype
        torch.float32
    """
    if torch.is_autocast_enabled(device.type):
        return torch.autocast(device.type, enabled=False)
    return nullcontext()

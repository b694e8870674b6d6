"""Using a model without training it."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def inference(model: nn.Module) -> Iterator[None]:
    """Inside, a model computes no gradients and behaves as in evaluation; afterwards as before.

    Args:
        model: Any module.

    Example:
        >>> net = nn.Dropout()
        >>> with inference(net):
        ...     net.training
        False
        >>> net.training
        True
    """
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module in training:
            module.training = True

"""Using a model without training it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from reparam.alone import alone


@contextmanager
def inference(model: nn.Module) -> Iterator[None]:
    """Inside, a model computes no gradients and behaves as in evaluation; afterwards as before.

    While a model that is being trained is inside, no other thread trains it or goes inside.

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
    with ExitStack() as stack:
        stack.enter_context(alone())
        training = [module for module in model.modules() if module.training]
        model.eval()
        if not training:  # nothing to put back, so that others need not wait
            stack.close()
        try:
            with torch.no_grad():
                yield
        finally:
            for module in training:
                module.training = True


def inputs(model: nn.Module, batch: Sequence[Tensor]) -> list[Tensor]:
    """What a model takes of a batch, on its device: the pictures, and its conditions.

    Args:
        model: A model; its `conditions` says how many it takes.
        batch: Pictures, then what comes with them.

    Example:
        >>> x, labels = torch.zeros(2, 1), torch.zeros(2)
        >>> len(inputs(nn.Linear(1, 1), [x, labels]))
        1
    """
    device = next(model.parameters()).device
    return [part.to(device) for part in batch[: 1 + getattr(model, "conditions", 0)]]


def inputs_of(model: nn.Module, dataset: Any) -> list[Tensor]:  # noqa: ANN401
    """What a model takes of every item of a dataset, on its device.

    Args:
        model: A model; its `conditions` says how many it takes.
        dataset: A `Dataset`.
    """
    return inputs(model, dataset.batch(torch.arange(len(dataset))))

"""Scoring through a module without training it."""

from typing import Any

import torch
from torch import Tensor, nn


def frozen(module: nn.Module, *inputs: Tensor) -> Any:  # noqa: ANN401
    """module(*inputs), with gradients to the inputs but none to the module's own parameters.

    With it one backward pass serves two players: a term scores through the frozen critic, the
    critic's own loss sees detached latents, and each gets exactly its own gradient. A distribution
    that asks its network only when it is scored is not frozen by it: use `trace.detached`.

    Args:
        module: Any module, such as a critic or a likelihood.
        *inputs: What to call it with.

    Example:
        >>> critic, z = nn.Linear(2, 1), torch.ones(3, 2, requires_grad=True)
        >>> frozen(critic, z).sum().backward()
        >>> z.grad is None, critic.weight.grad is None
        (False, True)
    """
    held = [*module.named_parameters(), *module.named_buffers()]
    return torch.func.functional_call(module, {k: v.detach() for k, v in held}, inputs)

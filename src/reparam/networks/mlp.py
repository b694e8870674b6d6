"""The multi-layer perceptron, for vectors and for anything that can be flattened."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.errors import CompositionError
from reparam.registry import register

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": partial(nn.LeakyReLU, 0.2),
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
}


@register
class MLP(nn.Sequential):
    r"""Flattens its inputs, concatenates them and maps them through dense layers.

    .. math:: y = W_L \, a(\dots a(W_1 [x_1, x_2, \dots] + b_1) \dots) + b_L

    Args:
        inputs: How many numbers one example has, over all inputs.
        outputs: The shape of one output; an integer for a vector.
        hidden: The widths between.
        activation: a: `"relu"`, `"leaky_relu"` (slope 0.2), `"tanh"` or `"silu"`.

    Raises:
        CompositionError: If the activation is none of these.

    Example:
        >>> MLP(784, 32, hidden=(512, 256))(torch.zeros(5, 1, 28, 28)).shape
        torch.Size([5, 32])
        >>> MLP(16, (1, 28, 28))(torch.zeros(5, 16)).shape
        torch.Size([5, 1, 28, 28])
    """

    def __init__(
        self,
        inputs: int,
        outputs: int | Sequence[int],
        hidden: Sequence[int] = (512, 256),
        activation: str = "relu",
    ) -> None:
        if activation not in ACTIVATIONS:
            raise CompositionError(
                f"activation is one of {', '.join(ACTIVATIONS)}, not {activation!r}"
            )
        shape = (outputs,) if isinstance(outputs, int) else tuple(outputs)
        widths = [inputs, *hidden, math.prod(shape)]
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [ACTIVATIONS[activation](), nn.Linear(before, after)]
        super().__init__(*layers[1:], nn.Unflatten(1, shape))

    def forward(self, *inputs: Float[Tensor, "N *event"]) -> Float[Tensor, "N *output"]:
        """Map one or more inputs, each (N, *event), to (N, *output)."""
        return super().forward(torch.cat([x.flatten(1) for x in inputs], 1))

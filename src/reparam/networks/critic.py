"""A critic of pictures whose inner features can be looked at."""

import math
from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor, nn

from reparam.networks.convolution import Convolution
from reparam.networks.convolutional import sizes
from reparam.registry import register


@register
class PictureCritic(nn.Module):
    """Pictures to logits, and to the features of the level before the last.

    3x3 convolutions of stride 2 with leaky ReLU for pictures, dense layers for vectors.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        widths: Channels after each level, or widths of each hidden layer.

    Example:
        >>> import torch
        >>> logits, features = PictureCritic((1, 28, 28), (8, 16))(torch.zeros(5, 1, 28, 28))
        >>> logits.shape, features.shape
        (torch.Size([5, 1]), torch.Size([5, 16, 7, 7]))
    """

    def __init__(self, shape: Sequence[int], widths: Sequence[int] = (32, 64, 128)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        dense = len(shape) == 1
        for before, after in zip([shape[0], *widths], widths, strict=False):
            layers += [nn.Linear(before, after) if dense else Convolution(before, after)]
            layers += [nn.LeakyReLU(0.2)]
        bottom = 1 if dense else math.prod(sizes(shape[1], shape[2], len(widths))[-1])
        self.levels = nn.Sequential(*layers)
        self.judge = nn.Sequential(nn.Flatten(), nn.Linear(widths[-1] * bottom, 1))

    def forward(self, x: Float[Tensor, "N *X"]) -> tuple[Float[Tensor, "N 1"], Tensor]:
        """The logits of being real, and the features they are made of."""
        features = self.levels(x)
        return self.judge(features), features

"""Features of untrained networks, to compare pictures by.

A network that nobody trained still sees more than single pixels: each of its random filters looks
at a small patch, and what two pictures share after a few layers of them is edges, blobs and where
they are, roughly. It knows nothing of what is in the pictures. A trained network does, and is
the better judge where there is one.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from reparam.networks.convolution import Convolution
from reparam.randomness import seeded
from reparam.registry import register


@register
class RandomFeatures(nn.Sequential):
    r"""A network of fixed random weights: convolutions for pictures, dense layers for vectors.

    .. math:: f(x) = \mathrm{relu}(W_L \dots \mathrm{relu}(W_1 x)), \quad
        W_l \sim N(0, 2 / \mathrm{inputs}_l)

    The variance keeps the features as large as the pixels. A convolution is 3x3 with stride 2, so
    that each halves the picture. Layers are numbered from 0: after the l-th width comes output
    2 l - 1. The weights depend on the seed alone and are never trained.

    Args:
        shape: One example's: (channels, height, width) of any size, or (D,).
        widths: How many channels, or features, each layer has.
        seed: Which random weights.

    Source: He, Wang & Hopcroft 2016, "A Powerful Generative Model Using Random Weights for the
        Deep Image Representation", https://arxiv.org/abs/1606.04801; the variance: He, Zhang, Ren
        & Sun 2015, https://arxiv.org/abs/1502.01852

    Example:
        >>> import torch
        >>> RandomFeatures((3, 13, 10))(torch.rand(2, 3, 13, 10)).shape
        torch.Size([2, 32, 4, 3])
        >>> RandomFeatures((7,))(torch.rand(2, 7)).shape
        torch.Size([2, 32])
    """

    def __init__(
        self, shape: Sequence[int], widths: Sequence[int] = (16, 32), seed: int = 0
    ) -> None:
        layer = Convolution if len(shape) == 3 else nn.Linear
        layers: list[nn.Module] = []
        with seeded(seed):
            for before, after in pairwise([shape[0], *widths]):
                made = layer(before, after)
                weight, bias = made.parameters()
                nn.init.normal_(weight, std=math.sqrt(2 / weight[0].numel()))
                nn.init.zeros_(bias)
                layers += [made, nn.ReLU()]
        super().__init__(*layers)
        self.requires_grad_(False)

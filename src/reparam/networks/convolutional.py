"""Convolutional encoder and decoder for pictures of any height, width and number of channels.

Each level of the encoder halves the picture (rounding up) with a 3x3 convolution of stride 2. The
decoder goes the same way back with transposed convolutions. A transposed convolution of stride 2
turns n pixels into 2n - 1 and, with one row of output padding, into 2n: choosing between the two
at every level gives back exactly the size that the encoder saw, odd or even.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.networks.convolution import Convolution, TransposedConvolution
from reparam.registry import register

Size = tuple[int, int]


def sizes(height: int, width: int, levels: int) -> list[Size]:
    """The picture's size at each level, from the whole picture down.

    Args:
        height: Rows, in pixels.
        width: Columns, in pixels.
        levels: How often the picture is halved.

    Example:
        >>> sizes(28, 28, 3)
        [(28, 28), (14, 14), (7, 7), (4, 4)]
    """
    found = [(height, width)]
    for _ in range(levels):
        height, width = math.ceil(height / 2), math.ceil(width / 2)
        found.append((height, width))
    return found


def widths_for(shape: Sequence[int]) -> tuple[int, ...]:
    """The default channels after each level: as many levels as bring a picture to 7 pixels.

    At least three levels; channels double up to 256.

    Args:
        shape: The picture's (channels, height, width).

    Example:
        >>> widths_for((1, 28, 28)), widths_for((3, 200, 256))
        ((32, 64, 128), (32, 64, 128, 256, 256, 256))
    """
    levels = 3
    while max(sizes(shape[-2], shape[-1], levels)[-1]) > 7:
        levels += 1
    return tuple(min(32 * 2**level, 256) for level in range(levels))


@register
class ConvolutionalEncoder(nn.Module):
    """Pictures to feature vectors: 3x3 convolutions of stride 2 with ReLU, then a dense layer.

    Args:
        shape: The picture's (channels, height, width).
        outputs: How many features one example gets.
        widths: Channels after each level.
        others: How many further numbers each example comes with (a condition); they join the
            features before the dense layer.

    Example:
        >>> ConvolutionalEncoder((3, 37, 50), 8)(torch.zeros(2, 3, 37, 50)).shape
        torch.Size([2, 8])
    """

    def __init__(
        self,
        shape: Sequence[int],
        outputs: int,
        widths: Sequence[int] = (32, 64, 128),
        others: int = 0,
    ) -> None:
        super().__init__()
        channels, height, width = shape
        layers: list[nn.Module] = []
        for before, after in zip([channels, *widths], widths, strict=False):
            layers += [Convolution(before, after), nn.ReLU()]
        bottom = sizes(height, width, len(widths))[-1]
        self.levels = nn.Sequential(*layers)
        self.dense = nn.Linear([channels, *widths][-1] * math.prod(bottom) + others, outputs)

    def forward(
        self, x: Float[Tensor, "N C H W"], *others: Float[Tensor, "N *event"]
    ) -> Float[Tensor, "N F"]:
        """Map pictures, and what else each comes with, to features."""
        return self.dense(torch.cat([part.flatten(1) for part in (self.levels(x), *others)], 1))


@register
class ConvolutionalDecoder(nn.Module):
    """Vectors to pictures: a dense layer, then 3x3 transposed convolutions of stride 2 with ReLU.

    Args:
        inputs: How many numbers one example has, over all inputs.
        shape: The picture's (channels, height, width): exactly this size comes out.
        widths: Channels from the picture inwards, as in the encoder.

    Example:
        >>> ConvolutionalDecoder(8, (3, 37, 50))(torch.zeros(2, 8)).shape
        torch.Size([2, 3, 37, 50])
    """

    def __init__(
        self, inputs: int, shape: Sequence[int], widths: Sequence[int] = (32, 64, 128)
    ) -> None:
        super().__init__()
        channels, height, width = shape
        steps = sizes(height, width, len(widths))
        outward = [channels, *widths]
        bottom = (outward[-1], *steps[-1])
        self.dense = nn.Sequential(
            nn.Linear(inputs, math.prod(bottom)), nn.ReLU(), nn.Unflatten(1, bottom)
        )
        layers: list[nn.Module] = []
        for level in range(len(widths), 0, -1):
            layers += [upsample(outward[level], outward[level - 1], steps[level - 1]), nn.ReLU()]
        self.levels = nn.Sequential(*layers[:-1])

    def forward(self, *inputs: Float[Tensor, "N *event"]) -> Float[Tensor, "N C H W"]:
        """Map one or more inputs, each (N, *event), to pictures of features."""
        return self.levels(self.dense(torch.cat([part.flatten(1) for part in inputs], 1)))


def upsample(before: int, after: int, size: Size) -> TransposedConvolution:
    """A 3x3 transposed convolution of stride 2 that reaches exactly `size`.

    Args:
        before: Channels that come in.
        after: Channels that go out.
        size: The (height, width) to reach from its half, rounded up.
    """
    padding = (1 - size[0] % 2, 1 - size[1] % 2)
    return TransposedConvolution(before, after, padding)

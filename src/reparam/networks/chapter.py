"""The networks of a textbook chapter, to the layer, the padding and the first weights.

Pictures are padded with zeros to a multiple of 8 pixels (28 to 32). Convolutions of stride 2 pad
on the right and at the bottom only, as the book's framework does, and weights start
Glorot-uniform.
"""

import math
from collections.abc import Sequence

from torch import nn

from reparam.errors import CompositionError
from reparam.registry import register

Border = tuple[int, int, int, int]


def border(shape: Sequence[int]) -> Border:
    """How many (left, right, top, bottom) pixels a picture lacks to a multiple of 8.

    Args:
        shape: One picture's (C, H, W).

    Raises:
        CompositionError: If it is no picture's.

    Example:
        >>> border((1, 28, 28))
        (2, 2, 2, 2)
    """
    if len(shape) != 3:
        raise CompositionError(
            f"the chapter's networks take pictures (C, H, W), not {tuple(shape)}"
        )
    _, height, width = shape
    wide, high = -width % 8, -height % 8
    return wide // 2, wide - wide // 2, high // 2, high - high // 2


@register
class ChapterEncoder(nn.Sequential):
    """Three 3x3 convolutions of stride 2 (32, 64, 128) with ReLU, then a dense layer.

    Args:
        shape: One picture's (C, H, W).
        outputs: How many features one example gets.

    Source: Foster, Generative Deep Learning, 2nd edition, 2023, chapter 3

    Example:
        >>> import torch
        >>> ChapterEncoder((1, 28, 28), 2)(torch.zeros(5, 1, 28, 28)).shape
        torch.Size([5, 2])
    """

    def __init__(self, shape: Sequence[int], outputs: int) -> None:
        around = border(shape)
        layers: list[nn.Module] = [nn.ZeroPad2d(around)]
        for before, after in zip([shape[0], 32, 64], [32, 64, 128], strict=True):
            layers += [nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(before, after, 3, 2), nn.ReLU()]
        bottom = math.prod(_bottom(shape, around))
        super().__init__(*layers, nn.Flatten(), nn.Linear(bottom, outputs))
        self.apply(glorot)


@register
class ChapterDecoder(nn.Sequential):
    """Dense, three 3x3 transposed convolutions of stride 2 (128, 64, 32), a 3x3 convolution.

    Its pictures are the padded ones: read them with `families.Padded`.

    Args:
        inputs: How many dimensions z has.
        shape: One padded picture's (C, H, W), height and width multiples of 8.

    Source: Foster, Generative Deep Learning, 2nd edition, 2023, chapter 3

    Example:
        >>> import torch
        >>> ChapterDecoder(2, (1, 32, 32))(torch.zeros(5, 2)).shape
        torch.Size([5, 1, 32, 32])
    """

    def __init__(self, inputs: int, shape: Sequence[int]) -> None:
        bottom = _bottom(shape, (0, 0, 0, 0))
        layers: list[nn.Module] = [
            nn.Linear(inputs, math.prod(bottom)),
            nn.Unflatten(1, bottom),
        ]
        for before, after in zip([128, 128, 64], [128, 64, 32], strict=True):
            layers += [nn.ConvTranspose2d(before, after, 3, 2), nn.ZeroPad2d((0, -1, 0, -1))]
            layers += [nn.ReLU()]
        super().__init__(*layers, nn.Conv2d(32, shape[0], 3, padding=1))
        self.apply(glorot)


def glorot(module: nn.Module) -> None:
    """Start a layer with Glorot-uniform weights and no bias.

    Args:
        module: Any module; one without weights is left alone.
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _bottom(shape: Sequence[int], around: Border) -> tuple[int, int, int]:
    left, right, top, bottom = around
    _, height, width = shape
    return 128, (height + top + bottom) // 8, (width + left + right) // 8

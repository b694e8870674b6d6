r"""Convolutions arranged for speed; their numbers are torch's, up to rounding.

Pixels lie with their channels last. On the CPU the bias is added apart: its gradient inside a
transposed convolution costs more than the convolution's own. In bfloat16 there the gradient of the
weights, for which torch's library is slower than in float32, is one matrix product of all patches:

.. math:: \frac{\partial L}{\partial W} = \sum_{n, i, j} g_{nij} \, p_{nij}^\top, \quad
    p_{nij} \text{ the patch around pixel } (i, j)

A transposed convolution is the convolution's derivative, so that the two exchange their patches
and their gradients.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

LAST = torch.channels_last
Context = Any
FEW = 8
"""With fewer channels patches are too short for a matrix product to pay."""


class Convolution(nn.Conv2d):
    """A convolution with square strides and padding, channels last.

    Args:
        before: Channels that come in.
        after: Channels that go out.
        stride: How many pixels it moves on.

    Example:
        >>> x, layer = torch.rand(2, 3, 9, 12), Convolution(3, 5)
        >>> torch.allclose(layer(x), nn.Conv2d.forward(layer, x), atol=1e-6)
        True
    """

    def __init__(self, before: int, after: int, stride: int = 2) -> None:
        super().__init__(before, after, 3, stride=stride, padding=1)
        nn.Module.to(self, memory_format=LAST)  # type: ignore[call-overload]

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N F I J"]:
        """Convolve and add the bias."""
        x = x.contiguous(memory_format=LAST)
        if x.device.type != "cpu":
            return super().forward(x)
        if in_short():
            y = ShortConvolution.apply(x.bfloat16(), self.weight, self.stride[0])
        else:
            y = F.conv2d(x, self.weight, None, self.stride, self.padding)
        return plus(y, self.bias)


class TransposedConvolution(nn.ConvTranspose2d):
    """A transposed convolution of stride 2, channels last.

    Args:
        before: Channels that come in.
        after: Channels that go out.
        output_padding: Rows and columns to add to twice the size less one.

    Example:
        >>> x, layer = torch.rand(2, 3, 9, 12), TransposedConvolution(3, 5, (0, 1))
        >>> torch.allclose(layer(x), nn.ConvTranspose2d.forward(layer, x), atol=1e-6)
        True
    """

    def __init__(self, before: int, after: int, output_padding: tuple[int, int]) -> None:
        super().__init__(before, after, 3, stride=2, padding=1, output_padding=output_padding)
        nn.Module.to(self, memory_format=LAST)  # type: ignore[call-overload]

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N F I J"]:  # type: ignore[override]
        """Convolve and add the bias."""
        x, padding = x.contiguous(memory_format=LAST), self.output_padding
        if x.device.type != "cpu":
            return super().forward(x)
        if in_short():
            y = ShortTransposed.apply(x.bfloat16(), self.weight, padding)
        else:
            y = F.conv_transpose2d(x, self.weight, None, 2, 1, padding)
        return plus(y, self.bias)


def plus(y: Tensor, bias: Tensor | None) -> Tensor:
    """Pictures, each channel with its bias.

    Args:
        y: Pictures, (N, F, I, J).
        bias: (F,), or `None`.
    """
    return y if bias is None else y + bias.to(y.dtype)[:, None, None]


def in_short() -> bool:
    """Whether mixed precision asks for bfloat16 on the CPU."""
    return torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") == torch.bfloat16


def patches(x: Tensor, height: int, width: int, stride: int) -> Tensor:
    """The 3x3 patches around the pixels of a padded picture, (N I J, 9 C).

    Args:
        x: Pictures, channels last, (N, C, H, W).
        height: I, how many patches lie above each other.
        width: J, how many lie side by side.
        stride: How many pixels lie between two.
    """
    padded = F.pad(x.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1))
    n, h, w, c = padded.stride()
    shape = (len(x), height, width, 3, 3, x.shape[1])
    return padded.as_strided(shape, (n, stride * h, stride * w, h, w, c)).reshape(
        -1, 9 * x.shape[1]
    )


def product(left: Tensor, right: Tensor, stride: int) -> Tensor:
    """The weights' gradient: each pixel of the small pictures times its patch of the large ones.

    Args:
        left: The small pictures, (N, A, I, J).
        right: The large pictures, (N, B, H, W).
        stride: Pixels of the large to a pixel of the small.

    Returns:
        (A, B, 3, 3) in float32.
    """
    rows = left.permute(0, 2, 3, 1).reshape(-1, left.shape[1])
    found = rows.T @ patches(right, left.shape[2], left.shape[3], stride)
    return found.view(len(found), 3, 3, -1).permute(0, 3, 1, 2).float()


class ShortConvolution(torch.autograd.Function):
    """A convolution in bfloat16 whose weights and their gradients are float32."""

    @staticmethod
    def forward(ctx: Context, x: Tensor, weight: Tensor, stride: int) -> Tensor:
        """Convolve."""
        short = weight.bfloat16().contiguous(memory_format=LAST)
        ctx.save_for_backward(x, short)
        ctx.stride = stride
        return F.conv2d(x, short, None, stride, 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Context, gradient: Tensor) -> tuple[Tensor | None, Tensor, None]:
        """The picture's gradient and the weights'."""
        (x, short), stride = ctx.saved_tensors, ctx.stride
        gradient = gradient.contiguous(memory_format=LAST)
        many = short.shape[1] >= FEW
        wanted = [ctx.needs_input_grad[0], not many, False]
        inputs, weights, _ = derivatives(gradient, x, short, stride, False, (0, 0), wanted)
        return inputs, product(gradient, x, stride) if many else weights.float(), None


class ShortTransposed(torch.autograd.Function):
    """A transposed convolution in bfloat16 whose weights and their gradients are float32."""

    @staticmethod
    def forward(ctx: Context, x: Tensor, weight: Tensor, padding: tuple[int, int]) -> Tensor:
        """Convolve."""
        short = weight.bfloat16().contiguous(memory_format=LAST)
        ctx.save_for_backward(x, short)
        ctx.padding = padding
        return F.conv_transpose2d(x, short, None, 2, 1, padding)

    @staticmethod
    @once_differentiable
    def backward(ctx: Context, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        """The input's gradient and the weights'."""
        (x, short), padding = ctx.saved_tensors, ctx.padding
        gradient = gradient.contiguous(memory_format=LAST)
        many = short.shape[1] >= FEW
        wanted = [True, not many, False]
        inputs, weights, _ = derivatives(gradient, x, short, 2, True, padding, wanted)
        return inputs, product(x, gradient, 2) if many else weights.float(), None


def derivatives(
    gradient: Tensor,
    x: Tensor,
    weight: Tensor,
    stride: int,
    transposed: bool,
    padding: tuple[int, int],
    wanted: list[bool],
) -> tuple[Tensor, Tensor, Tensor]:
    """Torch's own derivatives of a 3x3 convolution, as far as they are wanted."""
    found: tuple[Tensor, Tensor, Tensor] = torch.ops.aten.convolution_backward(
        gradient,
        x,
        weight,
        None,
        [stride] * 2,
        [1, 1],
        [1, 1],
        transposed,
        list(padding),
        1,
        wanted,
    )
    return found

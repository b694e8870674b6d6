"""Augmentations: functions of a batch of pictures, drawn from their own stream of randomness."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from reparam.errors import TrainingError

Augmentation = Callable[[Tensor], Tensor]


def flip(x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
    """Mirror every other picture, by chance, left to right.

    Args:
        x: Pictures.

    Example:
        >>> flip(torch.rand(8, 1, 4, 4)).shape
        torch.Size([8, 1, 4, 4])
    """
    mirrored = torch.rand(len(x), device=x.device) < 0.5
    return torch.where(mirrored[:, None, None, None], x.flip(-1), x)


def noise(sigma: float) -> Augmentation:
    """Add normal noise and stay within [0, 1].

    Args:
        sigma: Its standard deviation in pixel units.

    Raises:
        TrainingError: If sigma is not positive.

    Example:
        >>> noise(0.1)(torch.zeros(2, 1, 4, 4)).max() <= 1
        tensor(True)
    """
    if sigma <= 0:
        raise TrainingError(f"noise needs a positive sigma, not {sigma}")
    return Noise(sigma)


@dataclass(frozen=True)
class Noise:
    """What `noise` makes; its `repr` says what it does.

    Args:
        sigma: The standard deviation in pixel units.
    """

    sigma: float

    def __call__(self, x: Tensor) -> Tensor:
        """Add the noise."""
        return (x + self.sigma * torch.randn_like(x)).clamp(0, 1)

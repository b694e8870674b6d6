"""What spoils pictures before a denoising autoencoder sees them. Only while training."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.errors import CompositionError
from reparam.registry import register


@register
class MaskingNoise(nn.Module):
    """Sets a random part of the pixels to 0.

    Args:
        part: How many of them, between 0 and 1.

    Raises:
        CompositionError: If it is none or all of them.

    Source: Vincent et al. 2008, "Extracting and Composing Robust Features with Denoising
        Autoencoders", https://doi.org/10.1145/1390156.1390294

    Example:
        >>> MaskingNoise(0.25).eval()(torch.ones(1, 2))
        tensor([[1., 1.]])
    """

    def __init__(self, part: float = 0.25) -> None:
        super().__init__()
        if not 0 < part < 1:
            raise CompositionError(f"part lies between 0 and 1, not {part}")
        self.part = part

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The pictures with holes, or as they are outside training."""
        return x * (torch.rand_like(x) >= self.part) if self.training else x


@register
class GaussianNoise(nn.Module):
    """Adds normal noise to the pixels.

    Args:
        sigma: Its standard deviation in pixel units.

    Raises:
        CompositionError: If it is not positive.

    Source: Vincent et al. 2010, "Stacked Denoising Autoencoders",
        https://www.jmlr.org/papers/v11/vincent10a.html

    Example:
        >>> GaussianNoise(0.5).eval()(torch.ones(1, 2))
        tensor([[1., 1.]])
    """

    def __init__(self, sigma: float = 0.3) -> None:
        super().__init__()
        if not sigma > 0:
            raise CompositionError(f"sigma must be positive, not {sigma}")
        self.sigma = sigma

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The pictures with noise, or as they are outside training."""
        return x + self.sigma * torch.randn_like(x) if self.training else x

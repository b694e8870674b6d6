"""N(0, I), the variational autoencoder's prior."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from reparam import distributions
from reparam.registry import register


@register
class StandardNormal(nn.Module):
    r"""N(0, I): the variational autoencoder's prior.

    Args:
        shape: One latent's shape; an integer for a vector.

    Example:
        >>> StandardNormal(2)().sample((64,)).shape
        torch.Size([64, 2])
    """

    zero: Tensor

    def __init__(self, shape: int | Sequence[int]) -> None:
        super().__init__()
        event = (shape,) if isinstance(shape, int) else tuple(shape)
        self.register_buffer("zero", torch.zeros(event), persistent=False)

    def forward(self, *given: Tensor) -> distributions.StandardNormal:
        """The standard normal distribution, whatever is given."""
        return distributions.StandardNormal(self.zero, self.zero.ndim)

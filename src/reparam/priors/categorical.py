"""Priors of categorical latents: every category as likely as another."""

import torch
from torch import Tensor, nn

from reparam import distributions
from reparam.distributions.relaxed_categorical import check_categories, variables
from reparam.registry import register


@register
class UniformCategorical(nn.Module):
    r"""D / C independent variables of C equally likely categories, for straight-through latents.

    .. math:: \log p(z) = -\frac{D}{C} \log C

    Args:
        dim: D, how many numbers a latent has.
        categories: C, how many of them each variable takes.

    Raises:
        CompositionError: If C is below 2 or does not divide D.

    Example:
        >>> UniformCategorical(12, 4)().sample((64,)).shape
        torch.Size([64, 12])
    """

    zero: Tensor

    def __init__(self, dim: int, categories: int) -> None:
        check_categories(categories)
        super().__init__()
        zero = torch.zeros(variables(dim, categories), categories)
        self.register_buffer("zero", zero, persistent=False)

    def forward(self, *given: Tensor) -> distributions.StraightThroughCategorical:
        """The uniform distribution, whatever is given."""
        return distributions.StraightThroughCategorical(self.zero)


@register
class UniformRelaxedCategorical(nn.Module):
    r"""D / C independent relaxed variables of C equally likely categories.

    With the posterior's own temperature, a posterior of equal logits has no rate.

    Args:
        dim: D, how many numbers a latent has.
        categories: C, how many of them each variable takes.
        temperature: T of the prior; it may differ from the posterior's.

    Raises:
        CompositionError: If C is below 2 or does not divide D, or T is not positive.

    Source: Maddison, Mnih & Teh 2017, https://arxiv.org/abs/1611.00712

    Example:
        >>> UniformRelaxedCategorical(12, 4)().sample((64,)).shape
        torch.Size([64, 12])
    """

    zero: Tensor

    def __init__(self, dim: int, categories: int, temperature: float = 0.67) -> None:
        check_categories(categories, temperature)
        super().__init__()
        self.temperature = temperature
        zero = torch.zeros(variables(dim, categories), categories)
        self.register_buffer("zero", zero, persistent=False)

    def forward(self, *given: Tensor) -> distributions.RelaxedCategorical:
        """The uniform relaxed distribution, whatever is given."""
        return distributions.RelaxedCategorical(self.zero, self.temperature)

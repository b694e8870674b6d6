"""Families of categorical latents: relaxed, and exact with a relaxed gradient.

A flat latent of D numbers holds D / C variables of C categories, one after another. A feature is
the logit of a category of a variable. Logits are bounded smoothly by plus and minus 15, so that no
category's probability falls below 1e-13 / C, far below any useful one.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from reparam import distributions
from reparam.distributions.relaxed_categorical import check_categories, variables
from reparam.families.family import Family
from reparam.registry import register

LIMIT = 15.0


@register
class RelaxedCategorical(Family):
    r"""Features (\*, D) as the logits of D / C relaxed variables, points of a simplex each.

    The rate is that of the relaxed model, sampled.

    Args:
        categories: C, how many categories each variable has.
        temperature: T; below 0.65, float32 may round a category's share to its floor.

    Raises:
        CompositionError: If C is below 2 or does not divide D, or T is not positive.

    Source: Maddison, Mnih & Teh 2017, https://arxiv.org/abs/1611.00712; Jang, Gu & Poole 2017,
        https://arxiv.org/abs/1611.01144

    Example:
        >>> q = RelaxedCategorical(5)(torch.zeros(4, 10))
        >>> q.rsample().unflatten(-1, (2, 5)).sum(-1).allclose(torch.ones(4, 2))
        True
    """

    def __init__(self, categories: int, temperature: float = 0.67) -> None:
        check_categories(categories, temperature)
        super().__init__()
        self.categories, self.temperature = categories, temperature

    def read(self, features: Tensor) -> distributions.RelaxedCategorical:
        """The features are logits."""
        logits = _logits(features, self.categories)
        return distributions.RelaxedCategorical(logits, self.temperature)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each number."""
        return _features(shape, self.categories)


@register
class StraightThroughCategorical(Family):
    r"""Features (\*, D) as the logits of D / C variables, each drawn as a single 1 among zeros.

    Draws and rate are those of the discrete model; the draws' gradient is a relaxed draw's.

    Args:
        categories: C, how many categories each variable has.
        temperature: T of the relaxed draw.

    Raises:
        CompositionError: If C is below 2 or does not divide D, or T is not positive.

    Source: Jang, Gu & Poole 2017, https://arxiv.org/abs/1611.01144

    Example:
        >>> q = StraightThroughCategorical(5)(torch.zeros(4, 10))
        >>> q.rsample().unique(), q.entropy()[0]  # 2 log 5
        (tensor([0., 1.]), tensor(3.2189))
    """

    def __init__(self, categories: int, temperature: float = 0.67) -> None:
        check_categories(categories, temperature)
        super().__init__()
        self.categories, self.temperature = categories, temperature

    def read(self, features: Tensor) -> distributions.StraightThroughCategorical:
        """The features are logits."""
        logits = _logits(features, self.categories)
        return distributions.StraightThroughCategorical(logits, self.temperature)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each number."""
        return _features(shape, self.categories)


def _logits(features: Tensor, categories: int) -> Tensor:
    bound = LIMIT * torch.tanh(features / LIMIT)
    return bound.unflatten(-1, (variables(features.shape[-1], categories), categories))


def _features(shape: Sequence[int], categories: int) -> tuple[int, ...]:
    variables(shape[-1], categories)
    return tuple(shape)

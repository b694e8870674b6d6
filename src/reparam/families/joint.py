"""The family of latents of several independent parts."""

from collections.abc import Sequence

from torch import Tensor, nn

from reparam import distributions
from reparam.errors import CompositionError
from reparam.families.family import Family
from reparam.registry import register


@register
class Joint(Family):
    r"""Other families side by side: each reads its share of the features as a part of the latent.

    .. math:: q(z_1, \dots, z_P | x) = \prod_i q_i(z_i | x)

    Args:
        families: The parts' families, of vectors.
        dims: How many numbers of the latent each makes.

    Raises:
        CompositionError: If there is no family, or not one number of dimensions for each.

    Source: Dupont 2018, https://arxiv.org/abs/1804.00104

    Example:
        >>> import torch
        >>> from reparam.families import DiagonalNormal, StraightThroughCategorical
        >>> family = Joint([DiagonalNormal(), StraightThroughCategorical(10)], dims=[2, 10])
        >>> family.features((12,))
        (14,)
        >>> family(torch.zeros(5, 14)).mean.shape
        torch.Size([5, 12])
    """

    def __init__(self, families: Sequence[Family], dims: Sequence[int]) -> None:
        if not families or len(families) != len(dims):
            raise CompositionError(
                f"a joint family has one number of dimensions for each of its families, but was "
                f"given {len(families)} and {len(dims)}"
            )
        super().__init__()
        self.families = nn.ModuleList(families)
        self.dims = list(dims)
        needed = [family.features((dim,)) for family, dim in zip(families, dims, strict=True)]
        self.shares = [share[0] for share in needed]

    def read(self, features: Tensor) -> distributions.Joint:
        """Each family reads its share of vectors."""
        return self.read_batch(features, features.ndim - 1)

    def read_batch(self, features: Tensor, batch_dims: int) -> distributions.Joint:
        """The same, where the number of batch axes is known."""
        shares = features.split(self.shares, -1)
        return distributions.Joint(
            *[
                family(share, batch_dims)
                for family, share in zip(self.families, shares, strict=True)
            ]
        )

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """What all parts need together."""
        if tuple(shape) != (sum(self.dims),):
            raise CompositionError(
                f"parts of {self.dims} numbers cannot make latents of shape {tuple(shape)}: "
                f"use {sum(self.dims)} numbers"
            )
        return (sum(self.shares),)

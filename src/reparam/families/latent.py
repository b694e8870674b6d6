"""Families of latent variables: the point and the three normal distributions."""

from collections.abc import Sequence

import torch
from torch import Tensor

from reparam import distributions
from reparam.families.family import Elementwise, Family, bounded, of_dimension
from reparam.registry import register


@register
class Point(Elementwise):
    r"""Features (\*, \*event) as the value itself: a deterministic autoencoder's posterior.

    Args:
        event_dims: How many trailing axes are one event where no `Conditional` says it: 1.
        link: `"identity"`, or `"sigmoid"` for pictures in [0, 1].

    Example:
        >>> Point()(torch.ones(4, 2)).mean.shape
        torch.Size([4, 2])
    """

    def __init__(self, event_dims: int = 1, link: str = "identity") -> None:
        super().__init__(event_dims)
        self.link = link

    def read_event(self, features: Tensor, event_dims: int) -> distributions.PointMass:
        """The features, through the link."""
        value = features.sigmoid() if self.link == "sigmoid" else features
        return distributions.PointMass(value, event_dims)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each number."""
        return tuple(shape)


@register
class DiagonalNormal(Elementwise):
    r"""Features (\*, 2 D, ...) as the mean and log-variance of N(mean, diag(variance)).

    Args:
        event_dims: How many trailing axes are one event where no `Conditional` says it; the first
            of them is split in two.

    Source: Kingma & Welling 2014, https://arxiv.org/abs/1312.6114

    Example:
        >>> DiagonalNormal()(torch.zeros(4, 6)).rsample((10,)).shape
        torch.Size([10, 4, 3])
    """

    def __init__(self, event_dims: int = 1) -> None:
        super().__init__(event_dims)

    def read_event(self, features: Tensor, event_dims: int) -> distributions.DiagonalNormal:
        """The first half is the mean, the second the log-variance."""
        mean, raw = features.chunk(2, -event_dims)
        return distributions.DiagonalNormal(mean, bounded(raw), event_dims)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Two features for each number."""
        return (2 * shape[0], *shape[1:])


@register
class IsotropicNormal(Family):
    r"""Features (\*, D + 1) as the mean and the one log-variance of N(mean, variance I).

    Example:
        >>> IsotropicNormal()(torch.zeros(4, 6)).rsample((10,)).shape
        torch.Size([10, 4, 5])
    """

    def read(self, features: Tensor) -> distributions.IsotropicNormal:
        """The last feature is the log-variance, the others are the mean."""
        return distributions.IsotropicNormal(features[..., :-1], bounded(features[..., -1]))

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each number, and one more."""
        return (shape[0] + 1,)


@register
class FullNormal(Family):
    r"""Features (\*, D + D (D + 1) / 2) as the mean and the Cholesky factor of N(mean, L L^T).

    Args:
        dim: D, the number of dimensions.

    Example:
        >>> FullNormal(3)(torch.zeros(4, 9)).covariance[0]
        tensor([[1., 0., 0.],
                [0., 1., 0.],
                [0., 0., 1.]])
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def read(self, features: Tensor) -> distributions.FullNormal:
        """The mean, then the logarithms of L's squared diagonal, then the rest of L by rows."""
        below = self.dim * (self.dim - 1) // 2
        mean, raw, lower = features.split([self.dim, self.dim, below], -1)
        rows, columns = torch.tril_indices(self.dim, self.dim, -1, device=features.device)
        scale = (bounded(raw) / 2).exp().diag_embed()
        scale[..., rows, columns] = lower
        return distributions.FullNormal(mean, scale)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """The mean and a triangle."""
        dim = of_dimension(shape, self.dim)
        return (dim + dim * (dim + 1) // 2,)

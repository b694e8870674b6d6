r"""Families of latents on the unit sphere: a mean direction and a concentration.

Both read D + 1 features. The first D, with their length set to 1, are the mean direction. The last
is the concentration, in units of D,

.. math:: \kappa = D \exp(15 \tanh(r / 15))

so that features of zero mean the same in every dimension: a draw's mean is 0.6 to 0.7 mu for von
Mises-Fisher's, 0.5 to 0.7 mu for the power spherical distribution. The bounds, kappa / D = 3e-7
and 3e6, lie far from any useful value: nearly uniform, and an angle of a thirtieth of a degree.
"""

from collections.abc import Sequence

from torch import Tensor

from reparam import distributions
from reparam.distributions.sphere import at_least_a_circle, direction
from reparam.families.family import Family, bounded
from reparam.registry import register


def direction_and_concentration(features: Tensor) -> tuple[Tensor, Tensor]:
    r"""Features (\*, D + 1) as a direction (\*, D) and a concentration (\*).

    Args:
        features: Any numbers; a direction of zero is the first axis.

    Example:
        >>> import torch
        >>> direction_and_concentration(torch.zeros(4))
        (tensor([1., 0., 0.]), tensor(3.))
    """
    dim = features.shape[-1] - 1
    return direction(features[..., :-1]), dim * (bounded(2 * features[..., -1]) / 2).exp()


@register
class VonMisesFisher(Family):
    r"""Features (\*, D + 1) as von Mises-Fisher's mean direction and concentration.

    .. math:: p(z) \propto \exp(\kappa \, \mu^\top z), \quad \|z\| = 1

    Args:
        dim: D, the number of dimensions, at least 2.

    Raises:
        CompositionError: If D is below 2.

    Source: Davidson et al. 2018, https://arxiv.org/abs/1804.00891

    Example:
        >>> import torch
        >>> VonMisesFisher(3)(torch.zeros(4, 4)).rsample((10,)).shape
        torch.Size([10, 4, 3])
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = at_least_a_circle(dim)

    def read(self, features: Tensor) -> distributions.VonMisesFisher:
        """The last feature is the concentration, the others are the direction."""
        return distributions.VonMisesFisher(*direction_and_concentration(features))

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each number, and one more."""
        return (shape[0] + 1,)


@register
class PowerSpherical(Family):
    r"""Features (\*, D + 1) as a power spherical's mean direction and concentration.

    .. math:: p(z) \propto (1 + \mu^\top z)^\kappa, \quad \|z\| = 1

    Args:
        dim: D, the number of dimensions, at least 2.

    Raises:
        CompositionError: If D is below 2.

    Source: De Cao & Aziz 2020, https://arxiv.org/abs/2006.04437

    Example:
        >>> import torch
        >>> PowerSpherical(3)(torch.zeros(4, 4)).rsample((10,)).shape
        torch.Size([10, 4, 3])
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = at_least_a_circle(dim)

    def read(self, features: Tensor) -> distributions.PowerSpherical:
        """The last feature is the concentration, the others are the direction."""
        return distributions.PowerSpherical(*direction_and_concentration(features))

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each number, and one more."""
        return (shape[0] + 1,)

r"""Families of latents on the unit sphere: a mean direction and a concentration.

Both read D + 1 features. The first D, with their length set to 1, are the mean direction. The last
is the concentration, in units of D,

.. math:: \kappa = D \, \frac{(10^6 + 1) \, h}{10^6 + h}, \quad h = \frac{r + \sqrt{r^2 + 4}}{2}

so that features of zero mean the same in every dimension, kappa = D: a draw's mean is 0.6 to 0.7
mu for von Mises-Fisher's, 0.5 to 0.7 mu for the power spherical distribution. It grows as r does,
and falls as -1 / r: an exponential would go to a point, or to the uniform density where no picture
can be told, in one large training step, and would not come back. The bound of a million lies at an
angle of a tenth of a degree.

Source: h is squareplus, Barron 2021, https://arxiv.org/abs/2112.11687
"""

from collections.abc import Sequence

from torch import Tensor

from reparam import distributions
from reparam.distributions.sphere import at_least_a_circle, direction
from reparam.families.family import Family, of_dimension
from reparam.registry import register

LARGEST, FAR = 1e6, 1e9
"""Of kappa / D, and of the feature that says it."""


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
    raw = features[..., -1].clamp(-FAR, FAR)  # squares of larger numbers overflow
    size = _squareplus(raw.clamp_min(0)) / _squareplus((-raw).relu())  # without cancellation
    return direction(features[..., :-1]), dim * size * (LARGEST + 1) / (LARGEST + size)


def _squareplus(raw: Tensor) -> Tensor:
    return (raw + (raw.square() + 4).sqrt()) / 2


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
        return (of_dimension(shape, self.dim) + 1,)


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
        return (of_dimension(shape, self.dim) + 1,)

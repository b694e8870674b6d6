r"""The von Mises-Fisher distribution: a normal distribution's restriction to the unit sphere.

.. math:: p(z) = C_D(\kappa) \exp(\kappa \, \mu^\top z), \quad
    C_D(\kappa) = \frac{\kappa^{D/2 - 1}}{(2 \pi)^{D/2} I_{D/2 - 1}(\kappa)}

on :math:`S^{D-1}`, with the modified Bessel function I. Next to its mean direction it is nearly a
normal distribution with variance 1 / kappa; with kappa = 0 it is uniform. The Bessel function
overflows, underflows and has no derivative by torch where D or kappa are large, so the normaliser
is an integral over the angle to mu, and draws invert that integral: see `sphere`. The usual
rejection sampler (Wood 1994) draws the same, but needs a correction to its gradient.
"""

from torch import Tensor

from reparam.distributions.zonal import Zonal


class VonMisesFisher(Zonal):
    r"""A unit vector whose log-density falls with its squared distance from a mean direction.

    .. math:: \log p(z) = \log C_D(\kappa) + \kappa \, \mu^\top z
        = \log C_D(\kappa) + \kappa - \frac{\kappa}{2} \|z - \mu\|^2

    Its `mean` is the mean direction mu, which is what a code is; the mean of z is `expectation`,
    :math:`A_D(\kappa) \mu` with :math:`A_D = I_{D/2} / I_{D/2 - 1}`. For fixed kappa / D the
    length of it hardly depends on D: 0.62 at kappa = D.

    Args:
        mean: The mean direction mu, (\*batch, D), of length 1.
        concentration: Kappa > 0, (\*batch), or a shape that broadcasts to it.

    Raises:
        CompositionError: If D is below 2.

    Source: Davidson et al. 2018, "Hyperspherical Variational Auto-Encoders",
        https://arxiv.org/abs/1804.00891

    Example:
        >>> import torch
        >>> q = VonMisesFisher(torch.tensor([0.0, 0.0, 1.0]), torch.tensor(2.0))
        >>> q.expectation[-1]  # coth(2) - 1/2
        tensor(0.5373)
        >>> q.rsample((10,)).norm(dim=-1).allclose(torch.ones(10))
        True
    """

    def statistic(self, near: Tensor, far: Tensor) -> Tensor:
        """Cos(theta) - 1, without its rounding near 0."""
        return -2 * near

    def peak(self) -> tuple[Tensor, Tensor]:
        r"""Where :math:`\kappa \sin^2 \theta = (D - 2) \cos \theta`."""
        kappa, n = self._kappa, self.dimensions - 2
        root = (n**2 + 4 * kappa.square()).sqrt()
        return n * (1 + n / (root + 2 * kappa)) / (2 * (root + n)), 4 * kappa + 2 * n

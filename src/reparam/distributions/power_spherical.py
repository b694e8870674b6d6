r"""The power spherical distribution: a power of the nearness to a mean direction.

.. math:: p(z) = \frac{(1 + \mu^\top z)^\kappa}{2^{\alpha + \beta} \pi^\beta}
    \frac{\Gamma(\alpha + \beta)}{\Gamma(\alpha)}, \quad
    \alpha = \frac{D - 1}{2} + \kappa, \quad \beta = \frac{D - 1}{2}

on :math:`S^{D-1}`. The cosine of the angle to mu is 2 B - 1 with B ~ Beta(alpha, beta). A draw
from torch's Beta is accepted or rejected by chance, and its gradient is a rough approximation.
Here draws invert the distribution function instead, as von Mises-Fisher's do: see `sphere`. The
normaliser comes from the same integral, without the Gamma functions' rounding at large kappa.
"""

from torch import Tensor

from reparam.distributions.zonal import Zonal


class PowerSpherical(Zonal):
    r"""A unit vector with a density that is a power of its nearness to a mean direction.

    .. math:: \log p(z) = \kappa \log (1 + \mu^\top z) + \mathrm{constant}
        = \kappa \log \frac{\|z + \mu\|^2}{2} + \mathrm{constant}

    Its `mean` is the mean direction mu, which is what a code is; the mean of z is `expectation`,
    :math:`\frac{\kappa}{\kappa + D - 1} \mu`. It is 0 opposite mu, whatever kappa.

    Args:
        mean: The mean direction mu, (\*batch, D), of length 1.
        concentration: Kappa > 0, (\*batch), or a shape that broadcasts to it.

    Raises:
        CompositionError: If D is below 2.

    Source: De Cao & Aziz 2020, "The Power Spherical distribution",
        https://arxiv.org/abs/2006.04437

    Example:
        >>> import torch
        >>> q = PowerSpherical(torch.tensor([0.0, 0.0, 1.0]), torch.tensor(2.0))
        >>> q.expectation[-1]  # 2 / (2 + 3 - 1)
        tensor(0.5000)
        >>> q.rsample((10,)).norm(dim=-1).allclose(torch.ones(10))
        True
    """

    def statistic(self, near: Tensor, far: Tensor) -> Tensor:
        """Log((1 + cos(theta)) / 2), without its rounding near 0 and pi."""
        return -(near / far).log1p()

    def peak(self) -> tuple[Tensor, Tensor]:
        r"""Where :math:`(2 \kappa + D - 2) \sin^2(\theta/2) = (D - 2) \cos^2(\theta/2)`."""
        kappa, n = self._kappa, self.dimensions - 2
        return n / (2 * (kappa + n)), 2 * (kappa + n)

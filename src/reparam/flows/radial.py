r"""The radial flow: space is drawn to a point or pushed away from it.

.. math:: z' = z + \frac{\beta}{\alpha + r} (z - z_0), \quad r = \|z - z_0\|

Only the distance to the centre :math:`z_0` changes, to
:math:`r' = r \left(1 + \frac{\beta}{\alpha + r}\right)`, which grows with r where
:math:`\beta > -\alpha`. With :math:`\gamma = \beta / \alpha` and :math:`t = \alpha / (\alpha + r)`
the centre's neighbourhood is stretched by :math:`1 + \gamma`, and

.. math:: \log |\det J| = (D - 1) \log(1 + \gamma t) + \log(1 + \gamma t^2)

The distance is found again from :math:`r^2 + (\alpha + \beta - r') r - \alpha r' = 0`.

Source: Rezende & Mohamed 2015, https://arxiv.org/abs/1505.05770
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.distributions import Transform, constraints

from reparam.flows.planar import above_minus_one


class Radial(Transform):
    r"""z' = z + beta / (alpha + r) (z - centre), with r the distance from the centre.

    .. math:: \log |\det J| = (D - 1) \log\left(1 + \frac{\beta}{\alpha + r}\right)
        + \log\left(1 + \frac{\alpha \beta}{(\alpha + r)^2}\right)

    Args:
        centre: (\*batch, D).
        log_alpha: The logarithm of the radius within which space is stretched evenly, (\*batch).
        strength: (\*batch); 0 is the identity, above it pushes away, below it draws near:
            beta is alpha times a function of it that stays above -0.99.

    Source: Rezende & Mohamed 2015, https://arxiv.org/abs/1505.05770

    Example:
        >>> flow = Radial(torch.zeros(2), torch.tensor(0.0), torch.tensor(3.0))
        >>> z = torch.tensor([0.5, 0.5])
        >>> flow.inv(flow(z))
        tensor([0.5000, 0.5000])
    """

    domain = constraints.real_vector
    codomain = constraints.real_vector
    bijective = True

    def __init__(
        self,
        centre: Float[Tensor, "*batch D"],
        log_alpha: Float[Tensor, "*batch"],
        strength: Float[Tensor, "*batch"],
    ) -> None:
        super().__init__()
        self.centre, self.alpha = centre, log_alpha.exp()
        self.gamma = above_minus_one(strength)

    def _call(self, x: Tensor) -> Tensor:
        return self.call_and_ladj(x)[0]

    def call_and_ladj(self, x: Tensor) -> tuple[Tensor, Tensor]:
        r"""The image (\*, D) and the log-determinant (\*)."""
        away = x - self.centre
        near = self._near(away)
        image = x + (self.gamma * near).unsqueeze(-1) * away
        return image, self._stretched(near, away.shape[-1])

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        r"""The log-determinant (\*) at x."""
        away = x - self.centre
        return self._stretched(self._near(away), away.shape[-1])

    def _near(self, away: Tensor) -> Tensor:
        return self.alpha / (self.alpha + torch.linalg.vector_norm(away, dim=-1))

    def _stretched(self, near: Tensor, dim: int) -> Tensor:
        return (dim - 1) * (self.gamma * near).log1p() + (self.gamma * near.square()).log1p()

    def _inverse(self, y: Tensor) -> Tensor:
        away = y - self.centre
        image = torch.linalg.vector_norm(away, dim=-1)
        half = (self.alpha * (1 + self.gamma) - image) / 2
        root = (half.square() + self.alpha * image).sqrt()
        inside = half > 0  # whichever form subtracts no two numbers of one size
        radius = torch.where(inside, self.alpha * image / (root + half.abs()), root + half.abs())
        near = self.alpha / (self.alpha + radius)
        return self.centre + away / (1 + self.gamma * near).unsqueeze(-1)

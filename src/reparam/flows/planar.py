r"""The planar flow: space is moved along one direction, by how far it lies along another.

.. math:: z' = z + \hat u \tanh(w^\top z + b)

Everything that lies on a plane :math:`w^\top z = c` is moved by the same amount. The map can be
inverted where :math:`w^\top \hat u > -1`, so the component of u along w is corrected to be so:

.. math:: \hat u = u + \left(m(w^\top u) - w^\top u\right) \frac{w}{\|w\|^2}, \quad m > -1

The paper takes :math:`m(x) = -1 + \log(1 + e^x)`, which moves space even for u = 0. Here m is
shifted so that m(0) = 0, and u = 0 is the identity.

Along w the map is a function of one number, :math:`s + (w^\top \hat u) \tanh(s + b)`, which grows
with s. It is inverted by halving the interval that must hold s, then by one step of Newton's
method, which carries the gradient (the implicit function theorem).

Source: Rezende & Mohamed 2015, https://arxiv.org/abs/1505.05770
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.distributions import Transform, constraints

MARGIN = 0.01
"""No map flattens space more, so that each can be inverted in float32."""
SHIFT = math.log(math.expm1(1 - MARGIN))
SMALL = 1e-10
HALVINGS = {torch.float32: 24}
"""Newton's step doubles their digits; 40 for float64."""


def above_minus_one(raw: Tensor) -> Tensor:
    r"""A growing function with the value 0 at 0 that stays above -0.99.

    .. math:: m(x) = -1 + \epsilon + \log(1 + e^{x + c})

    Args:
        raw: Of any shape.

    Example:
        >>> above_minus_one(torch.tensor([-1e9, 0.0])).round(decimals=3)
        tensor([-0.9900,  0.0000])
    """
    return F.softplus(raw + SHIFT) - (1 - MARGIN)


class Planar(Transform):
    r"""z' = z + u tanh(w.z + b), with u corrected so that the map can be inverted.

    .. math:: \log |\det J| = \log \left(1 + w^\top \hat u \, (1 - \tanh^2(w^\top z + b))\right)

    Args:
        w: What is looked along, (\*batch, D).
        u: What is moved along, (\*batch, D), before its correction.
        b: Where the bend lies, (\*batch).

    Source: Rezende & Mohamed 2015, https://arxiv.org/abs/1505.05770

    Example:
        >>> flow = Planar(torch.tensor([1.0, 0.0]), torch.tensor([2.0, 0.5]), torch.tensor(0.0))
        >>> z = torch.tensor([0.5, 0.5])
        >>> flow.inv(flow(z))
        tensor([0.5000, 0.5000])
    """

    domain = constraints.real_vector
    codomain = constraints.real_vector
    bijective = True

    def __init__(
        self,
        w: Float[Tensor, "*batch D"],
        u: Float[Tensor, "*batch D"],
        b: Float[Tensor, "*batch"],
    ) -> None:
        super().__init__()
        raw, square = (w * u).sum(-1), w.square().sum(-1)
        safe = square.clamp_min(SMALL)
        gain = above_minus_one(raw)
        self.w, self.b = w, b
        self.u = u + ((gain - raw) / safe).unsqueeze(-1) * w
        self.along = torch.lerp(raw, gain, square / safe)  # w.u of the corrected u

    def _call(self, x: Tensor) -> Tensor:
        return self.call_and_ladj(x)[0]

    def call_and_ladj(self, x: Tensor) -> tuple[Tensor, Tensor]:
        r"""The image (\*, D) and the log-determinant (\*)."""
        bend = ((self.w * x).sum(-1) + self.b).tanh()
        return x + self.u * bend.unsqueeze(-1), self._stretched(bend)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        r"""The log-determinant (\*) at x."""
        return self._stretched(((self.w * x).sum(-1) + self.b).tanh())

    def _stretched(self, bend: Tensor) -> Tensor:
        return (self.along * (1 - bend.square())).log1p()

    def _inverse(self, y: Tensor) -> Tensor:
        target = (self.w * y).sum(-1)
        with torch.no_grad():
            start = self._halved(target)
            slope = 1 + self.along * (1 - (start + self.b).tanh().square())
        s = start - (start + self.along * (start + self.b).tanh() - target) / slope
        return y - self.u * (s + self.b).tanh().unsqueeze(-1)

    def _halved(self, target: Tensor) -> Tensor:
        width = self.along.abs().expand(target.shape)
        low, high = target - width, target + width
        for _ in range(HALVINGS.get(target.dtype, 40)):
            middle = (low + high) / 2
            below = middle + self.along * (middle + self.b).tanh() < target
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return (low + high) / 2

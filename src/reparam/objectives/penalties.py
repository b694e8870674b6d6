r"""What regularised autoencoders add to the distortion, in place of a rate.

Codes may be kept small or few, the encoder may be asked not to move them when pixels move a
little, the decoder not to move the picture when codes do. A squared Jacobian is estimated along
random directions v of unit variance, without bias:

.. math:: E_v \|J^\top v\|^2 = \|J\|_F^2
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from reparam.errors import CompositionError
from reparam.objectives.schedules import Schedule
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Trace


def squared_jacobian(
    function: Callable[[Tensor], Tensor], x: Float[Tensor, "B *X"], directions: int
) -> Float[Tensor, "B"]:
    r"""The squared Frobenius norm of each example's Jacobian, estimated along random directions.

    .. math:: \frac1L \sum_l \|J^\top v_l\|^2, \quad v_l \text{ of random signs}

    Args:
        function: Examples (B, \*X) to (B, \*Y), each on its own.
        x: Where.
        directions: L.

    Example:
        >>> squared_jacobian(lambda x: 3 * x, torch.zeros(2, 5), 1)  # 5 times 9
        tensor([45., 45.])
    """
    y, pull = torch.func.vjp(function, x)[:2]
    pulled = [pull(2.0 * torch.randint_like(y, 2) - 1)[0] for _ in range(directions)]
    return torch.stack(pulled).square().flatten(2).sum(-1).mean(0)


class JacobianTerm(Term):
    """A squared Jacobian. Abstract.

    Args:
        weight: What it is multiplied by.
        directions: Along how many random directions it is estimated.
        name: What it is called in results.

    Raises:
        CompositionError: If there is no direction.
    """

    def __init__(
        self,
        weight: float | Schedule = 1.0,
        directions: int = 1,
        name: str | None = None,
    ) -> None:
        if directions < 1:
            raise CompositionError(f"directions must be at least 1, not {directions}")
        super().__init__(weight, name)
        self.directions = directions


@register
class Contraction(JacobianTerm):
    r"""How much codes move when pixels do.

    .. math:: \|\partial e(x) / \partial x\|_F^2

    with e the posterior's mean, estimated along random directions without bias.

    Args:
        weight: What it is multiplied by.
        directions: Along how many random directions it is estimated.
        name: What it is called in results.

    Raises:
        CompositionError: If there is no direction.

    Source: Rifai et al. 2011, "Contractive Auto-Encoders",
        https://icml.cc/2011/papers/455_icmlpaper.pdf
    """

    name = "contraction"

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """The squared Jacobian of each example."""

        def code(x: Tensor) -> Tensor:
            q = trace.model.posterior(x, *trace.given)  # type: ignore[operator]
            mean: Tensor = q.mean
            return mean

        return squared_jacobian(code, trace.seen, self.directions)


@register
class DecoderGradient(JacobianTerm):
    r"""How much pictures move when codes do.

    .. math:: \frac12 \|\partial d(z) / \partial z\|_F^2

    with d the likelihood's mean, estimated along random directions without bias.

    Args:
        weight: What it is multiplied by.
        directions: Along how many random directions it is estimated.
        name: What it is called in results.

    Raises:
        CompositionError: If there is no direction.

    Source: Ghosh et al. 2020, https://arxiv.org/abs/1903.12436
    """

    name = "decoder_gradient"

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """Half the squared Jacobian of each example, averaged over the K draws."""

        def picture(z: Tensor) -> Tensor:
            mean: Tensor = trace.model.likelihood(z, *trace.given).mean  # type: ignore[operator]
            return mean

        draws = [squared_jacobian(picture, z, self.directions) for z in trace.latent.z]
        return torch.stack(draws).mean(0) / 2


@register
class CodeNorm(Term):
    r"""Half the squared length of the codes.

    .. math:: \frac12 \|z\|^2

    Args:
        weight: What it is multiplied by: beta.
        name: What it is called in results.

    Source: Ghosh et al. 2020, https://arxiv.org/abs/1903.12436
    """

    name = "code_norm"

    def __init__(self, weight: float | Schedule = 1.0, name: str | None = None) -> None:
        super().__init__(weight, name)

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """Half the squared length, averaged over the K draws."""
        return trace.latent.z.square().flatten(2).sum(-1).mean(0) / 2


@register
class Sparsity(Term):
    r"""The sum of the codes' absolute values, which leaves few of them far from 0.

    .. math:: \sum_j |z_j|

    Args:
        weight: What it is multiplied by.
        name: What it is called in results.

    Source: Cunningham et al. 2024, https://arxiv.org/abs/2309.08600
    """

    name = "sparsity"

    def __init__(self, weight: float | Schedule = 1.0, name: str | None = None) -> None:
        super().__init__(weight, name)

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """The sum, averaged over the K draws."""
        return trace.latent.z.abs().flatten(2).sum(-1).mean(0)


@register
class DecoderWeights(Term):
    r"""The squared length of all the decoder's parameters.

    .. math:: \|\theta\|^2

    Args:
        weight: What it is multiplied by: lambda.
        name: What it is called in results.

    Source: Ghosh et al. 2020, https://arxiv.org/abs/1903.12436
    """

    name = "decoder_weights"

    def __init__(self, weight: float | Schedule = 1.0, name: str | None = None) -> None:
        super().__init__(weight, name)

    def forward(self, trace: Trace) -> Float[Tensor, ""]:
        """One number for the batch."""
        likelihood = trace.model.likelihood
        squares = [p.square().sum() for p in likelihood.parameters()]  # type: ignore[union-attr]
        return torch.stack(squares).sum()

r"""The VampPrior: a mixture of the model's own posteriors.

The prior that makes the evidence lower bound greatest is the aggregate posterior, the mixture of
the posteriors of all training examples. It is too large to evaluate and overfits. The variational
mixture of posteriors puts K learned pseudo-inputs :math:`u_k` in the examples' place.

Source: Tomczak & Welling 2018, https://arxiv.org/abs/1705.07120
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.distributions import Mixture
from reparam.errors import CompositionError
from reparam.registry import register


@register
class VampPrior(nn.Module):
    r"""A mixture of the posteriors of learned pseudo-inputs.

    .. math:: p(z) = \frac1K \sum_{k=1}^K q(z | u_k)

    The pseudo-inputs are kept within [0, 1] by a logistic function, which, unlike the paper's
    clipping, lets gradients through everywhere.

    Args:
        posterior: The model's own posterior; any with a density.
        shape: One input's shape, (C, H, W) or (D,); an integer for a vector.
        components: K.

    Raises:
        CompositionError: If there is no component.

    Source: Tomczak & Welling 2018, https://arxiv.org/abs/1705.07120

    Example:
        >>> from reparam.conditional import Conditional
        >>> from reparam.families import DiagonalNormal
        >>> posterior = Conditional(nn.Linear(12, 4), DiagonalNormal(), [1])
        >>> VampPrior(posterior, 12, components=5)().sample((64,)).shape
        torch.Size([64, 2])
    """

    def __init__(
        self, posterior: nn.Module, shape: int | Sequence[int], components: int = 500
    ) -> None:
        super().__init__()
        if components < 1:
            raise CompositionError(f"a VampPrior needs at least one component, not {components}")
        event = (shape,) if isinstance(shape, int) else tuple(shape)
        self.posterior = posterior
        self.raw = nn.Parameter(torch.randn(components, *event))

    @property
    def pseudo_inputs(self) -> Float[Tensor, "K *X"]:
        r"""The pseudo-inputs, (K, \*X), in [0, 1]."""
        return self.raw.sigmoid()

    def forward(self, *given: Tensor) -> Mixture:
        """The mixture, whatever is given."""
        return Mixture(self.posterior(self.pseudo_inputs), self.raw.new_zeros(len(self.raw)))

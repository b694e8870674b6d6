"""A normalizing flow as a learned prior."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from reparam.distributions import NormalizingFlow, StandardNormal
from reparam.errors import CompositionError
from reparam.flows import MaskedFlow
from reparam.registry import register

FLOWS = {"autoregressive": "affine", "spline": "spline"}


@register
class FlowPrior(nn.Module):
    r"""N(0, I) pushed through the inverses of masked autoregressive maps.

    .. math:: \log p(z) = \log N(f(z); 0, I) + \log |\det J_f(z)|

    Scoring takes one pass, as training needs it; drawing takes D passes for each map.

    Args:
        dim: D, how many dimensions a latent has.
        flow: `"autoregressive"`, whose maps are affine in each dimension, or `"spline"`, whose
            maps are monotone splines on [-5, 5] and leave what lies outside.
        transforms: How many maps; the order of the dimensions is reversed between them.
        hidden: The widths of each map's network.

    Raises:
        CompositionError: If the flow is unknown or a number is too small.

    Source: Papamakarios et al. 2017, https://arxiv.org/abs/1705.07057; Durkan et al. 2019,
        https://arxiv.org/abs/1906.04032; as priors: Chen et al. 2017,
        https://arxiv.org/abs/1611.02731

    Example:
        >>> prior = FlowPrior(2, "spline")
        >>> prior().sample((64,)).shape, prior().log_prob(torch.zeros(64, 2)).shape
        (torch.Size([64, 2]), torch.Size([64]))
    """

    zero: Tensor

    def __init__(
        self,
        dim: int,
        flow: str = "autoregressive",
        transforms: int = 3,
        hidden: Sequence[int] = (64, 64),
    ) -> None:
        super().__init__()
        if flow not in FLOWS:
            raise CompositionError(f"flow is one of {', '.join(FLOWS)}, not {flow!r}")
        self.flow = MaskedFlow(dim, FLOWS[flow], transforms, hidden)
        self.register_buffer("zero", torch.zeros(dim), persistent=False)

    def forward(self, *given: Tensor) -> NormalizingFlow:
        """The flow's distribution, whatever is given."""
        maps = [transform.inv for transform in reversed(self.flow())]
        return NormalizingFlow(StandardNormal(self.zero), maps)

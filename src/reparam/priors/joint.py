"""The prior of latents of several independent parts."""

from collections.abc import Sequence

from torch import Tensor, nn

from reparam import distributions
from reparam.errors import CompositionError
from reparam.registry import register


@register
class JointPrior(nn.Module):
    r"""Other priors side by side: each is the prior of a part of the latent.

    .. math:: p(z_1, \dots, z_P) = \prod_i p_i(z_i)

    Args:
        priors: The parts' priors, of vectors, in the order of the posterior's parts.

    Raises:
        CompositionError: If there is no prior.

    Source: Dupont 2018, https://arxiv.org/abs/1804.00104

    Example:
        >>> from reparam.priors import StandardNormal, UniformCategorical
        >>> JointPrior([StandardNormal(2), UniformCategorical(10, 10)])().sample((64,)).shape
        torch.Size([64, 12])
    """

    def __init__(self, priors: Sequence[nn.Module]) -> None:
        if not priors:
            raise CompositionError("a joint prior needs at least one prior")
        super().__init__()
        self.priors = nn.ModuleList(priors)

    def forward(self, *given: Tensor) -> distributions.Joint:
        """The parts' priors, each given the same."""
        return distributions.Joint(*[prior(*given) for prior in self.priors])

"""What every family shares: full precision, and how many features it needs."""

from abc import abstractmethod
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Distribution

from reparam.errors import CompositionError
from reparam.precision import full_precision

LIMIT = 30.0


def bounded(raw: Tensor) -> Tensor:
    r"""A log-variance that no input can make overflow.

    .. math:: 30 \tanh(v / 30)

    Within plus or minus 3 it differs from v by less than 0.01; the bound itself lies at standard
    deviations of 3e-7 and 3e6, far from any useful value.

    Args:
        raw: Features of any shape.

    Example:
        >>> bounded(torch.tensor([1.0, 1e9]))
        tensor([ 0.9996, 30.0000])
    """
    return LIMIT * torch.tanh(raw / LIMIT)


def unbounded(log_variance: Tensor) -> Tensor:
    """The features that `bounded` makes a log-variance of.

    Args:
        log_variance: Within plus or minus 30.

    Example:
        >>> bounded(unbounded(torch.tensor(-9.0)))
        tensor(-9.)
    """
    return LIMIT * torch.atanh(log_variance / LIMIT)


def of_dimension(shape: Sequence[int], dim: int) -> int:
    """The number of dimensions of a family that is made for one.

    Args:
        shape: One event's.
        dim: What the family was made for.

    Raises:
        CompositionError: If the two differ.

    Example:
        >>> of_dimension((3,), 3)
        3
    """
    if tuple(shape) != (dim,):
        raise CompositionError(
            f"this family has {dim} dimensions and cannot make latents of shape {tuple(shape)}: "
            "give it their number"
        )
    return dim


class Family(nn.Module):
    """Features to a distribution. Abstract: a family gives `read` and `features`.

    Densities are computed in float32 or wider: the family leaves autocast and casts its features.
    """

    def forward(self, features: Float[Tensor, "..."]) -> Distribution:
        r"""Read features (\*batch, \*features) as a distribution."""
        if features.dtype in (torch.float16, torch.bfloat16):
            features = features.float()
        with full_precision(features.device):
            return self.read(features)

    @abstractmethod
    def read(self, features: Tensor) -> Distribution:
        """Read features of full precision as a distribution."""

    @abstractmethod
    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """The shape of the features that one event of a given shape needs."""

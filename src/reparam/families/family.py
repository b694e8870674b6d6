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

    takes_batch_dims = True
    """Tells `Conditional` that `forward` takes the number of batch axes."""

    @property
    def mean_range(self) -> tuple[float, float] | None:
        """Between which numbers every mean lies; `None` where it can be any."""
        return (0.0, 1.0) if getattr(self, "link", "identity") == "sigmoid" else None

    def forward(
        self, features: Float[Tensor, "..."], batch_dims: int | None = None
    ) -> Distribution:
        r"""Read features (\*batch, \*features) as a distribution.

        Args:
            features: What a network gave.
            batch_dims: How many leading axes are batch axes, as `Conditional` knows; where it is
                `None`, a family of any shape takes its usual events for granted.
        """
        if features.dtype in (torch.float16, torch.bfloat16):
            features = features.float()
        with full_precision(features.device):
            if batch_dims is None:
                return self.read(features)
            return self.read_batch(features, batch_dims)

    @abstractmethod
    def read(self, features: Tensor) -> Distribution:
        """Read features of full precision as a distribution."""

    def read_batch(self, features: Tensor, batch_dims: int) -> Distribution:
        """The same where the number of batch axes is known; most families need not know it."""
        return self.read(features)

    @abstractmethod
    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """The shape of the features that one event of a given shape needs."""


class Elementwise(Family):
    """A family of independent numbers, whose events may have any shape. Abstract.

    In a `Conditional` it learns which axes are one event from the features: all that are no batch
    axes. A family gives `read_event` and `features`.

    Args:
        event_dims: How many trailing axes are one event where no `Conditional` says it.

    Raises:
        CompositionError: If features have another number of axes than a family was made for.
    """

    usual_dims = 1
    """What `event_dims` is by default."""

    def __init__(self, event_dims: int) -> None:
        super().__init__()
        self.event_dims = event_dims

    def read(self, features: Tensor) -> Distribution:
        """Read features whose events have `event_dims` axes."""
        if features.ndim < self.event_dims:
            raise CompositionError(
                f"{type(self).__name__} takes events of {self.event_dims} axes, and these "
                f"features have {features.ndim}: say event_dims=, or use it in a Conditional, "
                "where it learns them"
            )
        return self.read_event(features, self.event_dims)

    def read_batch(self, features: Tensor, batch_dims: int) -> Distribution:
        """Read features whose events are all that is no batch axis."""
        event_dims = features.ndim - batch_dims
        if self.event_dims not in (event_dims, self.usual_dims):
            raise CompositionError(
                f"{type(self).__name__} was made for events of {self.event_dims} axes, and its "
                f"network gives {event_dims}: leave event_dims out"
            )
        return self.read_event(features, event_dims)

    @abstractmethod
    def read_event(self, features: Tensor, event_dims: int) -> Distribution:
        """Read features of full precision whose last axes are one event."""

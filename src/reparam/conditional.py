"""The first waist: posterior, prior and likelihood are all conditional distributions."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Distribution

from reparam.errors import CompositionError
from reparam.registry import register


@register
class Conditional(nn.Module):
    r"""A conditional distribution: a network gives features, a family reads them.

    .. math:: p(a | b) = \mathrm{family}(\mathrm{network}(b))

    All leading axes of what is given, (K, B, ...), are flattened once before the network and
    restored after it, so that networks only ever see (N, \*event). A `Family` is told how many
    leading axes there are, so that it knows what one event is.

    Args:
        network: Tensors (N, \*event) to features (N, \*features).
        family: Features to a distribution.
        event_dims: For each given, how many trailing axes are one event.

    Raises:
        CompositionError: If it is given more or fewer tensors than `event_dims` names.

    Example:
        >>> from reparam.families import DiagonalNormal
        >>> posterior = Conditional(nn.Linear(10, 4), DiagonalNormal(), event_dims=[1])
        >>> posterior(torch.zeros(7, 5, 10)).mean.shape
        torch.Size([7, 5, 2])
    """

    def __init__(self, network: nn.Module, family: nn.Module, event_dims: Sequence[int]) -> None:
        super().__init__()
        self.network, self.family, self.event_dims = network, family, tuple(event_dims)

    @property
    def mean_range(self) -> tuple[float, float] | None:
        """Between which numbers the distribution's mean lies; `None` where it can be any."""
        found: tuple[float, float] | None = getattr(self.family, "mean_range", None)
        return found

    def forward(self, *given: Float[Tensor, "..."]) -> Distribution:
        r"""The distribution given one or more tensors, each (\*batch, \*event)."""
        if len(given) != len(self.event_dims):
            raise CompositionError(
                f"this distribution is conditioned on {len(self.event_dims)} tensor(s), "
                f"but was given {len(given)}"
            )
        leads = [x.shape[: x.ndim - n] for x, n in zip(given, self.event_dims, strict=True)]
        lead = leads[0]
        if len(leads) > 1:
            lead = torch.broadcast_shapes(*leads)
            given = tuple(
                x.expand(*lead, *x.shape[len(own) :]) for x, own in zip(given, leads, strict=True)
            )
        if len(lead) == 1:  # (B, *event): nothing to flatten
            return self._read(self.network(*given), 1)
        flat = [x.reshape(-1, *x.shape[len(lead) :]) for x in given]
        features: Tensor = self.network(*flat)
        return self._read(features.reshape(*lead, *features.shape[1:]), len(lead))

    def _read(self, features: Tensor, batch_dims: int) -> Distribution:
        if getattr(self.family, "takes_batch_dims", False):
            read: Distribution = self.family(features, batch_dims)
        else:
            read = self.family(features)
        return read

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
    restored after it, so that networks only ever see (N, \*event).

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

    def forward(self, *given: Float[Tensor, "..."]) -> Distribution:
        r"""The distribution given one or more tensors, each (\*batch, \*event)."""
        if len(given) != len(self.event_dims):
            raise CompositionError(
                f"this distribution is conditioned on {len(self.event_dims)} tensor(s), "
                f"but was given {len(given)}"
            )
        if len(given) == 1 and given[0].ndim == self.event_dims[0] + 1:
            return self.family(self.network(*given))  # (B, *event): nothing to flatten
        splits = [x.ndim - dims for x, dims in zip(given, self.event_dims, strict=True)]
        leads = [x.shape[:split] for x, split in zip(given, splits, strict=True)]
        lead = leads[0] if len(leads) == 1 else torch.broadcast_shapes(*leads)
        flat = [
            x.expand(*lead, *x.shape[split:]).reshape(-1, *x.shape[split:])
            for x, split in zip(given, splits, strict=True)
        ]
        features: Tensor = self.network(*flat)
        distribution: Distribution = self.family(features.reshape(*lead, *features.shape[1:]))
        return distribution

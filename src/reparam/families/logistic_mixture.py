"""The family of pictures whose pixels are levels: a mixture of rounded logistic distributions."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from reparam import distributions
from reparam.errors import CompositionError
from reparam.families.family import Elementwise, bounded
from reparam.registry import register

BROAD = 0.25


@register
class DiscretizedLogisticMixture(Elementwise):
    r"""Features as the logits, locations and scales of M logistic components at each pixel.

    .. math:: \mu_m = \sigma\left(r_m + \mathrm{logit} \frac{m - 1/2}{M}\right), \quad
        s_m = \tfrac14 \exp(\mathrm{bounded}(t_m)), \quad m = 1 \dots M

    At zero features the components lie evenly over [0, 1], each with a scale of 1/4: a grey
    picture, and no two components the same (equal ones would get equal gradients for ever).
    Channels share their component and are otherwise independent: there is no linear conditioning
    of one channel on another. In a vector every number has M components of its own.

    Args:
        components: M.
        levels: How many levels a pixel has; 256 for eight bits.
        event_dims: 3 for pictures, 1 for vectors, where no `Conditional` says it.

    Raises:
        CompositionError: If there is no component or just one level, or events are neither.

    Source: Salimans, Karpathy, Chen & Kingma 2017, "PixelCNN++", https://arxiv.org/abs/1701.05517

    Example:
        >>> family = DiscretizedLogisticMixture(components=5)
        >>> family.features((3, 28, 28))  # 5 logits, 15 locations and 15 scales at each pixel
        (35, 28, 28)
        >>> family(torch.zeros(2, 35, 28, 28)).mean.shape
        torch.Size([2, 3, 28, 28])
    """

    usual_dims = 3

    def __init__(self, components: int = 5, levels: int = 256, event_dims: int = 3) -> None:
        super().__init__(_check_axes(event_dims))
        if components < 1:
            raise CompositionError(f"a mixture needs at least one component, not {components}")
        if levels < 2:
            raise CompositionError(f"a pixel has at least two levels, not {levels}")
        self.components, self.levels = components, levels

    @property
    def mean_range(self) -> tuple[float, float]:
        """Between 0 and 1."""
        return (0.0, 1.0)

    def read_event(
        self, features: Tensor, event_dims: int
    ) -> distributions.DiscretizedLogisticMixture:
        """Logits first, then locations, then scales; each component by component."""
        axis, m = -_check_axes(event_dims), self.components
        total = features.shape[axis]
        each = (total - m) // 2 if event_dims == 3 else total // 3
        logits, raw, scales = features.split([total - 2 * each, each, each], axis)
        raw, scales = (part.unflatten(axis, (m, -1)) for part in (raw, scales))
        if event_dims == 1:
            logits = logits.unflatten(-1, (m, -1))
        middles = torch.arange(m, dtype=raw.dtype, device=raw.device) / m + 0.5 / m
        offsets = middles.logit().reshape(m, *[1] * event_dims)
        return distributions.DiscretizedLogisticMixture(
            logits,
            (raw + offsets).sigmoid(),
            bounded(scales) + math.log(BROAD),
            self.levels,
            event_dims,
        )

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """At each position of a picture M (1 + 2 C); for a vector 3 M D."""
        if _check_axes(len(shape)) == 1:
            return (3 * self.components * shape[0],)
        return (self.components * (1 + 2 * shape[0]), *shape[1:])


def _check_axes(event_dims: int) -> int:
    if event_dims not in (1, 3):
        raise CompositionError(
            f"event_dims is 3 for pictures or 1 for vectors, not {event_dims}: a discretized "
            "logistic mixture takes no other items"
        )
    return event_dims

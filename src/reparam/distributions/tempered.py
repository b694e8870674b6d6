"""Drawing nearer to a distribution's centre, or farther from it."""

import math

from torch.distributions import Distribution

from reparam.errors import CompositionError


def tempered(distribution: Distribution, temperature: float) -> Distribution:
    """A distribution with its spread multiplied by a temperature.

    Args:
        distribution: One that knows how, such as a normal distribution.
        temperature: 1 changes nothing, below 1 draws nearer to the centre.

    Raises:
        CompositionError: If the temperature is not positive or the distribution has no such
            notion.

    Example:
        >>> import torch
        >>> from reparam.distributions import DiagonalNormal
        >>> tempered(DiagonalNormal(torch.zeros(2), torch.zeros(2)), 0.5).variance
        tensor([0.2500, 0.2500])
    """
    if not (math.isfinite(temperature) and temperature > 0):
        raise CompositionError(f"temperature must be positive, not {temperature}")
    if temperature == 1:
        return distribution
    if not hasattr(distribution, "tempered"):
        raise CompositionError(
            f"a {type(distribution).__name__} prior has no temperature: leave it at 1"
        )
    warmed: Distribution = distribution.tempered(temperature)
    return warmed

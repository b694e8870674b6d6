"""Pictures scored together with a border of zeros around them."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution


class Padded(Distribution):
    r"""The density of a picture with zeros around it, under a distribution of larger ones.

    .. math:: \log p(x) = \log p_\mathrm{large}(\mathrm{pad}(x, 0))

    Args:
        base: A distribution whose events are the larger pictures, (C, H', W').
        border: How many (left, right, top, bottom) pixels it is larger.

    Example:
        >>> import torch
        >>> from torch.distributions import Bernoulli, Independent
        >>> large = Independent(Bernoulli(logits=torch.zeros(1, 32, 32)), 3)
        >>> Padded(large, (2, 2, 2, 2)).mean.shape
        torch.Size([1, 28, 28])
    """

    arg_constraints = {}  # noqa: RUF012

    def __init__(self, base: Distribution, border: tuple[int, int, int, int]) -> None:
        self.base, self.border = base, border
        left, right, top, bottom = border
        *others, height, width = base.event_shape
        event = Size([*others, height - top - bottom, width - left - right])
        super().__init__(base.batch_shape, event, validate_args=False)

    @property
    def has_density(self) -> bool:
        """Whether the larger distribution has a density."""
        return getattr(self.base, "has_density", True)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether the larger distribution can be drawn from with gradients."""
        return self.base.has_rsample

    @property
    def mean(self) -> Tensor:
        """The mean inside the border."""
        return self._inside(self.base.mean)

    def log_prob(self, value: Float[Tensor, "*batch C H W"]) -> Tensor:
        """The log-density in nats of the picture with its border of zeros."""
        return self.base.log_prob(F.pad(value, self.border))

    def sample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw larger pictures and cut off the border."""
        return self._inside(self.base.sample(Size(sample_shape)))

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw larger pictures with gradients and cut off the border."""
        return self._inside(self.base.rsample(Size(sample_shape)))

    def _inside(self, pictures: Tensor) -> Tensor:
        left, right, top, bottom = self.border
        return F.pad(pictures, (-left, -right, -top, -bottom))


def measure(distribution: Distribution) -> str | None:
    """What a log-density of items is taken with respect to.

    `"levels"`: it is the log-probability of discrete values, such as the 256 levels of a pixel.
    `"density"`: it is a density of real numbers, which depends on their unit. `None`: there is
    none.

    Args:
        distribution: Any; one may say it itself as its attribute `measure`.

    Example:
        >>> import torch
        >>> from torch.distributions import Normal, Poisson
        >>> measure(Normal(0.0, 1.0)), measure(Poisson(torch.ones(2)))
        ('density', 'levels')
    """
    inner = unpadded(distribution)
    if not getattr(inner, "has_density", True):
        return None
    own: str | None = getattr(inner, "measure", None)
    if own is not None:
        return own
    try:
        support = inner.support
    except NotImplementedError:
        return None
    if support is None:
        return None
    return "levels" if support.is_discrete else "density"


def unpadded(distribution: Distribution) -> Distribution:
    """The distribution of a padded picture's pixels; any other as it is.

    Args:
        distribution: Any.

    Example:
        >>> import torch
        >>> from reparam.distributions import Box
        >>> box = Box(torch.zeros(2), torch.ones(2))
        >>> unpadded(box) is box
        True
    """
    return distribution.base if isinstance(distribution, Padded) else distribution

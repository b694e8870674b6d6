"""Families of pictures: what a decoder's features say about pixels.

`Bernoulli`, `Normal` and `Point` show the same picture for the same features, their sigmoid, so
that exchanging one for another changes the loss and nothing else.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.distributions import Independent

from reparam import distributions
from reparam.errors import CompositionError
from reparam.families.family import Elementwise, Family, bounded, unbounded
from reparam.registry import register

VARIANCES = ("fixed", "scalar", "pixel")


@register
class Bernoulli(Elementwise):
    r"""Features as the logits of independent on-off pixels.

    .. math:: \log p(x) = \sum_i x_i \log m_i + (1 - x_i) \log (1 - m_i)

    with m the sigmoid of the logits.

    On grey pixels this is the binary cross-entropy, a loss and not a log-likelihood: the pixels
    must lie in [0, 1], and it cannot fall below their own entropy. `ContinuousBernoulli` is the
    density.

    Args:
        event_dims: How many trailing axes are one event where no `Conditional` says it: 3.

    Example:
        >>> Bernoulli()(torch.zeros(1, 1, 2, 2)).log_prob(torch.ones(1, 1, 2, 2))  # 4 log 1/2
        tensor([-2.7726])
    """

    usual_dims = 3

    def __init__(self, event_dims: int = 3) -> None:
        super().__init__(event_dims)

    @property
    def mean_range(self) -> tuple[float, float]:
        """Between 0 and 1."""
        return (0.0, 1.0)

    def read_event(self, features: Tensor, event_dims: int) -> distributions.Bernoulli:
        """The features are logits."""
        return distributions.Bernoulli(features, event_dims)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each pixel."""
        return tuple(shape)


@register
class ContinuousBernoulli(Elementwise):
    r"""Features as the logits of independent continuous Bernoulli pixels, a density on [0, 1].

    .. math:: \log p(x) = \sum_i x_i \log \lambda_i + (1 - x_i) \log (1 - \lambda_i)
        + \log C(\lambda_i)

    Its mean is not the sigmoid of its logits, but a function of it.

    Args:
        event_dims: How many trailing axes are one event where no `Conditional` says it: 3.

    Source: Loaiza-Ganem & Cunningham 2019, https://arxiv.org/abs/1907.06845

    Example:
        >>> density = ContinuousBernoulli()(torch.zeros(1, 1, 2, 2))
        >>> density.log_prob(torch.ones(1, 1, 2, 2)).abs() < 1e-5
        tensor([True])
    """

    usual_dims = 3

    def __init__(self, event_dims: int = 3) -> None:
        super().__init__(event_dims)

    @property
    def mean_range(self) -> tuple[float, float]:
        """Between 0 and 1."""
        return (0.0, 1.0)

    def read_event(self, features: Tensor, event_dims: int) -> Independent:
        """The features are logits."""
        pixels = distributions.ContinuousBernoulli(features)
        return Independent(pixels, event_dims, validate_args=False)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each pixel."""
        return tuple(shape)


@register
class Normal(Elementwise):
    r"""Features as the means of independent normal pixels.

    .. math:: \log p(x) = -\sum_i \left(\frac{(x_i - m_i)^2}{2 \sigma_i^2}
        + \frac12 \log 2 \pi \sigma_i^2\right)

    Args:
        sigma: The standard deviation in pixel units; where it is learned, its first value.
        variance: `"fixed"`; `"scalar"`: one learned number for all pixels (the sigma-VAE's);
            `"pixel"`: the network gives each pixel's log-variance beside its mean.
        link: `"sigmoid"` for pictures in [0, 1], or `"identity"`.
        event_dims: How many trailing axes are one event where no `Conditional` says it: 3.

    Raises:
        CompositionError: If sigma is not positive, or an option is none of the above.

    Source: Rybkin, Daniilidis & Levine 2021, https://arxiv.org/abs/2006.13202

    Example:
        >>> p = Normal(sigma=0.1)(torch.zeros(1, 1, 2, 2))
        >>> p.mean.unique(), p.variance.unique()
        (tensor([0.5000]), tensor([0.0100]))
    """

    usual_dims = 3

    def __init__(
        self,
        sigma: float = 1.0,
        variance: str = "fixed",
        link: str = "sigmoid",
        event_dims: int = 3,
    ) -> None:
        super().__init__(event_dims)
        if sigma <= 0:
            raise CompositionError(
                f"sigma is a standard deviation and must be positive, not {sigma}"
            )
        if variance not in VARIANCES:
            raise CompositionError(f"variance is one of {', '.join(VARIANCES)}, not {variance!r}")
        if link not in ("sigmoid", "identity"):
            raise CompositionError(f"link is sigmoid or identity, not {link!r}")
        self.variance, self.link = variance, link
        start = torch.tensor(2 * math.log(sigma))
        if variance == "scalar":
            self.log_variance: Tensor = nn.Parameter(unbounded(start))
        else:
            self.register_buffer("log_variance", start)

    def read_event(self, features: Tensor, event_dims: int) -> distributions.Normal:
        """The features are means, and log-variances where each pixel has its own."""
        if self.variance == "pixel":
            features, raw = features.chunk(2, -event_dims)
        mean = features.sigmoid() if self.link == "sigmoid" else features
        if self.variance == "pixel":
            own = bounded(raw) + self.log_variance
            return distributions.DiagonalNormal(mean, own, event_dims)
        shared = bounded(self.log_variance) if self.variance == "scalar" else self.log_variance
        return distributions.IsotropicNormal(mean, shared.to(mean.dtype), event_dims)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each pixel, or two where each has its own variance."""
        return (2 * shape[0], *shape[1:]) if self.variance == "pixel" else tuple(shape)


@register
class Padded(Family):
    """Another family's larger pictures, scored with a border of zeros around the data.

    Args:
        family: The family of the larger pictures.
        border: How many (left, right, top, bottom) pixels they are larger.

    Example:
        >>> Padded(Bernoulli(), [2, 2, 2, 2])(torch.zeros(5, 1, 32, 32)).mean.shape
        torch.Size([5, 1, 28, 28])
    """

    def __init__(self, family: Family, border: Sequence[int]) -> None:
        super().__init__()
        self.family, self.border = family, tuple(border)

    @property
    def mean_range(self) -> tuple[float, float] | None:
        """The family's own."""
        return self.family.mean_range

    def read(self, features: Tensor) -> distributions.Padded:
        """The family's own reading, inside its border."""
        left, right, top, bottom = self.border
        return distributions.Padded(self.family(features), (left, right, top, bottom))

    def read_batch(self, features: Tensor, batch_dims: int) -> distributions.Padded:
        """The same, where the family learns its axes."""
        left, right, top, bottom = self.border
        inner = self.family(features, batch_dims)
        return distributions.Padded(inner, (left, right, top, bottom))

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """What the family needs for the larger pictures."""
        left, right, top, bottom = self.border
        channels, height, width = shape
        return self.family.features((channels, height + top + bottom, width + left + right))

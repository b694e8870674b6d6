"""Families of pictures with wild pixels: Laplace's and Student's t distributions.

They take the options of `Normal` and show the same picture for the same features, so that
exchanging one for another changes how much a large error costs and nothing else.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from reparam import distributions
from reparam.errors import CompositionError
from reparam.families.family import Elementwise, bounded
from reparam.families.pictures import VARIANCES
from reparam.registry import register


class Positive(nn.Module):
    r"""A positive number that is fixed, learned once, or given by the network for each pixel.

    .. math:: \log s = \log s_0 + \tfrac12 \, \mathrm{bounded}(r)

    with the raw number r a parameter or a feature: as for a normal's log-variance, one unit of it
    multiplies the square of the number by e.

    Args:
        start: The number itself, or where it starts.
        source: `"fixed"`, `"scalar"` or `"pixel"`.
    """

    def __init__(self, start: float, source: str) -> None:
        super().__init__()
        self.log_start, self.source = math.log(start), source
        if source == "scalar":
            self.raw = nn.Parameter(torch.zeros(()))

    def forward(self, location: Tensor, features: list[Tensor]) -> Tensor:
        """The number's logarithm; takes the first of the features where pixels have their own."""
        if self.source == "fixed":
            return location.new_full((), self.log_start)
        raw = features.pop(0) if self.source == "pixel" else self.raw.to(location.dtype)
        return self.log_start + bounded(raw) / 2


@register
class Laplace(Elementwise):
    r"""Features as the centres of independent Laplace pixels: the sum of absolute errors.

    .. math:: \log p(x) = -\sum_i \left(\frac{|x_i - m_i|}{s_i} + \log 2 s_i\right)

    Args:
        scale: s, the mean absolute error in pixel units; where it is learned, its first value.
        variance: Where the scale comes from. `"fixed"`; `"scalar"`: one learned number for all
            pixels; `"pixel"`: the network gives each pixel's beside its centre.
        link: `"sigmoid"` for pictures in [0, 1], or `"identity"`.
        event_dims: How many trailing axes are one event where no `Conditional` says it: 3.

    Raises:
        CompositionError: If the scale is not positive, or an option is none of the above.

    Example:
        >>> p = Laplace()(torch.zeros(1, 1, 2, 2))
        >>> p.log_prob(torch.ones(1, 1, 2, 2))  # -4 (1/2 + log 2)
        tensor([-4.7726])
    """

    usual_dims = 3

    def __init__(
        self,
        scale: float = 1.0,
        variance: str = "fixed",
        link: str = "sigmoid",
        event_dims: int = 3,
    ) -> None:
        super().__init__(event_dims)
        _check({"scale": scale}, {"variance": variance}, link)
        self.spread = Positive(scale, variance)
        self.variance, self.link = variance, link

    def read_event(self, features: Tensor, event_dims: int) -> distributions.Laplace:
        """The features are centres, and raw scales where each pixel has its own."""
        raw, *others = features.chunk(1 + (self.variance == "pixel"), -event_dims)
        location = raw.sigmoid() if self.link == "sigmoid" else raw
        return distributions.Laplace(location, self.spread(location, others), event_dims)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each pixel, or two where each has its own scale."""
        return ((1 + (self.variance == "pixel")) * shape[0], *shape[1:])


@register
class StudentT(Elementwise):
    r"""Features as the centres of independent pixels of Student's t distribution.

    .. math:: \log p(x) = -\sum_i \left(\frac{\nu_i + 1}{2}
        \log \left(1 + \frac{(x_i - m_i)^2}{\nu_i s_i^2}\right) + \log s_i + C(\nu_i)\right), \quad
        C(\nu) = \log \frac{\sqrt{\pi \nu} \, \Gamma(\nu / 2)}{\Gamma((\nu + 1) / 2)}

    An error costs little more once it exceeds about :math:`s \sqrt{\nu}`, so the scale has to fit
    the pixels: by default it is learned. With `variance="pixel", tails="pixel"` the network gives
    all three numbers of each pixel, as in the paper.

    Args:
        df: nu, the degrees of freedom; where they are learned, their first value.
        scale: s in pixel units; where it is learned, its first value.
        variance: Where the scale comes from. `"fixed"`; `"scalar"`: one learned number for all
            pixels; `"pixel"`: the network gives each pixel's beside its centre.
        tails: Where the degrees of freedom come from, of the same three.
        link: `"sigmoid"` for pictures in [0, 1], or `"identity"`.
        event_dims: How many trailing axes are one event where no `Conditional` says it: 3.

    Raises:
        CompositionError: If a number is not positive, or an option is none of the above.

    Source: Takahashi, Iwata, Yamanaka, Yamada & Yagi 2018, "Student-t Variational Autoencoder for
        Robust Density Estimation", https://doi.org/10.24963/ijcai.2018/374

    Example:
        >>> family = StudentT(df=3.0, variance="pixel", tails="pixel")
        >>> family.features((1, 28, 28))
        (3, 28, 28)
        >>> family(torch.zeros(5, 3, 28, 28)).mean.unique()
        tensor([0.5000])
    """

    usual_dims = 3

    def __init__(
        self,
        df: float = 4.0,
        scale: float = 0.1,
        variance: str = "scalar",
        tails: str = "fixed",
        link: str = "sigmoid",
        event_dims: int = 3,
    ) -> None:
        super().__init__(event_dims)
        _check({"df": df, "scale": scale}, {"variance": variance, "tails": tails}, link)
        self.spread, self.freedom = Positive(scale, variance), Positive(df, tails)
        self.variance, self.tails = variance, tails
        self.link = link

    @property
    def _parts(self) -> int:
        return 1 + (self.variance == "pixel") + (self.tails == "pixel")

    def read_event(self, features: Tensor, event_dims: int) -> distributions.StudentT:
        """The features are centres, then raw scales and degrees where pixels have their own."""
        raw, *others = features.chunk(self._parts, -event_dims)
        location = raw.sigmoid() if self.link == "sigmoid" else raw
        log_scale = self.spread(location, others)
        log_df = self.freedom(location, others)
        return distributions.StudentT(location, log_scale, log_df, event_dims)

    def features(self, shape: Sequence[int]) -> tuple[int, ...]:
        """One feature for each pixel, and one more for each number that is its own."""
        return (self._parts * shape[0], *shape[1:])


def _check(numbers: dict[str, float], sources: dict[str, str], link: str) -> None:
    for name, number in numbers.items():
        if not (number > 0 and math.isfinite(number)):
            raise CompositionError(f"{name} must be positive, not {number}")
    for name, source in sources.items():
        if source not in VARIANCES:
            raise CompositionError(f"{name} is one of {', '.join(VARIANCES)}, not {source!r}")
    if link not in ("sigmoid", "identity"):
        raise CompositionError(f"link is sigmoid or identity, not {link!r}")

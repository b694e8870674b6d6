r"""Normalizing flows: a simple distribution pushed through invertible maps.

A draw :math:`x` of the base goes through the maps, :math:`z = f(x)`. The map stretches the space
around x by the determinant of its Jacobian, and the density thins out as much:

.. math:: \log p(z) = \log p_\mathrm{base}(x) - \log |\det J_f(x)|

Drawing knows x already, so that it gives z and its density in one pass. To score any other z the
maps are inverted, which some of them do slowly: a masked autoregressive map is fast in one
direction and needs a pass for each dimension in the other. A posterior draws at every step, so its
maps must be fast forward; a prior scores at every step, so its maps must be fast backward.

Source: Rezende & Mohamed 2015, https://arxiv.org/abs/1505.05770; Papamakarios et al. 2021,
https://arxiv.org/abs/1912.02762
"""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution, Transform, constraints

from reparam.distributions.tempered import tempered
from reparam.precision import full_precision


class NormalizingFlow(Distribution):
    r"""A base distribution pushed through invertible maps: a transformed distribution.

    .. math:: z = f_n(\dots f_1(x)), \quad
        \log p(z) = \log p_\mathrm{base}(x) - \sum_i \log \left|\det J_{f_i}\right|

    It differs from torch's `TransformedDistribution` in that it draws and scores in one pass, and
    asks a map for its value and its log-determinant at once where it has `call_and_ladj`.

    Args:
        base: Where draws begin, with gradients; batches (\*batch), events (\*event).
        transforms: The maps in the order of drawing, torch's transforms; none changes the shape.

    Example:
        >>> import torch
        >>> from torch.distributions import AffineTransform
        >>> from reparam.distributions import StandardNormal
        >>> twice = AffineTransform(torch.ones(2), torch.full((2,), 2.0), event_dim=1)
        >>> p = NormalizingFlow(StandardNormal(torch.zeros(2)), [twice])
        >>> p.mean, p.log_prob(torch.ones(2))  # -log(2 pi) - 2 log 2
        (tensor([1., 1.]), tensor(-3.2242))
    """

    has_rsample = True
    arg_constraints = {}  # noqa: RUF012

    def __init__(self, base: Distribution, transforms: Sequence[Transform]) -> None:
        self.base, self.transforms = base, list(transforms)
        if hasattr(base, "space"):
            self.space = base.space
        super().__init__(base.batch_shape, base.event_shape, validate_args=False)

    @property
    def support(self) -> constraints.Constraint | None:
        """Where the last map goes."""
        return self.transforms[-1].codomain if self.transforms else self.base.support

    @property
    def mean(self) -> Tensor:
        r"""The image of the base's mean, (\*batch, \*event).

        It is the flow's centre, the same at every call, and not the expectation of z, which no
        formula gives: average draws for that.
        """
        return self.image(self.base.mean)

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, \*event) with gradients."""
        return self.image(self.base.rsample(Size(sample_shape)))

    def rsample_and_log_prob(
        self, sample_shape: Size | list[int] | tuple[int, ...] = ()
    ) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*batch"]]:
        r"""Draw (\*sample, \*batch, \*event) and score the draws in nats, in one pass."""
        z = self.base.rsample(Size(sample_shape))
        log_p = self.base.log_prob(z)
        with full_precision(z.device):
            for transform in self.transforms:
                z, stretched = self._apply(transform, z)
                log_p = log_p - stretched
        return z, log_p

    def log_prob(self, value: Tensor) -> Tensor:
        r"""The log-density in nats, (\*batch), of events (\*, \*batch, \*event): maps inverted."""
        log_p: Tensor | float = 0.0
        with full_precision(value.device):
            for transform in reversed(self.transforms):
                value, stretched = self._apply(transform.inv, value)
                log_p = log_p + stretched
        return self.base.log_prob(value) + log_p

    def tempered(self, temperature: float) -> "NormalizingFlow":
        """The same maps of a tempered base."""
        return NormalizingFlow(tempered(self.base, temperature), self.transforms)

    def image(self, x: Tensor) -> Tensor:
        r"""What the maps make of events (\*, \*batch, \*event) of the base."""
        with full_precision(x.device):
            for transform in self.transforms:
                x = transform(x)
        return x

    def _apply(self, transform: Transform, x: Tensor) -> tuple[Tensor, Tensor]:
        if hasattr(transform, "call_and_ladj"):
            y, stretched = transform.call_and_ladj(x)
        else:
            y = transform(x)
            stretched = transform.log_abs_det_jacobian(x, y)
        left = len(self.event_shape) - transform.domain.event_dim
        return y, stretched.flatten(-left).sum(-1) if left > 0 else stretched

r"""Latents of several independent parts, such as a normal part and a categorical one.

.. math:: p(z_1, \dots, z_P) = \prod_i p_i(z_i)

The parts lie one after another in one flat event. Whatever is a sum over independent variables is
a sum over the parts: log-density, entropy and KL divergence.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add

import torch
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution, kl_divergence
from torch.distributions.kl import register_kl

from reparam.errors import CompositionError

Draw = Callable[..., tuple[Tensor, Tensor]]


class Joint(Distribution):
    r"""Independent distributions side by side.

    .. math:: \log p(z) = \sum_i \log p_i(z_i)

    Args:
        *parts: Distributions with events of one axis and the same batch shape.

    Raises:
        CompositionError: If there is no part, an event has not one axis, or batch shapes differ.

    Source: Dupont 2018, https://arxiv.org/abs/1804.00104

    Example:
        >>> from reparam.distributions import DiagonalNormal, StraightThroughCategorical
        >>> style = DiagonalNormal(torch.zeros(5, 2), torch.zeros(5, 2))
        >>> kind = StraightThroughCategorical(torch.zeros(5, 1, 10))
        >>> Joint(style, kind).rsample((3,)).shape
        torch.Size([3, 5, 12])
    """

    arg_constraints = {}  # noqa: RUF012

    def __init__(self, *parts: Distribution) -> None:
        if not parts:
            raise CompositionError("a joint distribution needs at least one part")
        if any(len(part.event_shape) != 1 for part in parts):
            raise CompositionError(
                "each part of a joint distribution is a vector, but events have shapes "
                + ", ".join(str(tuple(part.event_shape)) for part in parts)
            )
        if any(part.batch_shape != parts[0].batch_shape for part in parts):
            raise CompositionError(
                "the parts of a joint distribution share a batch, but theirs have shapes "
                + ", ".join(str(tuple(part.batch_shape)) for part in parts)
            )
        self.parts = parts
        self.sizes = [part.event_shape[0] for part in parts]
        if any(hasattr(part, "space") for part in parts):
            self.space = _space(parts, self.sizes)
        super().__init__(parts[0].batch_shape, Size([sum(self.sizes)]), validate_args=False)

    @property
    def has_density(self) -> bool:
        """Whether every part has a density."""
        return all(getattr(part, "has_density", True) for part in self.parts)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether every part can be drawn from with gradients."""
        return all(part.has_rsample for part in self.parts)

    @property
    def mean(self) -> Tensor:
        r"""The parts' means, (\*batch, D)."""
        return torch.cat([part.mean for part in self.parts], -1)

    @property
    def variance(self) -> Tensor:
        r"""The parts' variances, (\*batch, D), where all know theirs."""
        return torch.cat([part.variance for part in self.parts], -1)

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, D) with gradients."""
        return torch.cat([part.rsample(Size(sample_shape)) for part in self.parts], -1)

    def sample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, D) without gradients."""
        return torch.cat([part.sample(Size(sample_shape)) for part in self.parts], -1)

    @property
    def rsample_and_log_prob(self) -> Draw:
        """Draw with the log-density; only where a part knows it from drawing."""
        if not any(hasattr(part, "rsample_and_log_prob") for part in self.parts):
            raise AttributeError("no part knows its log-density from drawing: use rsample")
        return self._rsample_and_log_prob

    @property
    def tempered(self) -> Callable[[float], "Joint"]:
        """Every part at a temperature; only where all know how."""
        if not all(hasattr(part, "tempered") for part in self.parts):
            raise AttributeError("a part has no temperature")
        return self._tempered

    def log_prob(self, value: Tensor) -> Tensor:
        r"""The log-density in nats, (\*batch), of events (\*, \*batch, D)."""
        values = value.split(self.sizes, -1)
        return reduce(add, [part.log_prob(z) for part, z in zip(self.parts, values, strict=True)])

    def entropy(self) -> Tensor:
        r"""The sum of the parts' entropies in nats, (\*batch), where all are known."""
        return reduce(add, [part.entropy() for part in self.parts])

    def _rsample_and_log_prob(
        self, sample_shape: Size | list[int] | tuple[int, ...] = ()
    ) -> tuple[Tensor, Tensor]:
        drawn = [_draw(part, Size(sample_shape)) for part in self.parts]
        return torch.cat([z for z, _ in drawn], -1), reduce(add, [nats for _, nats in drawn])

    def _tempered(self, temperature: float) -> "Joint":
        return Joint(*[part.tempered(temperature) for part in self.parts])  # type: ignore[attr-defined]


def _space(parts: Sequence[Distribution], sizes: list[int]) -> str:
    places = [getattr(part, "space", "anywhere") for part in parts]
    each = [f"{size} {place}" for size, place in zip(sizes, places, strict=True)]
    return f"in parts ({', '.join(each)})"


def _draw(part: Distribution, sample_shape: Size) -> tuple[Tensor, Tensor]:
    if hasattr(part, "rsample_and_log_prob"):
        drawn: tuple[Tensor, Tensor] = part.rsample_and_log_prob(sample_shape)
        return drawn
    z = part.rsample(sample_shape)
    return z, part.log_prob(z)


def kl_per_part(q: Joint, p: Joint) -> list[Float[Tensor, "*batch"]]:
    r"""KL(q || p) of each part in nats.

    Args:
        q: Parts with batches (\*batch).
        p: Parts of the same sizes; their batch shape broadcasts.

    Raises:
        NotImplementedError: If the parts' sizes differ, or a pair has no closed form.

    Example:
        >>> from reparam.distributions import DiagonalNormal, StraightThroughCategorical
        >>> kind = StraightThroughCategorical(torch.zeros(1, 10))
        >>> style = [DiagonalNormal(m * torch.ones(2), torch.zeros(2)) for m in (1.0, 0.0)]
        >>> kl_per_part(Joint(style[0], kind), Joint(style[1], kind))
        [tensor(1.), tensor(0.)]
    """
    if q.sizes != p.sizes:
        raise NotImplementedError(f"parts of sizes {q.sizes} and of sizes {p.sizes}")
    return [kl_divergence(a, b) for a, b in zip(q.parts, p.parts, strict=True)]


@register_kl(Joint, Joint)
def kl_joint_joint(q: Joint, p: Joint) -> Tensor:
    r"""The KL divergence in nats, (\*batch).

    .. math:: KL(q \| p) = \sum_i KL(q_i \| p_i)
    """
    return reduce(add, kl_per_part(q, p))

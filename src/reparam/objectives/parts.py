"""The rate of one part of a latent that has several."""

from jaxtyping import Float
from torch import Tensor

from reparam.distributions import Joint, kl_per_part
from reparam.errors import CompositionError
from reparam.objectives.schedules import Schedule
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Trace


@register
class RateOfPart(Term):
    r"""How far the rate of one part of a joint latent is from a capacity.

    .. math:: \left|E_x KL(q(z_i | x) \| p(z_i)) - C\right|

    in nats. With a capacity of 0 it is the part's rate.

    Args:
        part: i, which part, counted from 0.
        weight: What it is multiplied by: gamma.
        capacity: C in nats; a schedule lets it grow while training.
        name: What it is called in results; by default `rate_of_part_` and its number.

    Raises:
        CompositionError: If the latent has no such part.

    Source: Dupont 2018, https://arxiv.org/abs/1804.00104
    """

    scores = ("prior",)
    capacity: Tensor

    def __init__(
        self,
        part: int,
        weight: float | Schedule = 1.0,
        capacity: float | Schedule = 0.0,
        name: str | None = None,
    ) -> None:
        if part < 0:
            raise CompositionError(f"parts are counted from 0, and {part} is none")
        super().__init__(weight, name or f"rate_of_part_{part}")
        self.part = part
        self.scheduled("capacity", capacity)

    def forward(self, trace: Trace) -> Float[Tensor, ""]:
        """One number for the batch."""
        latent = trace.latent
        q, p = latent.q, latent.prior
        if not (isinstance(q, Joint) and isinstance(p, Joint) and self.part < len(q.parts)):
            raise CompositionError(
                f"the latent has no part {self.part}: the rate of a part needs a joint posterior "
                "and a joint prior of as many parts"
            )
        return (kl_per_part(q, p)[self.part].mean() - self.capacity).abs()

"""One summand of an objective."""

from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.objectives.schedules import Schedule, check_weight
from reparam.trace import Trace


class Term(nn.Module):
    """A trace to nats per example. Abstract: a term gives `forward`, and a `name` for its class.

    A term with parameters of its own (a critic) is a second player: they learn from `critic_loss`
    alone. Let the term score through `frozen(self.critic, z)`, and `critic_loss` see `z.detach()`.

    Args:
        weight: What the term is multiplied by in its objective: a number or a schedule.
        name: What the term is called in results; the class's own by default.
    """

    name: str
    weight: Tensor

    def __init__(self, weight: float | Schedule = 1.0, name: str | None = None) -> None:
        super().__init__()
        self.name = name or type(self).name
        self.schedule = weight if isinstance(weight, Schedule) else None
        start = weight.at(0) if isinstance(weight, Schedule) else check_weight(weight)
        self.register_buffer("weight", torch.tensor(start), persistent=False)

    @abstractmethod
    def forward(self, trace: Trace) -> Float[Tensor, "B"] | Float[Tensor, ""]:
        """The term's value for each example, (B,), or one for the whole batch."""

    def critic_loss(self, trace: Trace) -> Float[Tensor, ""] | None:
        """What the term's own parameters minimise; `None` where it has none."""
        return None

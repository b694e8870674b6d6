"""One summand of an objective."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.objectives.schedules import Schedule, check_weight
from reparam.trace import Trace


class Term(nn.Module):
    """A trace to nats per example. Abstract: a term gives `forward`, and a `name` for its class.

    A term with parameters of its own (a critic) is a second player: they learn from `critic_loss`
    alone. Let the term score through `frozen(self.critic, z)`, and `critic_loss` see `z.detach()`.

    A term that takes the log-density of the model's prior or likelihood says so in `scores`: what
    those learn beside samples and means learns from such terms alone.

    Args:
        weight: What the term is multiplied by in its objective: a number or a schedule.
        name: What the term is called in results; the class's own by default.
    """

    name: str
    scores: tuple[str, ...] = ()
    weight: Tensor

    def __init__(self, weight: float | Schedule = 1.0, name: str | None = None) -> None:
        super().__init__()
        self.name = name or type(self).name
        self.schedules = nn.ModuleDict()
        self.scheduled("weight", weight)

    def scheduled(self, name: str, value: float | Schedule) -> None:
        """Keep a number of at least 0 in a buffer that follows its schedule while training.

        Args:
            name: The buffer's name.
            value: The number or its schedule.
        """
        if isinstance(value, Schedule):
            self.schedules[name] = value
        start = value.at(0) if isinstance(value, Schedule) else check_weight(value)
        self.register_buffer(name, torch.tensor(start), persistent=False)

    def advance(self, step: int) -> None:
        """Set every scheduled number to its value at an optimiser's step.

        Args:
            step: Counted from 0.

        Raises:
            CompositionError: If a schedule lasts a part of a training of unknown length.
        """
        for name, schedule in self.schedules.items():
            getattr(self, name).fill_(cast("Schedule", schedule).weight_at(step))

    def prepare(self, examples: int, steps: int) -> None:
        """Learn what training is like before it begins.

        Args:
            examples: How many examples the training set has.
            steps: How many steps training takes.
        """
        for schedule in self.schedules.values():
            cast("Schedule", schedule).prepare(steps)

    @property
    def scheduled_steps(self) -> int:
        """From this step on every number is final."""
        schedules = cast("Iterable[Schedule]", self.schedules.values())
        return max((schedule.steps for schedule in schedules), default=0)

    @abstractmethod
    def forward(self, trace: Trace) -> Float[Tensor, "B"] | Float[Tensor, ""]:
        """The term's value for each example, (B,), or one for the whole batch."""

    def critic_loss(self, trace: Trace) -> Float[Tensor, ""] | None:
        """What the term's own parameters minimise; `None` where it has none."""
        return None

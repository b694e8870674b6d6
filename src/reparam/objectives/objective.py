"""Objectives: weighted sums of named terms over a trace."""

from collections.abc import Iterator
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.errors import CompositionError
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Trace


@register
class Objective(nn.Module):
    r"""A weighted sum of terms, in nats per example.

    .. math:: L = \sum_i w_i \, \frac1B \sum_b t_i(\mathrm{trace})_b

    Args:
        *terms: What to add up.
        samples: K, how many latents the terms need for each example.

    Raises:
        CompositionError: If there is no term, two have one name, or K is not positive.

    Example:
        >>> from reparam import zoo
        >>> from reparam.objectives import Distortion, Rate
        >>> model, _ = zoo.vae((1, 28, 28), latent=2)
        >>> objective = Objective(Distortion(), Rate(weight=4.0))
        >>> values = objective(model(torch.rand(8, 1, 28, 28)))
        >>> bool(values["loss"] == values["distortion"] + 4 * values["rate"])
        True
    """

    def __init__(self, *terms: Term, samples: int = 1) -> None:
        super().__init__()
        names = [term.name for term in terms]
        if not terms:
            raise CompositionError("an objective needs at least one term, such as Distortion()")
        if twice := [name for name in names if names.count(name) > 1 or name in RESERVED]:
            raise CompositionError(
                f"the name {twice[0]!r} is taken: give one of the terms another with name="
            )
        if samples < 1:
            raise CompositionError(f"an objective needs at least one sample, not {samples}")
        self.terms = nn.ModuleList(terms)
        self.samples = samples
        self._advanced = False

    def forward(
        self, trace: Trace, example_weights: Float[Tensor, "B"] | None = None
    ) -> dict[str, Float[Tensor, ""]]:
        """Each term by its name, unweighted, and their weighted sum as `loss`.

        Args:
            trace: What a pass through a model left.
            example_weights: How much each example counts, with mean 1; all the same by default.

        Raises:
            CompositionError: If a term's value is neither (B,) nor one number, the trace has fewer
                draws than the terms need, or weights change with the step and nobody said which
                step it is.
        """
        self._check_draws(trace)
        if self.training and torch.is_grad_enabled():
            self._check_advanced()
        values: dict[str, Tensor] = {}
        weighted: list[Tensor] = []
        for term in self:
            value = term(trace)
            _check_value(term, value, len(trace.x))
            if value.ndim and example_weights is not None:
                value = value * example_weights
            values[term.name] = value = value.mean()
            weighted.append(term.weight * value)
        values["loss"] = sum(weighted[1:], weighted[0])
        return values

    @property
    def has_critic(self) -> bool:
        """Whether a term has a player of its own."""
        return any(type(term).critic_loss is not Term.critic_loss for term in self)

    def critic_loss(self, trace: Trace) -> Float[Tensor, ""] | None:
        """What the terms' own parameters minimise, added up; `None` where no term has any."""
        losses = [term.critic_loss(trace) for term in self]
        defined = [loss for loss in losses if loss is not None]
        return torch.stack(defined).sum() if defined else None

    def prepare(self, examples: int, steps: int) -> None:
        """Tell the terms what training is like before it begins; `fit` does.

        Args:
            examples: How many examples the training set has.
            steps: How many steps training takes.
        """
        for term in self:
            term.prepare(examples, steps)

    def advance(self, step: int) -> None:
        """Set every scheduled weight to its value at an optimiser's step.

        `fit` does it; a loop of one's own calls it before each step.

        Args:
            step: Counted from 0.

        Raises:
            CompositionError: If a schedule lasts a part of the training, and nobody said with
                `prepare` how long that is.
        """
        for term in self:
            term.advance(step)
        self._advanced = True

    def finish(self) -> None:
        """Set every scheduled weight to its final value."""
        self.advance(self.scheduled_steps)

    @property
    def scheduled_steps(self) -> int:
        """From this step on every weight is final."""
        return max(term.scheduled_steps for term in self)

    def _check_advanced(self) -> None:
        if not self._advanced and any(len(term.schedules) for term in self):
            raise CompositionError(
                "a weight of this objective changes with the step, and nobody said which step it "
                "is: call objective.advance(step) before each step, counted from 0, or "
                "objective.finish() for the final weights"
            )

    def _check_draws(self, trace: Trace) -> None:
        draws = len(trace.latents[0].z)
        if draws < self.samples:
            raise CompositionError(
                f"this objective needs {self.samples} draws of each example, and the trace has "
                f"{draws}: call model(x, samples=objective.samples)"
            )

    def __iter__(self) -> Iterator[Term]:
        """The terms in order."""
        yield from cast("Iterator[Term]", self.terms)


def _check_value(term: Term, value: Tensor, examples: int) -> None:
    if value.ndim and tuple(value.shape) != (examples,):
        raise CompositionError(
            f"the term {term.name!r} gives the shape {tuple(value.shape)} where one number for "
            f"each of {examples} examples is needed, or one for the batch: sum over all other axes"
        )


RESERVED = (
    "loss", "critic", "examples_per_second", "learning_rate", "epoch", "split", "step",
    "gradient_norm", "critic_gradient_norm", "rate_per_dimension", "skipped_steps",
)  # fmt: skip

"""The one module that data parallelism, compilation and mixed precision see."""

from contextlib import suppress

import torch
from torch import Tensor, nn

from reparam.errors import CompositionError
from reparam.objectives import Objective
from reparam.precision import full_precision
from reparam.trace import Trace


class Step(nn.Module):
    r"""Tensors in, scalar tensors out: one pass through a model and its objective.

    A wrapper must never have to carry a trace: it comes back copied and with mixed dtypes.
    Densities are computed outside mixed precision.

    Args:
        model: Pictures to a trace.
        objective: A trace to its terms.

    Example:
        >>> from reparam import zoo
        >>> step = Step(*zoo.vae((1, 28, 28), latent=2))
        >>> sorted(step(torch.rand(4, 1, 28, 28)))
        ['distortion', 'loss', 'rate']
    """

    def __init__(self, model: nn.Module, objective: Objective) -> None:
        super().__init__()
        self.model, self.objective = model, objective
        self.has_critic = objective.has_critic

    def forward(self, x: Tensor, *y: Tensor) -> dict[str, Tensor]:
        r"""Every term by its name, `loss`, and `critic` where terms have players.

        Distortion and rate are always among them where they are defined, in nats per example. In
        evaluation mode there is also `rate_per_dimension`, (D,), where the rate falls into a sum.

        Args:
            x: Pictures, (B, \*X).
            *y: Conditions, each (B, \*Y).
        """
        trace = self.model(x, *y, samples=self.objective.samples)
        with full_precision(x.device):
            values = self.objective(trace)
            critic = self.objective.critic_loss(trace) if self.has_critic else None
            if critic is not None:
                values["critic"] = critic
            if not (self.training and "distortion" in values and "rate" in values):
                self._add_what_no_term_asks(trace, values)
        return values

    @torch.no_grad()
    def _add_what_no_term_asks(self, trace: Trace, values: dict[str, Tensor]) -> None:
        if "distortion" not in values and trace.has_distortion:
            values["distortion"] = -trace.log_likelihood.mean()
        if "rate" not in values and trace.has_rate:
            values["rate"] = trace.kl.mean()
        if not self.training and trace.has_rate:
            with suppress(CompositionError):
                values["rate_per_dimension"] = rates(trace)


def rates(trace: Trace) -> Tensor:
    """The rate of each dimension of all latents, (D,), averaged over the batch.

    Args:
        trace: A pass through a model.

    Raises:
        CompositionError: If it does not fall into a sum over dimensions.
    """
    return torch.cat([latent.kl_per_dimension.mean(0).flatten() for latent in trace.latents])

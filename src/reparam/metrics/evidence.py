"""The evidence log p(x) of a data set, from below, by importance sampling."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.data import Batches, Dataset
from reparam.distributions import Bernoulli, unpadded
from reparam.errors import CompositionError
from reparam.inference import inference, inputs
from reparam.metrics.bound import check_densities
from reparam.metrics.progress import bar
from reparam.randomness import Stream
from reparam.trace import Trace

LEVELS = 256
"""Grey levels of a pixel, whose bits are counted."""


@dataclass(frozen=True)
class Evidence:
    """The importance-weighted bound of each item's evidence.

    Args:
        log_weights: Each item's bound of log p(x) in nats, (N,).
        samples: K, how many draws each took.
        dimensions: D, how many numbers an item has.
        levels: How many values a number can take: 256 for pixels under a density, 2 under a
            Bernoulli likelihood; `None` for grey pixels under that one, which is then no density.
    """

    log_weights: Float[Tensor, "N"]
    samples: int
    dimensions: int
    levels: int | None

    @property
    def nats(self) -> float:
        """The bound of -log p(x), averaged over the items; the lower the better."""
        return -self.log_weights.mean().item()

    @property
    def standard_error(self) -> float:
        """Of `nats`, over the items."""
        if len(self.log_weights) < 2:
            return 0.0
        return self.log_weights.std().item() / math.sqrt(len(self.log_weights))

    @property
    def bits_per_dimension(self) -> float | None:
        r"""Bits for each number; `None` where the likelihood is no density.

        .. math:: \frac{-\log p(x)}{D \log 2} + \log_2 256

        A density of numbers in [0, 1] spreads each of 256 grey levels over 1/256.
        """
        if self.levels is None:
            return None
        spread = math.log2(LEVELS) if self.levels == LEVELS else 0.0
        return self.nats / (self.dimensions * math.log(2)) + spread

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values, without each item's."""
        plain = {key: value for key, value in asdict(self).items() if key != "log_weights"}
        return {
            "importance_weighted_bound": self.nats,
            "standard_error": self.standard_error,
            "bits_per_dimension": self.bits_per_dimension,
            "examples": len(self.log_weights),
        } | plain


def evidence(
    model: nn.Module,
    dataset: Dataset,
    samples: int = 100,
    seed: int = 0,
    at_once: int = 1000,
    progress: bool = True,
) -> Evidence:
    r"""Bound each item's evidence by K draws, a few at a time: memory does not grow with K.

    .. math:: \log p(x) \ge E \log \frac1K \sum_{k=1}^K \frac{p(x | z_k) \, p(z_k)}{q(z_k | x)},
        \quad z_k \sim q(z | x)

    The bound tightens with K; with K = 1 it is the evidence lower bound.

    Args:
        model: A model with a prior, and densities for posterior and likelihood.
        dataset: What to measure on.
        samples: K.
        seed: Of the draws: the same each time.
        at_once: How many latents are decoded at a time.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Raises:
        NoDensityError: If there is no prior, or the posterior or the likelihood has no density.
        CompositionError: If K is not positive.

    Source: Burda, Grosse & Salakhutdinov 2016, https://arxiv.org/abs/1509.00519

    Example:
        >>> from reparam import data, zoo
        >>> _, test = data.load("fashion-mnist-subset")
        >>> model, _ = zoo.vae(test.shape, latent=2)
        >>> evidence(model, test[:20], samples=8).log_weights.shape
        torch.Size([20])
    """
    if samples < 1:
        raise CompositionError(f"the evidence needs at least one sample, not {samples}")
    chunk = min(samples, max(1, math.isqrt(at_once)))
    batches = Batches(dataset, max(1, at_once // chunk))
    found, levels = [], set()
    shown = bar(total=len(dataset) * samples, unit="draws", progress=progress)
    with inference(model), Stream(seed, next(model.parameters()).device), shown:
        for batch in batches:
            given, parts, left = inputs(model, batch), [], samples
            while left:
                trace = model(*given, samples=min(chunk, left))
                check_densities(trace)
                levels.add(_levels(trace))
                parts.append(trace.log_weight.double().logsumexp(0))
                shown.update(len(trace.latents[0].z) * len(given[0]))
                left -= len(trace.latents[0].z)
            found.append(torch.stack(parts).logsumexp(0).cpu() - math.log(samples))
    alike = levels.pop() if len(levels) == 1 else None
    return Evidence(torch.cat(found), samples, math.prod(dataset.shape), alike)


def _levels(trace: Trace) -> int | None:
    if not isinstance(unpadded(trace.likelihood), Bernoulli):
        return LEVELS
    return 2 if bool(((trace.x == 0) | (trace.x == 1)).all()) else None

"""The evidence log p(x) of a data set, from below, by importance sampling."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.data import Batches, Dataset
from reparam.data.memory import items_at_once
from reparam.distributions import measure, unpadded
from reparam.domain import check_domain
from reparam.errors import CompositionError
from reparam.inference import inference, inputs
from reparam.metrics.bound import check_densities
from reparam.metrics.progress import bar
from reparam.randomness import Stream
from reparam.trace import Trace

LEVELS = 256
"""How many levels a byte has; stored as one, a number in [0, 1] stands for 1/256 of it."""
OFF_LEVEL = 1e-3
"""How far from a level rounding may put a number, in levels."""
Unit = tuple[int | None, str | None]


@dataclass(frozen=True)
class Evidence:
    """The importance-weighted bound of each item's evidence.

    Args:
        log_weights: Each item's bound of log p(x) in nats, (N,).
        samples: K, how many draws each took.
        dimensions: D, how many numbers an item has.
        levels: How many values a number can take: 256 for bytes, 2 for binary numbers under a
            Bernoulli likelihood; `None` where bits are not defined: for grey pixels under that
            one, which is then no density, and for a density of numbers that were no bytes.
        measure: What the log-likelihoods are: `"levels"`, log-probabilities of discrete values,
            `"density"`, a density of real numbers, or `None`: a cross-entropy of grey pixels.
    """

    log_weights: Float[Tensor, "N"]
    samples: int
    dimensions: int
    levels: int | None
    measure: str | None = None

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
        r"""Bits for each number; `None` where they are not defined.

        .. math:: \frac{-\log p(x)}{D \log 2} \; \left(+ \log_2 256\right)

        A probability of levels has nothing added to it. A density of bytes scaled to [0, 1]
        spreads each of 256 levels over 1/256, which is added.
        """
        if self.levels is None or self.measure is None:
            return None
        spread = math.log2(self.levels) if self.measure == "density" else 0.0
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
    at_once: int | None = None,
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
        at_once: How many latents are decoded at a time; by default 1,000, or fewer of large items.
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
    check_domain(model, dataset)
    at_once = at_once or items_at_once(dataset.shape, 1000)
    chunk = min(samples, max(1, math.isqrt(at_once)))
    batches = Batches(dataset, max(1, at_once // chunk))
    found, units = [], set()
    shown = bar(total=len(dataset) * samples, unit="draws", progress=progress)
    with inference(model), Stream(seed, next(model.parameters()).device), shown:
        for batch in batches:
            given, parts, left = inputs(model, batch), [], samples
            while left:
                trace = model(*given, samples=min(chunk, left))
                check_densities(trace)
                units.add(_unit_of(trace))
                parts.append(trace.log_weight.double().logsumexp(0))
                shown.update(len(trace.latents[0].z) * len(given[0]))
                left -= len(trace.latents[0].z)
            found.append(torch.stack(parts).logsumexp(0).cpu() - math.log(samples))
    return Evidence(torch.cat(found), samples, math.prod(dataset.shape), *_unit(units))


def _unit(found: set[Unit]) -> Unit:
    """What all batches have in common; bits are defined only where that is one unit."""
    return found.pop() if len(found) == 1 else (None, None)


def _unit_of(trace: Trace) -> Unit:
    """How many levels the numbers of a batch have, and what their log-likelihood is."""
    likelihood = unpadded(trace.likelihood)
    kind = measure(likelihood)
    levels = LEVELS if kind == "density" else getattr(likelihood, "levels", None)
    if kind is None or levels is None:
        return (None, kind)
    position = trace.x * (levels - 1)
    on_levels = bool(((position - position.round()).abs() < OFF_LEVEL).all())
    if on_levels:
        return (levels, kind)
    return (None, None if levels == 2 else kind)  # grey pixels have a cross-entropy alone

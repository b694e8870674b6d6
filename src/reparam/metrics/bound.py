"""The evidence lower bound of a data set, and its split."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.data import Batches, Dataset
from reparam.data.memory import items_at_once
from reparam.domain import check_domain
from reparam.errors import NoDensityError
from reparam.inference import inference, inputs
from reparam.metrics.progress import bar
from reparam.randomness import Stream
from reparam.trace import Trace


@dataclass(frozen=True)
class Bound:
    """Nats per example, averaged over a data set.

    Args:
        distortion: Minus the log-likelihood of the draws; on grey pixels under a Bernoulli
            likelihood the binary cross-entropy.
        rate: The KL divergence of the posterior from the prior.
        standard_error: Of distortion + rate over the examples.
        examples: How many examples.
        samples: How many draws of z an example.
    """

    distortion: float
    rate: float
    standard_error: float
    examples: int
    samples: int

    @property
    def total(self) -> float:
        """Distortion + rate: minus the evidence lower bound; the lower the better."""
        return self.distortion + self.rate

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {"bound": self.total, **asdict(self)}


def bound(
    model: nn.Module,
    dataset: Dataset,
    samples: int = 1,
    seed: int = 0,
    batch_size: int | None = None,
    progress: bool = True,
) -> Bound:
    r"""Measure distortion and rate, whose sum bounds -log p(x) from above.

    .. math:: -\log p(x) \le -E_q[\log p(x | z)] + KL(q(z | x) \| p(z))

    Args:
        model: A model with a prior, and densities for posterior and likelihood.
        dataset: What to measure on.
        samples: How many draws of z an example.
        seed: Of the draws: the same each time.
        batch_size: Examples at a time; by default 500, or fewer large ones.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Raises:
        NoDensityError: If there is no prior, or the posterior or the likelihood has no density.

    Source: Kingma & Welling 2014, https://arxiv.org/abs/1312.6114

    Example:
        >>> from reparam import data, zoo
        >>> _, test = data.load("fashion-mnist-subset")
        >>> measured = bound(zoo.vae(test.shape, latent=2).model, test[:100])
        >>> measured.examples, round(measured.rate, 1)
        (100, 0.0)
    """
    distortion, rate = split(model, dataset, samples, seed, batch_size, progress)
    error = (distortion + rate).std().item() / len(dataset) ** 0.5 if len(dataset) > 1 else 0.0
    return Bound(
        distortion.mean().item(), rate.mean().item(), error, examples=len(dataset), samples=samples
    )


def split(
    model: nn.Module,
    dataset: Dataset,
    samples: int = 1,
    seed: int = 0,
    batch_size: int | None = None,
    progress: bool = True,
) -> tuple[Float[Tensor, "N"], Float[Tensor, "N"]]:
    """Each item's distortion and rate in nats, averaged over its draws.

    Args:
        model: A model with a prior, and densities for posterior and likelihood.
        dataset: What to measure on.
        samples: How many draws of z an item.
        seed: Of the draws: the same each time.
        batch_size: Items at a time; by default 500, or fewer large ones.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Raises:
        NoDensityError: If there is no prior, or the posterior or the likelihood has no density.

    Example:
        >>> from reparam import data, zoo
        >>> _, test = data.load("fashion-mnist-subset")
        >>> distortion, rate = split(zoo.vae(test.shape, latent=2).model, test[:100])
        >>> distortion.shape, rate.shape
        (torch.Size([100]), torch.Size([100]))
    """
    batch_size = batch_size or items_at_once((samples, *dataset.shape))
    parts = batches(model, dataset, samples, seed, batch_size)
    many = -(-len(dataset) // batch_size)
    found = list(bar(parts, total=many, unit="batches", progress=progress))
    distortions, rates = zip(*found, strict=True)
    return torch.cat(distortions), torch.cat(rates)


def batches(
    model: nn.Module,
    dataset: Dataset,
    samples: int = 1,
    seed: int = 0,
    batch_size: int | None = None,
) -> Iterator[tuple[Float[Tensor, "B"], Float[Tensor, "B"]]]:
    """What `split` measures, a batch at a time; between two, other things may be done and drawn.

    Args:
        model: A model with a prior, and densities for posterior and likelihood.
        dataset: What to measure on.
        samples: How many draws of z an item.
        seed: Of the draws: the same each time.
        batch_size: Items at a time; by default 500, or fewer large ones.

    Raises:
        NoDensityError: If there is no prior, or the posterior or the likelihood has no density.

    Example:
        >>> from reparam import data, zoo
        >>> _, test = data.load("fashion-mnist-subset")
        >>> model = zoo.vae(test.shape, latent=2).model
        >>> [len(rate) for _, rate in batches(model, test[:100], batch_size=60)]
        [60, 40]
    """
    check_domain(model, dataset)
    noise = Stream(seed, next(model.parameters()).device)
    for batch in Batches(dataset, batch_size or items_at_once((samples, *dataset.shape))):
        with inference(model), noise:
            trace = model(*inputs(model, batch), samples=samples)
            check_densities(trace)
            distortion = -trace.log_likelihood.mean(0).double().cpu()
            rate = trace.kl.mean(0).double().cpu()
        yield distortion, rate


def check_densities(trace: Trace) -> None:
    """Refuse a trace that bounds no evidence.

    Args:
        trace: A pass through a model.

    Raises:
        NoDensityError: If there is no prior, or the posterior or the likelihood has no density.
    """
    if not (trace.has_distortion and trace.has_rate):
        raise NoDensityError(
            "a bound needs a prior, and densities for posterior and likelihood, and this "
            "model lacks one of them: measure a VAE trained with loss='bce' or 'mse'"
        )

"""Encoding a whole data set."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.distributions import Distribution

from reparam.data import Batches, Dataset
from reparam.data.memory import items_at_once
from reparam.inference import inference, inputs
from reparam.models import VAE
from reparam.randomness import seeded

DRAWS = 64
"""Of which the variance of a posterior is estimated that has none in closed form."""


@dataclass(frozen=True)
class Codes:
    r"""The posteriors of a data set's items, in its order, on the CPU.

    Args:
        mean: Each posterior's mean, (N, \*Z).
        log_variance: Each posterior's log-variances, (N, \*Z); `None` where it has none, as a
            point.
        labels: The items' labels, (N,), or `None`.
    """

    mean: Float[Tensor, "N *Z"]
    log_variance: Float[Tensor, "N *Z"] | None
    labels: Int64[Tensor, "N"] | None

    def __len__(self) -> int:
        return len(self.mean)


def codes(model: VAE, dataset: Dataset, batch_size: int | None = None) -> Codes:
    """Encode every item.

    Args:
        model: The model.
        dataset: What to encode.
        batch_size: Items at a time; by default 500, or fewer large ones.

    Example:
        >>> from reparam import data, zoo
        >>> _, test = data.load("fashion-mnist-subset")
        >>> codes(zoo.vae(test.shape, latent=2).model, test[:100]).log_variance.shape
        torch.Size([100, 2])
    """
    means, spreads = [], []
    with inference(model):
        for batch in Batches(dataset, batch_size or items_at_once(dataset.shape)):
            q = model.posterior(*inputs(model, batch))
            means.append(q.mean.cpu())
            if getattr(q, "has_density", True):
                spreads.append(log_variances(q).cpu())
    labels = None if dataset.labels is None else dataset.labels.cpu()
    return Codes(torch.cat(means), torch.cat(spreads) if spreads else None, labels)


def log_variances(q: Distribution) -> Float[Tensor, "..."]:
    """The log-variance of each dimension, estimated by 64 draws where it has no closed form.

    Args:
        q: Posteriors with a density.

    Example:
        >>> from reparam.distributions import DiagonalNormal
        >>> log_variances(DiagonalNormal(torch.zeros(2), torch.ones(2))).round(decimals=3)
        tensor([1., 1.])
    """
    try:
        variance = q.variance
    except NotImplementedError:
        with seeded(0, q.mean.device):
            variance = q.sample(torch.Size((DRAWS,))).var(0)
    return variance.clamp_min(torch.finfo(variance.dtype).tiny).log()

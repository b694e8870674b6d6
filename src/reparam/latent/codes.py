"""Encoding a whole data set."""

from contextlib import suppress
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from reparam.data import Batches, Dataset
from reparam.inference import inference, inputs
from reparam.models import VAE


@dataclass(frozen=True)
class Codes:
    r"""The posteriors of a data set's items, in its order, on the CPU.

    Args:
        mean: Each posterior's mean, (N, \*Z).
        log_variance: Each posterior's log-variances, (N, \*Z); `None` where it has none, as a
            point, or where they are not known, as a flow's.
        labels: The items' labels, (N,), or `None`.
    """

    mean: Float[Tensor, "N *Z"]
    log_variance: Float[Tensor, "N *Z"] | None
    labels: Int64[Tensor, "N"] | None

    def __len__(self) -> int:
        return len(self.mean)


def codes(model: VAE, dataset: Dataset, batch_size: int = 500) -> Codes:
    """Encode every item.

    Args:
        model: The model.
        dataset: What to encode.
        batch_size: Items at a time.

    Example:
        >>> from reparam import data, zoo
        >>> _, test = data.load("fashion-mnist-subset")
        >>> codes(zoo.vae(test.shape, latent=2).model, test[:100]).log_variance.shape
        torch.Size([100, 2])
    """
    means, spreads = [], []
    with inference(model):
        for batch in Batches(dataset, batch_size):
            q = model.posterior(*inputs(model, batch))
            means.append(q.mean.cpu())
            with suppress(NotImplementedError):  # flows and spheres have none in closed form
                if getattr(q, "has_density", True):
                    spreads.append(q.variance.log().cpu())
    labels = None if dataset.labels is None else dataset.labels.cpu()
    return Codes(torch.cat(means), torch.cat(spreads) if spreads else None, labels)

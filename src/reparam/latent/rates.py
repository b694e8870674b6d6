"""What each dimension of a latent space carries of a data set."""

import torch
from jaxtyping import Float
from torch import Tensor

from reparam.data import Batches, Dataset
from reparam.data.memory import items_at_once
from reparam.distributions import kl_per_dimension
from reparam.errors import NoDensityError
from reparam.inference import inference, inputs
from reparam.models import VAE


def rates(model: VAE, dataset: Dataset, batch_size: int | None = None) -> Float[Tensor, "*Z"]:
    r"""The mean rate of each dimension over a data set, in nats.

    .. math:: \frac1N \sum_n KL(q(z_j | x_n) \| p(z_j))

    Their sum is the rate. A dimension near zero says nothing of the picture.

    Args:
        model: A model whose posterior and prior factorise.
        dataset: What to measure on, N items.
        batch_size: Items at a time; by default 500, or fewer large ones.

    Raises:
        NoDensityError: If the model has no prior.
        CompositionError: If the rate does not fall into a sum over dimensions.

    Example:
        >>> from reparam import data, zoo
        >>> _, test = data.load("fashion-mnist-subset")
        >>> rates(zoo.vae(test.shape, latent=2).model, test[:100]).shape
        torch.Size([2])
    """
    if model.prior is None:
        raise NoDensityError("a model without a prior has no rates (KL divergences)")
    found = []
    with inference(model):
        for batch in Batches(dataset, batch_size or items_at_once(dataset.shape)):
            x, *y = inputs(model, batch)
            found.append(kl_per_dimension(model.posterior(x, *y), model.prior(*y)).double().cpu())
    return torch.cat(found).mean(0)

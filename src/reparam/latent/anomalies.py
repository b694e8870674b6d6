"""How odd each item is to a model: higher is odder."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from reparam.data import Batches, Dataset, pixel_entropy
from reparam.data.memory import items_at_once
from reparam.errors import NoDensityError
from reparam.inference import inference, inputs
from reparam.latent.codes import codes
from reparam.latent.neighbours import nearest
from reparam.metrics.bound import split
from reparam.metrics.evidence import evidence
from reparam.metrics.pictures import squared_error
from reparam.models import VAE

Scores = dict[str, Float[Tensor, "N"]]


def anomaly_scores(
    model: VAE,
    dataset: Dataset,
    reference: Dataset | None = None,
    samples: int = 16,
    neighbours: int = 5,
    seed: int = 0,
) -> Scores:
    r"""Score each item in the ways that the model allows.

    ======================  ==========================================================
    `error`                 root mean squared error of the reconstruction, pixel units
    `distortion`            minus the log-likelihood of a draw's reconstruction, nats
    `excess`                the same above the pixels' own entropy, where it is a binary
                            cross-entropy, which no reconstruction brings below that
    `bound`                 distortion + rate, nats
    `importance_weighted`   minus the bound of log p(x) by K draws, nats
    `latent_distance`       mean distance of the code from its k nearest of a reference
    ======================  ==========================================================

    A model without prior or densities has the first and the last alone. Likelihoods alone may find
    simple pictures likely that a model has never seen: compare scores on known cases.

    Args:
        model: The trained model.
        dataset: What to score.
        reference: What is usual, such as the training set; without it there is no
            `latent_distance`.
        samples: K.
        neighbours: k.
        seed: Of the draws.

    Raises:
        CompositionError: If the reference has fewer than k items.

    Source: An & Cho 2015, "Variational autoencoder based anomaly detection using reconstruction
        probability"; Nalisnick et al. 2019, https://arxiv.org/abs/1810.09136, for the warning.

    Example:
        >>> from reparam import data, zoo
        >>> train, test = data.load("fashion-mnist-subset")
        >>> model, _ = zoo.vae(test.shape, latent=2)
        >>> sorted(anomaly_scores(model, test[:20], train[:100], samples=2))
        ['bound', 'distortion', 'error', 'excess', 'importance_weighted', 'latent_distance']
    """
    scores = {"error": _errors(model, dataset)}
    try:
        distortion, rate = split(model, dataset, seed=seed)
    except NoDensityError:
        pass
    else:
        scores |= {"distortion": distortion, "bound": distortion + rate}
        weighted = evidence(model, dataset, samples, seed)
        scores["importance_weighted"] = -weighted.log_weights
        if weighted.measure is None or weighted.levels == 2:  # a cross-entropy
            scores["excess"] = distortion - pixel_entropy(dataset)
    if reference is not None:
        usual, these = (codes(model, data).mean for data in (reference, dataset))
        distances, _ = nearest(these, usual, neighbours)
        scores["latent_distance"] = distances.mean(1)
    return scores


def _errors(model: VAE, dataset: Dataset) -> Float[Tensor, "N"]:
    found = []
    with inference(model):
        for batch in Batches(dataset, items_at_once(dataset.shape)):
            x, *y = inputs(model, batch)
            made = model.reconstruct(x, *y)
            found.append(squared_error(x.cpu().numpy(), made.cpu().numpy()))
    return torch.from_numpy(np.concatenate(found)).double().sqrt()

"""What the last nat of rate is worth: distortion saved by a little more of it.

The posteriors' standard deviations are multiplied by widths around 1, with the same noise:
narrower posteriors cost rate and save distortion. At the optimum of distortion + beta * rate, the
last nat saves beta nats of distortion.
"""

import numpy as np
import torch

from reparam.data import Batches, Dataset
from reparam.distributions import tempered
from reparam.errors import CompositionError, NoDensityError
from reparam.inference import inference, inputs
from reparam.latent.checkup.subject import Array
from reparam.metrics.estimate import Estimate, estimate
from reparam.models import VAE
from reparam.randomness import seeded
from reparam.trace import Latent

WIDTHS = (0.8, 0.9, 1.0, 1.1, 1.25)
AT_ONCE = 500


def exchange(model: VAE, data: Dataset, seed: int) -> tuple[Array, Array] | None:
    """Rates and distortions, (T, N), with the posteriors' spread multiplied by each width.

    Args:
        model: The model.
        data: N items.
        seed: Of the noise, which is the same for each width.

    Returns:
        Both in nats; `None` where the model has no prior, or its posterior no widths, or its
        likelihood no density.

    Source: Alemi et al. 2018, "Fixing a Broken ELBO", https://arxiv.org/abs/1711.00464
    """
    rates, distortions = [], []
    if model.prior is None:
        return None
    with inference(model):
        for number, batch in enumerate(Batches(data, AT_ONCE)):
            x, *_ = inputs(model, batch)
            q, p = model.posterior(x), model.prior()
            columns = []
            for width in WIDTHS:
                try:
                    with seeded(seed + 7919 * number, model.device):
                        latent = Latent.draw(tempered(q, width), p, 1)
                        log_likelihood = model.likelihood(latent.z).log_prob(x)[0]
                except (CompositionError, NoDensityError):
                    return None
                columns.append(torch.stack([latent.kl.mean(0), -log_likelihood]).double().cpu())
            both = torch.stack(columns)
            rates.append(both[:, 0].numpy())
            distortions.append(both[:, 1].numpy())
    return np.concatenate(rates, 1), np.concatenate(distortions, 1)


def worth(rates: Array, distortions: Array, seed: int) -> Estimate:
    """Nats of distortion that the last nat of rate saves.

    Args:
        rates: Of each item at each width, (T, N), in nats.
        distortions: The same.
        seed: Of the interval.
    """
    middle = WIDTHS.index(1.0)
    low, high = middle - 1, middle + 1

    def slope(saved: Array, spent: Array) -> float:
        return float(saved.mean() / spent.mean())

    return estimate(
        slope, distortions[high] - distortions[low], rates[low] - rates[high], seed=seed
    )

"""What an autoencoder is: a compression whose output is close to its input."""

import numpy as np

from reparam.metrics.estimate import Estimate, estimate
from reparam.metrics.pictures import squared_error
from reparam.study.claim import Claim, Measures
from reparam.study.evidence import Evidence

CLOSE = ["autoencoder-bce-2", "autoencoder-rmse-2", "autoencoder-bce-8", "autoencoder-bce-32"]


def compression(evidence: Evidence) -> Measures:
    """How small a code is, and how much of the pictures comes back out of it."""
    x, y = evidence.originals, evidence.reconstructions("autoencoder-bce-2")
    mean = evidence.items.tensor().mean(0, keepdim=True).numpy()
    lost, all_of_it = squared_error(x, y), squared_error(x, np.broadcast_to(mean, x.shape))
    return {
        "numbers in a code over pixels": Estimate(2 / x[0].size),
        "share of the pixels' variance that comes back": estimate(
            lambda a, b: 1 - a.mean() / b.mean(), lost, all_of_it, seed=evidence.seed
        ),
    }


def close(evidence: Evidence) -> Measures:
    """The mean squared error of test pictures over that of as many principal components."""
    x = evidence.originals
    found: Measures = {}
    for name in CLOSE:
        _, loss, latent = name.split("-")
        linear = evidence.pca(int(latent))
        found[f"error over PCA's, {latent} latents, {loss}"] = estimate(
            lambda a, b: a.mean() / b.mean(),
            squared_error(x, evidence.reconstructions(name)),
            squared_error(x, linear),
            seed=evidence.seed,
        )
    return found


AUTOENCODERS = [
    Claim(
        "compression",
        "A code is a compression of the picture into fewer dimensions, from which the picture can "
        "be rebuilt.",
        "Numbers in a code of autoencoder-bce-2 over pixels, and the share of the test pixels' "
        "variance that its reconstructions explain.",
        compression,
    ),
    Claim(
        "close",
        "The output of an autoencoder is as close to the original as possible.",
        "Its mean squared error on test pictures over that of a PCA with as many components, "
        "clipped to [0, 1]: at least no straight projection should come closer.",
        close,
    ),
]

"""The figures that a run ends with."""

from typing import Any

from reparam.data import Batches, Dataset, entropy_floor
from reparam.distributions import Bernoulli
from reparam.inference import inference, inputs
from reparam.metrics import bound
from reparam.models import VAE
from reparam.randomness import seeded


def measured(model: VAE, test: Dataset, seed: int = 0) -> dict[str, Any]:
    """The error of reconstructions, and the bound or the distortion where there is one.

    Where the likelihood is a Bernoulli distribution its distortion is a binary cross-entropy; the
    floor below which that cannot fall, the pixels' own entropy, stands beside it.

    Args:
        model: A trained model.
        test: The test set.
        seed: Of the draws.

    Example:
        >>> from reparam import data, zoo
        >>> _, test = data.load("fashion-mnist-subset")
        >>> sorted(measured(zoo.autoencoder(test.shape, latent=2).model, test[:50]))[:3]
        ['binary_cross_entropy_floor', 'distortion', 'root_mean_squared_error']
    """
    squares = distortion = 0.0
    with inference(model), seeded(seed, model.device):
        for batch in Batches(test, 500):
            x, *y = inputs(model, batch)
            trace = model(x, *y)
            errors = (model.reconstruct(x, *y) - x).square().flatten(1)
            squares += errors.mean(1).sum().item()
            if trace.has_distortion:
                distortion -= trace.log_likelihood.double().sum().item()
    figures: dict[str, Any] = {"root_mean_squared_error": (squares / len(test)) ** 0.5}
    if trace.has_distortion:
        figures["distortion"] = distortion / len(test)
        pixels = getattr(trace.likelihood, "base", trace.likelihood)
        if isinstance(pixels, Bernoulli):
            figures["binary_cross_entropy_floor"] = entropy_floor(test)
    if trace.has_distortion and trace.has_rate:
        figures |= bound(model, test, seed=seed).to_json()
    return figures

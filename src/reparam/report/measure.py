"""The figures that a run ends with."""

from contextlib import suppress
from typing import Any

from torch.distributions import Distribution

from reparam.data import Batches, Dataset, entropy_floor
from reparam.data.memory import items_at_once
from reparam.distributions import Bernoulli, DiagonalNormal, kl_per_dimension, unpadded
from reparam.errors import CompositionError
from reparam.inference import inference, inputs
from reparam.latent import codes
from reparam.metrics import active_units, bound, evidence, information, reconstruction
from reparam.models import VAE
from reparam.randomness import seeded

ALWAYS = ("psnr", "ssim")
"""Figures of reconstructions that are shown even where they are none."""


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
        for batch in Batches(test, items_at_once(test.shape)):
            x, *y = inputs(model, batch)
            trace = model(x, *y)
            errors = (model.reconstruct(x, *y) - x).square().flatten(1)
            squares += errors.mean(1).sum().item()
            if trace.has_distortion:
                distortion -= trace.log_likelihood.double().sum().item()
    figures: dict[str, Any] = {"root_mean_squared_error": (squares / len(test)) ** 0.5}
    if trace.has_distortion:
        figures["distortion"] = distortion / len(test)
        if isinstance(unpadded(trace.likelihood), Bernoulli):
            figures["binary_cross_entropy_floor"] = entropy_floor(test)
    if trace.has_distortion and trace.has_rate:
        figures |= bound(model, test, seed=seed).to_json()
    return figures


def evaluated(
    model: VAE,
    test: Dataset,
    samples: int = 16,
    seed: int = 0,
    reference: Dataset | None = None,
) -> dict[str, Any]:
    """What `measured` says, reconstructions, the evidence, and what the latents are used for.

    How the rate splits is known for diagonal normal posteriors, of which all can be held together.

    Args:
        model: A trained model.
        test: The test set.
        samples: K, how many draws an item's evidence takes.
        seed: Of the draws.
        reference: What principal components are fitted to, whose error then stands beside the
            model's.

    Example:
        >>> from reparam import data, zoo
        >>> _, test = data.load("fashion-mnist-subset")
        >>> found = evaluated(zoo.vae(test.shape, latent=2).model, test[:50], samples=2)
        >>> found["active_units"], len(found["rate_per_dimension"])
        (0, 2)
    """
    figures = measured(model, test, seed)
    told = reconstruction(model, test, reference, seed).to_json()
    kept = [key for key in told if key in ALWAYS or told[key] is not None]
    figures = {key: told[key] for key in kept if key != "examples"} | figures
    z = codes(model, test)
    figures["active_units"] = int(active_units(z.mean.flatten(1)).sum())
    figures["latents"] = z.mean[0].numel()
    if "bound" not in figures:
        return figures
    weighted = evidence(model, test, samples, seed).to_json()
    figures |= {key: weighted[key] for key in ("importance_weighted_bound", "bits_per_dimension")}
    figures["importance_samples"] = samples
    if len(test) > 1 and model.prior is not None and not model.conditions:
        with inference(model):
            one = model.posterior(*inputs(model, next(iter(Batches(test, 1)))))
            p = model.prior()
        if isinstance(one, DiagonalNormal) and z.log_variance is not None:
            mean, log_variance = z.mean.to(model.device), z.log_variance.to(model.device)
            figures |= _used(DiagonalNormal(mean, log_variance, one.event_dims), p, seed)
    return figures


def _used(q: DiagonalNormal, p: Distribution, seed: int) -> dict[str, Any]:
    found = information(q, p, seed=seed)
    figures: dict[str, Any] = {
        "mutual_information": found.mutual_information,
        "mutual_information_of_half": found.half,
        "mutual_information_saturated": found.saturated,
        "aggregate_kl": found.aggregate_kl,
    }
    with suppress(CompositionError):
        figures["rate_per_dimension"] = kl_per_dimension(q, p).mean(0).flatten().tolist()
    return figures

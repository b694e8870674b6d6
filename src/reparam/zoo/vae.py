"""The variational autoencoder, and the one whose rate weighs more."""

from collections.abc import Sequence

from reparam.errors import CompositionError
from reparam.models import VAE
from reparam.objectives import LinearSchedule, Objective, Rate
from reparam.priors import StandardNormal
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.parts import decoder, encoder, latent_family, picture_family, reconstruction


@published(
    "Auto-Encoding Variational Bayes",
    "Kingma & Welling",
    2014,
    "https://arxiv.org/abs/1312.6114",
)
def vae(
    shape: Sequence[int],
    latent: int = 16,
    loss: str = "bce",
    beta: float = 1.0,
    free_bits: float = 0.0,
    warmup: int = 0,
    posterior: str = "diagonal",
    network: str = "auto",
    widths: Sequence[int] | None = None,
    seed: int = 0,
) -> Variant:
    r"""A variational autoencoder: every picture has a normal distribution of codes around a mean.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q(z | x) \| N(0, I))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        loss: `"bce"` (binary cross-entropy), `"rmse"` (times the number of pixels) or `"mse"`.
        beta: What the rate is multiplied by.
        free_bits: Nats that each dimension has for free.
        warmup: Over how many optimiser's steps beta grows from 0; 0: it does not.
        posterior: Its covariance: `"diagonal"`, `"isotropic"` or `"full"`.
        network: `"convolutional"`, `"mlp"`, or `"auto"`: by the shape.
        widths: Channels of each level, or widths of each hidden layer.
        seed: Of the weights.

    Example:
        >>> model, objective = vae((1, 28, 28), latent=2, loss="rmse")
    """
    if warmup < 0:
        raise CompositionError(f"warmup counts the optimiser's steps and cannot be {warmup}")
    weight = LinearSchedule(0.0, beta, warmup) if warmup else beta
    return Variant(
        VAE(
            encoder(shape, latent, latent_family(posterior, latent), network, widths),
            StandardNormal(latent),
            decoder(shape, latent, picture_family(loss, len(shape)), network, widths),
        ),
        Objective(reconstruction(loss, shape), Rate(weight, free_bits)),
    )


@published(
    "beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework",
    "Higgins et al.",
    2017,
    "https://openreview.net/forum?id=Sy2fzU9gl",
)
def beta_vae(
    shape: Sequence[int],
    latent: int = 16,
    loss: str = "bce",
    beta: float = 4.0,
    free_bits: float = 0.0,
    warmup: int = 0,
    posterior: str = "diagonal",
    network: str = "auto",
    widths: Sequence[int] | None = None,
    seed: int = 0,
) -> Variant:
    r"""A variational autoencoder whose rate weighs more, to tell its latents apart.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q(z | x) \| N(0, I)), \quad \beta > 1

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        loss: `"bce"` (binary cross-entropy), `"rmse"` (times the number of pixels) or `"mse"`.
        beta: What the rate is multiplied by.
        free_bits: Nats that each dimension has for free.
        warmup: Over how many optimiser's steps beta grows from 0; 0: it does not.
        posterior: Its covariance: `"diagonal"`, `"isotropic"` or `"full"`.
        network: `"convolutional"`, `"mlp"`, or `"auto"`: by the shape.
        widths: Channels of each level, or widths of each hidden layer.
        seed: Of the weights.

    Example:
        >>> model, objective = beta_vae((1, 64, 64), latent=10)
    """
    return vae(shape, latent, loss, beta, free_bits, warmup, posterior, network, widths, seed)

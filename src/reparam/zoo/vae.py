"""The variational autoencoder, and how its rate is weighed."""

from typing import Unpack

from reparam.objectives import CyclicalSchedule, LinearSchedule, Rate
from reparam.zoo.arguments import Count, Part, Positive, Steps, Warmup, Weight
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import compose
from reparam.zoo.parts import Parts, Shape


@published(
    "Auto-Encoding Variational Bayes",
    "Kingma & Welling",
    2014,
    "https://arxiv.org/abs/1312.6114",
)
def vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    free_bits: Weight = 0.0,
    warmup: Warmup = 0,
    **parts: Unpack[Parts],
) -> Variant:
    r"""A variational autoencoder: every picture has a normal distribution of codes around a mean.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q(z | x) \| N(0, I))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        free_bits: Nats that each dimension has for free.
        warmup: Over how many steps, or which part of the training, beta grows from 0.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = vae((1, 28, 28), latent=2, loss="rmse")
    """
    weight = LinearSchedule(0.0, beta, warmup) if warmup else beta
    return compose(shape, latent, Rate(weight, free_bits), **parts)


@published(
    "beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework",
    "Higgins et al.",
    2017,
    "https://openreview.net/forum?id=Sy2fzU9gl",
)
def beta_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 4.0,
    warmup: Warmup = 0,
    **parts: Unpack[Parts],
) -> Variant:
    r"""A variational autoencoder whose rate weighs more, to tell its latents apart.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q(z | x) \| p(z)), \quad \beta > 1

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        warmup: Over how many steps, or which part of the training, beta grows from 0.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = beta_vae((1, 64, 64), latent=10)
    """
    weight = LinearSchedule(0.0, beta, warmup) if warmup else beta
    return compose(shape, latent, Rate(weight), **parts)


@published(
    "Understanding disentangling in beta-VAE",
    "Burgess et al.",
    2018,
    "https://arxiv.org/abs/1804.03599",
)
def annealed_vae(
    shape: Shape,
    latent: Count = 16,
    gamma: Weight = 1000.0,
    capacity: Positive = 25.0,
    steps: Steps = 0.8,
    **parts: Unpack[Parts],
) -> Variant:
    r"""A rate held at a capacity that grows while training: latents are taken into use one by one.

    .. math:: \min \; -E_q[\log p(x | z)] + \gamma \, |E_x KL(q(z | x) \| p(z)) - C|

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        gamma: How hard the rate is held.
        capacity: C at the end, in nats.
        steps: Over how many steps, or which part of the training, C grows from 0.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = annealed_vae((1, 64, 64), latent=10, capacity=15.0)
    """
    growing = LinearSchedule(0.0, capacity, steps)
    return compose(shape, latent, Rate(gamma, capacity=growing), **parts)


@published(
    "Cyclical Annealing Schedule: A Simple Approach to Mitigating KL Vanishing",
    "Fu et al.",
    2019,
    "https://arxiv.org/abs/1903.10145",
)
def cyclical_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Positive = 1.0,
    cycles: Count = 4,
    rising: Part = 0.5,
    steps: Steps = 1.0,
    **parts: Unpack[Parts],
) -> Variant:
    r"""A rate whose weight rises from 0 again and again: codes are learned before they cost.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta_t \, KL(q(z | x) \| p(z))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What each cycle ends with.
        cycles: How many.
        rising: The part of a cycle in which the weight rises.
        steps: How many steps the cycles take together, or which part of the training.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = cyclical_vae((1, 28, 28), cycles=2)
    """
    return compose(
        shape, latent, Rate(CyclicalSchedule(0.0, beta, steps, cycles, rising)), **parts
    )


@published(
    "Improved Variational Inference with Inverse Autoregressive Flow",
    "Kingma et al.",
    2016,
    "https://arxiv.org/abs/1606.04934",
)
def free_bits_vae(
    shape: Shape,
    latent: Count = 16,
    free_bits: Positive = 0.25,
    **parts: Unpack[Parts],
) -> Variant:
    r"""A rate of which every dimension has some for free, so that none is worth giving up.

    .. math:: \min \; -E_q[\log p(x | z)] + \sum_j \max(\lambda, E_x KL_j)

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        free_bits: lambda, the nats that each dimension has for free.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = free_bits_vae((1, 28, 28), free_bits=0.5)
    """
    return compose(shape, latent, Rate(free_bits=free_bits), **parts)

"""Pictures compared as a whole: by structure, by features, by a critic."""

from typing import Unpack

from reparam.networks import PictureCritic, RandomFeatures
from reparam.objectives import AdversarialPictures, CriticDistance, FeatureDistance, Rate
from reparam.zoo.arguments import Count, Weight, Widths
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import compose
from reparam.zoo.parts import Latents, Parts, Shape


@published(
    "Learning to Generate Images with Perceptual Similarity Metrics",
    "Snell et al.",
    2017,
    "https://arxiv.org/abs/1511.06409",
)
def ms_ssim_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    **parts: Unpack[Latents],
) -> Variant:
    r"""Pictures compared by their structure at several scales. Not for vectors.

    .. math:: \min \; D \, (1 - \mathrm{MSSSIM}(x, d(z))) + \beta \, KL(q(z | x) \| p(z))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        **parts: posterior, prior, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = ms_ssim_vae((1, 28, 28))
    """
    return compose(shape, latent, Rate(beta), loss="ms_ssim", **parts)


@published(
    "Deep Feature Consistent Variational Autoencoder",
    "Hou et al.",
    2017,
    "https://arxiv.org/abs/1610.00291",
)
def feature_vae(
    shape: Shape,
    latent: Count = 16,
    weight: Weight = 1.0,
    beta: Weight = 1.0,
    **parts: Unpack[Parts],
) -> Variant:
    r"""Pictures compared by what a network sees in them (perceptual loss).

    .. math:: \min \; \lambda \, \tfrac12 \|f(x) - f(d(z))\|^2 + \beta \, KL(q(z | x) \| p(z))

    The network's weights are random: put a trained one in its place, `FeatureDistance(network)`.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        weight: lambda.
        beta: What the rate is multiplied by.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = feature_vae((1, 28, 28))
    """
    distance = FeatureDistance(RandomFeatures(shape), weight=weight)
    return compose(shape, latent, distance, Rate(beta), distortion=False, **parts)


@published(
    "Autoencoding beyond pixels using a learned similarity metric",
    "Larsen et al.",
    2016,
    "https://arxiv.org/abs/1512.09300",
)
def vae_gan(
    shape: Shape,
    latent: Count = 16,
    gamma: Weight = 0.01,
    beta: Weight = 1.0,
    critic: Widths = (32, 64, 128),
    **parts: Unpack[Parts],
) -> Variant:
    r"""A critic tells pictures from decoded ones; distances are measured in its features.

    .. math:: \text{encoder: } \min \tfrac12 \|f(x) - f(d(z))\|^2 + \beta \, KL, \quad
        \text{decoder: } \min \tfrac{\gamma}{2} \|f(x) - f(d(z))\|^2 + E[\log(1 + e^{-c(d(z))})]

    The paper's gamma of 1e-6 is for its own networks.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        gamma: Weighs the distance for the decoder.
        beta: What the rate is multiplied by.
        critic: Channels of the critic's levels, or widths of its hidden layers.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = vae_gan((1, 28, 28))
    """
    judge = PictureCritic(shape, critic or (32, 64, 128))
    terms = CriticDistance(judge, gamma), Rate(beta), AdversarialPictures(judge)
    return compose(shape, latent, *terms, distortion=False, **parts)

"""Priors that are learned with the model."""

from typing import Unpack

from torch import nn

from reparam.objectives import Rate
from reparam.priors import FlowPrior, MixtureOfNormals, VampPrior
from reparam.zoo.arguments import Count, Weight
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import compose
from reparam.zoo.parts import OpenPosterior, Shape


@published(
    "Variational Deep Embedding: An Unsupervised and Generative Approach to Clustering",
    "Jiang et al.",
    2017,
    "https://arxiv.org/abs/1611.05148",
)
def mixture_vae(
    shape: Shape,
    latent: Count = 16,
    components: Count = 10,
    beta: Weight = 1.0,
    **parts: Unpack[OpenPosterior],
) -> Variant:
    r"""A prior with several centres, learned: a mixture of normals.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q(z | x)
        \| \sum_k \pi_k N(\mu_k, \sigma_k^2))

    The paper's objective at its best cluster probabilities, which sums the cluster out.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        components: How many normals.
        beta: What the rate is multiplied by.
        **parts: posterior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = mixture_vae((1, 28, 28), components=20)
    """
    prior = MixtureOfNormals(latent, components)
    return compose(shape, latent, Rate(beta), prior=prior, **parts)


@published(
    "VAE with a VampPrior",
    "Tomczak & Welling",
    2018,
    "https://arxiv.org/abs/1705.07120",
)
def vamp_vae(
    shape: Shape,
    latent: Count = 16,
    components: Count = 500,
    beta: Weight = 1.0,
    **parts: Unpack[OpenPosterior],
) -> Variant:
    r"""A prior made of the posteriors of pictures that are learned.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q(z | x) \| \frac1K \sum_k q(z | u_k))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        components: K, how many pictures are learned.
        beta: What the rate is multiplied by.
        **parts: posterior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = vamp_vae((1, 28, 28), components=50)
    """

    def prior(latent: int, posterior: nn.Module, shape: tuple[int, ...]) -> nn.Module:
        return VampPrior(posterior, shape, components)

    return compose(shape, latent, Rate(beta), prior=prior, **parts)


@published(
    "Variational Lossy Autoencoder",
    "Chen et al.",
    2017,
    "https://arxiv.org/abs/1611.02731",
)
def flow_prior_vae(
    shape: Shape,
    latent: Count = 16,
    transforms: Count = 3,
    beta: Weight = 1.0,
    **parts: Unpack[OpenPosterior],
) -> Variant:
    r"""A prior bent by an autoregressive flow.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q(z | x) \| p), \quad
        \log p(z) = \log N(f(z); 0, I) + \log |\det J_f(z)|

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        transforms: How many steps.
        beta: What the rate is multiplied by.
        **parts: posterior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = flow_prior_vae((1, 28, 28), latent=8)
    """
    prior = FlowPrior(latent, transforms=transforms)
    return compose(shape, latent, Rate(beta), prior=prior, **parts)

"""Latents that are told apart: penalties on how they depend on each other."""

from typing import Unpack

from reparam.errors import CompositionError
from reparam.networks import MLP
from reparam.objectives import (
    CriticTotalCorrelation,
    DimensionWiseRate,
    MaximumMeanDiscrepancy,
    MomentPenalty,
    MutualInformation,
    Rate,
    TotalCorrelation,
)
from reparam.zoo.arguments import Count, Share, Weight, Widths
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import compose
from reparam.zoo.parts import Parts, Shape


@published(
    "Isolating Sources of Disentanglement in Variational Autoencoders",
    "Chen et al.",
    2018,
    "https://arxiv.org/abs/1802.04942",
)
def beta_tcvae(
    shape: Shape,
    latent: Count = 16,
    alpha: Weight = 1.0,
    beta: Weight = 6.0,
    gamma: Weight = 1.0,
    **parts: Unpack[Parts],
) -> Variant:
    r"""The rate in three parts, of which the dependence between latents weighs more.

    .. math:: \min \; -E_q[\log p(x | z)] + \alpha \, I(x; z) + \beta \, KL(q(z) \| \prod_j q(z_j))
        + \gamma \sum_j KL(q(z_j) \| p(z_j))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        alpha: Weighs the mutual information.
        beta: Weighs the total correlation.
        gamma: Weighs the dimension-wise rate.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = beta_tcvae((1, 64, 64), latent=10)
    """
    terms = MutualInformation(alpha), TotalCorrelation(beta), DimensionWiseRate(gamma)
    return compose(shape, latent, *terms, **parts)


@published(
    "Disentangling by Factorising",
    "Kim & Mnih",
    2018,
    "https://arxiv.org/abs/1802.05983",
)
def factor_vae(
    shape: Shape,
    latent: Count = 16,
    gamma: Weight = 35.0,
    critic: Widths = (1000,) * 6,
    **parts: Unpack[Parts],
) -> Variant:
    r"""A penalty on the dependence between latents, which a critic measures.

    .. math:: \min \; -E_q[\log p(x | z)] + KL(q(z | x) \| p(z))
        + \gamma \, KL(q(z) \| \prod_j q(z_j))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        gamma: Weighs the total correlation.
        critic: Widths of the critic's hidden layers.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = factor_vae((1, 64, 64), latent=10, critic=(64, 64))
    """
    judge = MLP(latent, 1, critic or (1000,) * 6, activation="leaky_relu")
    return compose(shape, latent, Rate(), CriticTotalCorrelation(judge, gamma), **parts)


@published(
    "Variational Inference of Disentangled Latent Concepts from Unlabeled Observations",
    "Kumar, Sattigeri & Balakrishnan",
    2018,
    "https://arxiv.org/abs/1711.00848",
)
def dip_vae_i(
    shape: Shape,
    latent: Count = 16,
    off_diagonal: Weight = 10.0,
    diagonal: Weight = 100.0,
    **parts: Unpack[Parts],
) -> Variant:
    r"""A penalty on the covariance of the posteriors' means.

    .. math:: \min \; -E_q[\log p(x | z)] + KL(q(z | x) \| p(z))
        + \lambda_{od} \sum_{i \ne j} C_{ij}^2 + \lambda_d \sum_i (C_{ii} - 1)^2,
        \quad C = \mathrm{Cov}_x(E_q[z])

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        off_diagonal: lambda_od.
        diagonal: lambda_d.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = dip_vae_i((1, 64, 64), latent=10)
    """
    penalty = MomentPenalty(off_diagonal, diagonal, of="means")
    return compose(shape, latent, Rate(), penalty, **parts)


@published(
    "Variational Inference of Disentangled Latent Concepts from Unlabeled Observations",
    "Kumar, Sattigeri & Balakrishnan",
    2018,
    "https://arxiv.org/abs/1711.00848",
)
def dip_vae_ii(
    shape: Shape,
    latent: Count = 16,
    off_diagonal: Weight = 10.0,
    diagonal: Weight = 10.0,
    **parts: Unpack[Parts],
) -> Variant:
    r"""A penalty on the covariance of all codes together.

    .. math:: \min \; -E_q[\log p(x | z)] + KL(q(z | x) \| p(z))
        + \lambda_{od} \sum_{i \ne j} C_{ij}^2 + \lambda_d \sum_i (C_{ii} - 1)^2,
        \quad C = \mathrm{Cov}_{q(z)}(z)

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        off_diagonal: lambda_od.
        diagonal: lambda_d.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = dip_vae_ii((1, 64, 64), latent=10)
    """
    penalty = MomentPenalty(off_diagonal, diagonal, of="aggregate")
    return compose(shape, latent, Rate(), penalty, **parts)


@published(
    "InfoVAE: Balancing Learning and Inference in Variational Autoencoders",
    "Zhao, Song & Ermon",
    2019,
    "https://arxiv.org/abs/1706.02262",
)
def info_vae(
    shape: Shape,
    latent: Count = 16,
    alpha: Share = 0.5,
    scale: Weight = 1000.0,
    **parts: Unpack[Parts],
) -> Variant:
    r"""Less of the rate, and a penalty on all codes together, so that codes say more.

    .. math:: \min \; -E_q[\log p(x | z)] + (1 - \alpha) \, KL(q(z | x) \| p(z))
        + (\alpha + \lambda - 1) \, \mathrm{MMD}(q(z), p(z))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        alpha: How much of the rate is left out.
        scale: lambda, at least 1 - alpha.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Raises:
        CompositionError: If alpha + scale is below 1.

    Example:
        >>> model, objective = info_vae((1, 28, 28), alpha=0.0)
    """
    if alpha + scale < 1:
        raise CompositionError(
            f"alpha + scale - 1 weighs a distance and is at least 0: with alpha={alpha} scale is "
            f"at least {1 - alpha:g}, not {scale}"
        )
    penalty = MaximumMeanDiscrepancy(alpha + scale - 1, kernel="gaussian")
    return compose(shape, latent, Rate(1 - alpha), penalty, **parts)


@published(
    "InfoVAE: Balancing Learning and Inference in Variational Autoencoders",
    "Zhao, Song & Ermon",
    2019,
    "https://arxiv.org/abs/1706.02262",
)
def mmd_vae(
    shape: Shape,
    latent: Count = 16,
    scale: Weight = 1000.0,
    **parts: Unpack[Parts],
) -> Variant:
    r"""No rate at all: only all codes together are drawn to the prior.

    .. math:: \min \; -E_q[\log p(x | z)] + \lambda \, \mathrm{MMD}(q(z), p(z))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        scale: lambda.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = mmd_vae((1, 28, 28))
    """
    penalty = MaximumMeanDiscrepancy(scale, kernel="gaussian")
    return compose(shape, latent, penalty, **parts)

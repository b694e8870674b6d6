"""Autoencoders whose codes are drawn to a prior all together, and not one by one."""

from typing import Unpack

from reparam.networks import MLP
from reparam.objectives import AdversarialPrior, MaximumMeanDiscrepancy, SlicedWasserstein
from reparam.zoo.arguments import Count, Weight, Widths
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import compose
from reparam.zoo.parts import Parts, Shape


@published(
    "Wasserstein Auto-Encoders",
    "Tolstikhin et al.",
    2018,
    "https://arxiv.org/abs/1711.01558",
    posterior="point",
    prior="standard",
    loss="mse",
)
def wae_mmd(
    shape: Shape,
    latent: Count = 16,
    weight: Weight = 10.0,
    **parts: Unpack[Parts],
) -> Variant:
    r"""An autoencoder whose codes together are drawn to the prior by their mean discrepancy.

    .. math:: \min \; \tfrac12 \|x - d(e(x))\|^2 + \tfrac{\lambda}{2} \, \mathrm{MMD}(q(z), p(z))

    This is half of the paper's objective, which has the whole squared error. The kernel is the
    mean of seven scales.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        weight: lambda.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = wae_mmd((1, 28, 28), latent=8)
    """
    return compose(shape, latent, MaximumMeanDiscrepancy(weight / 2), **parts)


@published(
    "Sliced Wasserstein Auto-Encoders",
    "Kolouri et al.",
    2019,
    "https://arxiv.org/abs/1804.01947",
    posterior="point",
    prior="standard",
    loss="mse",
)
def sliced_wae(
    shape: Shape,
    latent: Count = 16,
    weight: Weight = 10.0,
    directions: Count = 50,
    **parts: Unpack[Parts],
) -> Variant:
    r"""An autoencoder whose codes together are drawn to the prior along random lines.

    .. math:: \min \; \tfrac12 \|x - d(e(x))\|^2 + \tfrac{\lambda}{2} \, SW_2^2(q(z), p(z))

    This is half of the paper's objective, which has the whole squared error.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        weight: lambda.
        directions: How many lines.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = sliced_wae((1, 28, 28), latent=8)
    """
    return compose(shape, latent, SlicedWasserstein(weight / 2, directions), **parts)


@published(
    "Adversarial Autoencoders",
    "Makhzani et al.",
    2016,
    "https://arxiv.org/abs/1511.05644",
    posterior="point",
    prior="standard",
)
def adversarial_autoencoder(
    shape: Shape,
    latent: Count = 16,
    weight: Weight = 1.0,
    critic: Widths = (1000, 1000),
    **parts: Unpack[Parts],
) -> Variant:
    r"""An autoencoder whose codes a critic cannot tell from draws from the prior.

    .. math:: \min \; -\log p(x | z = e(x)) + \lambda \, E_{q(z)}[\log(1 + e^{-c(z)})]

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        weight: lambda.
        critic: Widths of the critic's hidden layers.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = adversarial_autoencoder((1, 28, 28), critic=(64, 64))
    """
    judge = MLP(latent, 1, critic or (1000, 1000), activation="leaky_relu")
    return compose(shape, latent, AdversarialPrior(judge, weight), **parts)

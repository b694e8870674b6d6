"""Posteriors on a sphere and in a ball."""

from typing import Unpack

from reparam.families import (
    WrappedNormal,
)
from reparam.objectives import Rate
from reparam.priors import (
    WrappedStandardNormal,
)
from reparam.zoo.arguments import Count, Positive, Weight
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import compose
from reparam.zoo.parts import Looks, Shape


@published(
    "Hyperspherical Variational Auto-Encoders",
    "Davidson et al.",
    2018,
    "https://arxiv.org/abs/1804.00891",
)
def hyperspherical_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    **parts: Unpack[Looks],
) -> Variant:
    r"""Codes on a sphere, where no centre draws them: von Mises-Fisher posteriors.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(\mathrm{vMF}(\mu(x), \kappa(x))
        \| U(S^{D-1}))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = hyperspherical_vae((1, 28, 28), latent=3)
    """
    return compose(shape, latent, Rate(beta), posterior="von_mises_fisher", **parts)


@published(
    "The Power Spherical distribution",
    "De Cao & Aziz",
    2020,
    "https://arxiv.org/abs/2006.04437",
)
def power_spherical_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    **parts: Unpack[Looks],
) -> Variant:
    r"""Codes on a sphere with lighter tails: the power spherical density.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(\mathrm{PS}(\mu(x), \kappa(x))
        \| U(S^{D-1}))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = power_spherical_vae((1, 28, 28), latent=3)
    """
    return compose(shape, latent, Rate(beta), posterior="power_spherical", **parts)


@published(
    "Continuous Hierarchical Representations with Poincare Variational Auto-Encoders",
    "Mathieu et al.",
    2019,
    "https://arxiv.org/abs/1901.06033",
)
def poincare_vae(
    shape: Shape,
    latent: Count = 16,
    curvature: Positive = 1.0,
    beta: Weight = 1.0,
    **parts: Unpack[Looks],
) -> Variant:
    r"""Codes in a ball whose room grows with the distance from its centre, as a tree's does.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(\mathrm{WN}(\mu(x), \sigma(x))
        \| \mathrm{WN}(0, I))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        curvature: c, of the ball of radius 1 / sqrt(c).
        beta: What the rate is multiplied by.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = poincare_vae((1, 28, 28), latent=2)
    """
    family, prior = WrappedNormal(latent, curvature), WrappedStandardNormal(latent, curvature)
    return compose(shape, latent, Rate(beta), posterior=family, prior=prior, **parts)

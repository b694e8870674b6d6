"""Posteriors in all of space: with the whole covariance, or bent by a flow."""

from typing import Unpack

from reparam.families import (
    InverseAutoregressiveFlow,
    NeuralSplineFlow,
    PlanarFlow,
    RadialFlow,
)
from reparam.objectives import Rate
from reparam.zoo.arguments import Count, Weight
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import compose
from reparam.zoo.parts import Looks, Shape


@published(
    "An Introduction to Variational Autoencoders",
    "Kingma & Welling",
    2019,
    "https://arxiv.org/abs/1906.02691",
)
def full_covariance_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    **parts: Unpack[Looks],
) -> Variant:
    r"""A posterior whose latents may lean on each other: a normal with its whole covariance.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q
        \| N(0, I)), \quad q = N(\mu(x), L(x) L(x)^\top)

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = full_covariance_vae((1, 28, 28), latent=8)
    """
    return compose(shape, latent, Rate(beta), posterior="full", **parts)


@published(
    "Variational Inference with Normalizing Flows",
    "Rezende & Mohamed",
    2015,
    "https://arxiv.org/abs/1505.05770",
)
def planar_flow_vae(
    shape: Shape,
    latent: Count = 16,
    transforms: Count = 4,
    beta: Weight = 1.0,
    **parts: Unpack[Looks],
) -> Variant:
    r"""A posterior bent along planes.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q
        \| N(0, I)), \quad z' = z + u \tanh(w \cdot z + b)

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        transforms: How many planes.
        beta: What the rate is multiplied by.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = planar_flow_vae((1, 28, 28), latent=8)
    """
    family = PlanarFlow(transforms)
    return compose(shape, latent, Rate(beta), posterior=family, **parts)


@published(
    "Variational Inference with Normalizing Flows",
    "Rezende & Mohamed",
    2015,
    "https://arxiv.org/abs/1505.05770",
)
def radial_flow_vae(
    shape: Shape,
    latent: Count = 16,
    transforms: Count = 4,
    beta: Weight = 1.0,
    **parts: Unpack[Looks],
) -> Variant:
    r"""A posterior drawn to points, or pushed from them.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q \| N(0, I)), \quad
        z' = z + \frac{b}{a + \|z - z_0\|} (z - z_0)

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        transforms: How many points.
        beta: What the rate is multiplied by.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = radial_flow_vae((1, 28, 28), latent=8)
    """
    family = RadialFlow(transforms)
    return compose(shape, latent, Rate(beta), posterior=family, **parts)


@published(
    "Improved Variational Inference with Inverse Autoregressive Flow",
    "Kingma et al.",
    2016,
    "https://arxiv.org/abs/1606.04934",
)
def iaf_vae(
    shape: Shape,
    latent: Count = 16,
    transforms: Count = 2,
    beta: Weight = 1.0,
    **parts: Unpack[Looks],
) -> Variant:
    r"""A posterior each of whose latents may depend on the ones before it.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q \| N(0, I)), \quad
        z'_j = m_j(z_{<j}) + s_j(z_{<j}) \, z_j

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        transforms: How many steps.
        beta: What the rate is multiplied by.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = iaf_vae((1, 28, 28), latent=8)
    """
    family = InverseAutoregressiveFlow(latent, transforms)
    return compose(shape, latent, Rate(beta), posterior=family, **parts)


@published(
    "Neural Spline Flows",
    "Durkan et al.",
    2019,
    "https://arxiv.org/abs/1906.04032",
)
def spline_flow_vae(
    shape: Shape,
    latent: Count = 16,
    transforms: Count = 2,
    beta: Weight = 1.0,
    **parts: Unpack[Looks],
) -> Variant:
    r"""A posterior bent by monotone splines.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(q \| N(0, I)), \quad
        z' = \text{monotone rational splines of } z

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        transforms: How many steps.
        beta: What the rate is multiplied by.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = spline_flow_vae((1, 28, 28), latent=8)
    """
    family = NeuralSplineFlow(latent, transforms)
    return compose(shape, latent, Rate(beta), posterior=family, **parts)

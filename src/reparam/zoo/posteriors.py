"""Posteriors other than the diagonal normal: bent, on spheres, in balls, discrete."""

import math
from typing import Unpack

from reparam.errors import CompositionError
from reparam.families import (
    DiagonalNormal,
    InverseAutoregressiveFlow,
    Joint,
    NeuralSplineFlow,
    PlanarFlow,
    RadialFlow,
    RelaxedCategorical,
    StraightThroughCategorical,
    WrappedNormal,
)
from reparam.objectives import LinearSchedule, Rate, RateOfPart
from reparam.priors import (
    JointPrior,
    StandardNormal,
    UniformCategorical,
    UniformRelaxedCategorical,
    WrappedStandardNormal,
)
from reparam.zoo.arguments import Categories, Count, Positive, Steps, Weight
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
    r"""Codes on a sphere with a density whose draws and rate have closed forms.

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


@published(
    "The Concrete Distribution: A Continuous Relaxation of Discrete Random Variables",
    "Maddison, Mnih & Teh",
    2017,
    "https://arxiv.org/abs/1611.00712",
)
def concrete_vae(
    shape: Shape,
    latent: Count = 16,
    categories: Categories = 4,
    temperature: Positive = 0.67,
    beta: Weight = 1.0,
    **parts: Unpack[Looks],
) -> Variant:
    r"""Categorical codes, relaxed (Gumbel-softmax): near the corners of simplices.

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(\mathrm{Concrete}(\pi(x), T)
        \| \mathrm{Concrete}(1/C, T))

    The rate is between relaxed densities, so that the bound is one: of the relaxed model.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        categories: C, how many each variable has; they divide `latent`.
        temperature: T.
        beta: What the rate is multiplied by.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = concrete_vae((1, 28, 28), latent=40, categories=10)
    """
    family = RelaxedCategorical(categories, temperature)
    prior = UniformRelaxedCategorical(latent, categories, temperature)
    return compose(shape, latent, Rate(beta), posterior=family, prior=prior, **parts)


@published(
    "Categorical Reparameterization with Gumbel-Softmax",
    "Jang, Gu & Poole",
    2017,
    "https://arxiv.org/abs/1611.01144",
)
def categorical_vae(
    shape: Shape,
    latent: Count = 16,
    categories: Categories = 4,
    temperature: Positive = 0.67,
    beta: Weight = 1.0,
    **parts: Unpack[Looks],
) -> Variant:
    r"""Categorical codes; the gradient is the relaxed draw's (straight-through).

    .. math:: \min \; -E_q[\log p(x | z)] + \beta \, KL(\mathrm{Cat}(\pi(x)) \| \mathrm{Cat}(1/C))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        categories: C, how many each variable has; they divide `latent`.
        temperature: Of the relaxed draw whose gradient is taken.
        beta: What the rate is multiplied by.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = categorical_vae((1, 28, 28), latent=40, categories=10)
    """
    family = StraightThroughCategorical(categories, temperature)
    prior = UniformCategorical(latent, categories)
    return compose(shape, latent, Rate(beta), posterior=family, prior=prior, **parts)


@published(
    "Learning Disentangled Joint Continuous and Discrete Representations",
    "Dupont",
    2018,
    "https://arxiv.org/abs/1804.00104",
)
def joint_vae(
    shape: Shape,
    latent: Count = 16,
    categories: Categories = 10,
    gamma: Weight = 30.0,
    continuous_capacity: Positive = 5.0,
    discrete_capacity: Positive = 5.0,
    steps: Steps = 0.8,
    **parts: Unpack[Looks],
) -> Variant:
    r"""Normal latents beside one categorical latent, each held at its own growing capacity.

    .. math:: \min \; -E_q[\log p(x | z)] + \gamma \, |KL(q(z_c | x) \| p(z_c)) - C_c|
        + \gamma \, |KL(q(z_d | x) \| p(z_d)) - C_d|

    The categorical draw is straight-through; its capacity ends at log C at most.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        categories: Of the one categorical variable; the other dimensions are normal.
        gamma: How hard the rates are held.
        continuous_capacity: C_c at the end, in nats.
        discrete_capacity: C_d at the end, in nats; at most log C counts.
        steps: Over how many steps, or which part of the training, both grow from 0.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Raises:
        CompositionError: If the categories leave no normal latent.

    Example:
        >>> model, objective = joint_vae((1, 28, 28), latent=20)
    """
    if categories >= latent:
        raise CompositionError(
            f"latent must be more than the {categories} categories, for normal latents beside "
            f"them, not {latent}"
        )
    sizes, most = [latent - categories, categories], min(discrete_capacity, math.log(categories))
    family = Joint([DiagonalNormal(), StraightThroughCategorical(categories)], sizes)
    prior = JointPrior([StandardNormal(sizes[0]), UniformCategorical(categories, categories)])
    ends = [continuous_capacity, most]
    terms = [RateOfPart(i, gamma, LinearSchedule(0.0, end, steps)) for i, end in enumerate(ends)]
    return compose(shape, latent, *terms, posterior=family, prior=prior, **parts)

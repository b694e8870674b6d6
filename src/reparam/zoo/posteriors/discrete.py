"""Categorical posteriors: relaxed, straight-through, and beside normal ones."""

import math
from typing import Unpack

from reparam.errors import CompositionError
from reparam.families import (
    DiagonalNormal,
    Joint,
    RelaxedCategorical,
    StraightThroughCategorical,
)
from reparam.objectives import LinearSchedule, Rate, RateOfPart
from reparam.priors import (
    JointPrior,
    StandardNormal,
    UniformCategorical,
    UniformRelaxedCategorical,
)
from reparam.zoo.arguments import Categories, Count, Positive, Steps, Weight
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import compose
from reparam.zoo.parts import Looks, Shape


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

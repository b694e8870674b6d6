"""A variant from named parts and further terms: what most zoo functions are made of."""

import math
from collections.abc import Callable, Sequence
from typing import cast

from torch import nn

from reparam.errors import CompositionError
from reparam.families import Family
from reparam.models import VAE
from reparam.objectives import Objective, Term
from reparam.zoo.catalogue import Variant
from reparam.zoo.parts import LOSSES, POSTERIORS, PRIORS, PriorMaker, decoder, encoder, pixels


def compose(
    shape: Sequence[int],
    latent: int,
    *terms: Term,
    posterior: str | Family = "diagonal",
    prior: str | nn.Module | PriorMaker = "auto",
    loss: str = "bce",
    corruption: nn.Module | None = None,
    distortion: bool = True,
    samples: int = 1,
    network: str = "auto",
    widths: Sequence[int] | None = None,
    seed: int = 0,
) -> Variant:
    """A model of named parts, and the loss's distortion with further terms for its objective.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        *terms: What the objective has beside the distortion.
        posterior: A key of `POSTERIORS`, or a family.
        prior: A key of `PRIORS`, a module or what makes one, or `"auto"`: the posterior's own.
        loss: A key of `LOSSES`.
        corruption: What spoils pictures before the encoder sees them, or `None`.
        distortion: Whether the loss's distortion is a term; otherwise the others are the whole.
        samples: K, how many draws the terms need.
        network: `"convolutional"`, `"mlp"`, or `"auto"`: by the shape.
        widths: Channels of each level, or widths of each hidden layer.
        seed: Ignored here: every variant takes one, and has seeded the generator with it.

    Raises:
        CompositionError: If something learned would never learn.

    Example:
        >>> from reparam.objectives import Rate
        >>> model, objective = compose((1, 28, 28), 8, Rate(4.0), posterior="planar")
    """
    family = POSTERIORS[posterior].family(latent) if isinstance(posterior, str) else posterior
    encode = encoder(shape, latent, family, network, widths)
    if prior == "auto":
        prior = POSTERIORS[posterior].prior if isinstance(posterior, str) else "standard"
    make = PRIORS[prior] if isinstance(prior, str) else prior
    p = make if isinstance(make, nn.Module) else make(latent, encode, tuple(shape))
    kind = LOSSES[loss]
    decode = decoder(shape, latent, kind.family(len(shape)), network, widths)
    if distortion:
        terms = (kind.term(pixels(shape)), *terms)
    model, objective = VAE(encode, p, decode, corruption), Objective(*terms, samples=samples)
    refuse_what_never_learns(model, objective, shape)
    return Variant(model, objective)


def refuse_what_never_learns(model: VAE, objective: Objective, shape: Sequence[int]) -> None:
    """Refuse a learned density that no term scores: it would stay as it began.

    Args:
        model: A posterior, a prior and a likelihood.
        objective: What trains them.
        shape: One picture's (C, H, W), or (D,) for vectors.

    Raises:
        CompositionError: If the prior has parameters of its own, or the likelihood learns more
            than its mean, and no term of a weight above 0 scores it.
    """
    weighed = [term for term in objective if term.weight or "weight" in term.schedules]
    scored = {name for term in weighed for name in term.scores}
    shared = {id(p) for p in model.posterior.parameters()}
    own = [] if model.prior is None else [p for p in model.prior.parameters() if p.requires_grad]
    if "prior" not in scored and any(id(p) not in shared for p in own):
        raise CompositionError(
            "no term of this objective weighs the prior's density, so that a learned prior would "
            "never learn: use prior='standard', or an objective with a rate (KL divergence)"
        )
    family = cast("Family", model.likelihood.family)
    more = math.prod(family.features(shape)) > pixels(shape) or any(
        True for _ in family.parameters()
    )
    if "likelihood" not in scored and more:
        raise CompositionError(
            "no term of this objective weighs the likelihood's density, so that what it learns "
            "beside its mean would never learn: use loss='bce' or 'mse'"
        )


def around(distribution: nn.Module, wrapper: Callable[[nn.Module], nn.Module]) -> None:
    """Put a network around a distribution's network.

    Args:
        distribution: A posterior or a likelihood.
        wrapper: Makes one network of another.
    """
    distribution.network = wrapper(cast("nn.Module", distribution.network))

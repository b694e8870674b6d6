"""A variant from named parts and further terms: what most zoo functions are made of."""

from collections.abc import Callable, Sequence
from typing import cast

from torch import nn

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
        seed: Every variant takes one, and has seeded the generator with it that weights come from.

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
    return Variant(VAE(encode, p, decode, corruption), Objective(*terms, samples=samples))


def around(distribution: nn.Module, wrapper: Callable[[nn.Module], nn.Module]) -> None:
    """Put a network around a distribution's network.

    Args:
        distribution: A posterior or a likelihood.
        wrapper: Makes one network of another.
    """
    distribution.network = wrapper(cast("nn.Module", distribution.network))

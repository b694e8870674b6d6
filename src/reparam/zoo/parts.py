"""The parts that variants share: default networks, and what each loss is made of."""

import math
from collections.abc import Sequence

from torch import nn

from reparam.conditional import Conditional
from reparam.errors import CompositionError
from reparam.families import (
    Bernoulli,
    DiagonalNormal,
    Family,
    FullNormal,
    IsotropicNormal,
    Normal,
    Point,
)
from reparam.networks import MLP, ConvolutionalDecoder, ConvolutionalEncoder
from reparam.objectives import Distortion, RootMeanSquaredError, SquaredError, Term

LOSSES = ("bce", "rmse", "mse")
POSTERIORS = ("diagonal", "isotropic", "full")


def choose(name: str, value: object, options: Sequence[str]) -> None:
    """Refuse a value that is none of the options.

    Args:
        name: The argument's name.
        value: What was given.
        options: What could have been.

    Raises:
        CompositionError: If it is none of them.
    """
    if value not in options:
        raise CompositionError(f"{name} is one of {', '.join(options)}, not {value!r}")


def latent_family(posterior: str, latent: int) -> Family:
    """The family of a normal posterior by the shape of its covariance.

    Args:
        posterior: `"diagonal"`, `"isotropic"` or `"full"`.
        latent: How many dimensions z has.
    """
    choose("posterior", posterior, POSTERIORS)
    if posterior == "diagonal":
        return DiagonalNormal()
    return IsotropicNormal() if posterior == "isotropic" else FullNormal(latent)


def picture_family(loss: str, event_dims: int) -> Family:
    """The likelihood's family for a loss. All three show the sigmoid of the same features.

    Args:
        loss: `"bce"`: Bernoulli. `"mse"`: normal with sigma 1. `"rmse"`: a point, for it is no
            log-likelihood.
        event_dims: How many axes one picture has.
    """
    choose("loss", loss, LOSSES)
    if loss == "bce":
        return Bernoulli(event_dims)
    return Normal(event_dims=event_dims) if loss == "mse" else Point(event_dims, link="sigmoid")


def reconstruction(loss: str, shape: Sequence[int]) -> Term:
    """The term that a loss puts into the objective.

    Args:
        loss: `"bce"`, `"rmse"` (weighted with the number of pixels) or `"mse"`.
        shape: One picture's shape.
    """
    choose("loss", loss, LOSSES)
    if loss == "bce":
        return Distortion()
    return (
        SquaredError() if loss == "mse" else RootMeanSquaredError(weight=float(math.prod(shape)))
    )


def encoder(
    shape: Sequence[int], latent: int, family: Family, network: str, widths: Sequence[int] | None
) -> Conditional:
    """The posterior: a picture to a distribution of vectors.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        family: How the posterior reads its features.
        network: `"convolutional"`, `"mlp"`, or `"auto"`: by the shape.
        widths: Channels of each level, or widths of each hidden layer.
    """
    if latent < 1:
        raise CompositionError(f"latent must be at least 1, not {latent}")
    (outputs,) = family.features((latent,))
    if _convolutional(shape, network):
        net: nn.Module = ConvolutionalEncoder(tuple(shape), outputs, widths or (32, 64, 128))
    else:
        net = MLP(math.prod(shape), outputs, widths or (512, 256))
    return Conditional(net, family, [len(shape)])


def decoder(
    shape: Sequence[int], latent: int, family: Family, network: str, widths: Sequence[int] | None
) -> Conditional:
    """The likelihood: a vector to a distribution of pictures, the encoder's mirror image.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        family: How the likelihood reads its features.
        network: `"convolutional"`, `"mlp"`, or `"auto"`: by the shape.
        widths: As the encoder's; a multi-layer perceptron goes through them backwards.
    """
    outputs = family.features(shape)
    if _convolutional(shape, network):
        net: nn.Module = ConvolutionalDecoder(latent, outputs, widths or (32, 64, 128))
    else:
        net = MLP(latent, outputs, tuple(reversed(widths or (512, 256))))
    return Conditional(net, family, [1])


def _convolutional(shape: Sequence[int], network: str) -> bool:
    choose("network", network, ("auto", "convolutional", "mlp"))
    if network == "convolutional" and len(shape) != 3:
        raise CompositionError(
            f"a convolutional network takes pictures (C, H, W), not {tuple(shape)}: "
            "use network='mlp'"
        )
    return len(shape) == 3 if network == "auto" else network == "convolutional"

"""The parts by name, and what is built of them.

A posterior and its natural prior, a prior, a loss (a likelihood's family and a term): a variant
names some, a user may name others, and every pair that makes sense can be built.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from torch import nn

from reparam import families, priors
from reparam.conditional import Conditional
from reparam.errors import CompositionError
from reparam.families import Family
from reparam.networks import MLP, ConvolutionalDecoder, ConvolutionalEncoder, widths_for
from reparam.objectives import (
    Distortion,
    MultiscaleSimilarity,
    OptimalSigma,
    RootMeanSquaredError,
    SquaredError,
    Term,
)
from reparam.zoo.arguments import Choice, Seed, Widths

Shape = Sequence[int]


@dataclass(frozen=True)
class Posterior:
    """A posterior's family for a number of dimensions, and its natural prior's name."""

    family: Callable[[int], Family]
    prior: str


def categories_for(latent: int) -> int:
    """Into blocks of how many categories a latent's dimensions fall: 10, or the next that divides.

    Args:
        latent: How many dimensions z has.

    Raises:
        CompositionError: If none of 2 to 10 divides it.

    Example:
        >>> categories_for(16), categories_for(20)
        (8, 10)
    """
    for count in range(10, 1, -1):
        if latent % count == 0:
            return count
    raise CompositionError(
        f"categorical latents of 2 to 10 categories do not add up to {latent} dimensions: "
        "take another latent="
    )


POSTERIORS: dict[str, Posterior] = {
    "point": Posterior(lambda d: families.Point(), "none"),
    "diagonal": Posterior(lambda d: families.DiagonalNormal(), "standard"),
    "isotropic": Posterior(lambda d: families.IsotropicNormal(), "standard"),
    "full": Posterior(families.FullNormal, "standard"),
    "planar": Posterior(lambda d: families.PlanarFlow(), "standard"),
    "radial": Posterior(lambda d: families.RadialFlow(), "standard"),
    "autoregressive": Posterior(families.InverseAutoregressiveFlow, "standard"),
    "spline": Posterior(families.NeuralSplineFlow, "standard"),
    "von_mises_fisher": Posterior(families.VonMisesFisher, "sphere"),
    "power_spherical": Posterior(families.PowerSpherical, "sphere"),
    "hyperbolic": Posterior(families.WrappedNormal, "hyperbolic"),
    "relaxed": Posterior(lambda d: families.RelaxedCategorical(categories_for(d)), "relaxed"),
    "categorical": Posterior(
        lambda d: families.StraightThroughCategorical(categories_for(d)), "categorical"
    ),
}

PriorMaker = Callable[[int, nn.Module, tuple[int, ...]], nn.Module | None]
"""Makes a prior of the number of dimensions, the posterior and one picture's shape."""

PRIORS: dict[str, PriorMaker] = {
    "none": lambda d, q, shape: None,
    "standard": lambda d, q, shape: priors.StandardNormal(d),
    "mixture": lambda d, q, shape: priors.MixtureOfNormals(d),
    "vamp": lambda d, q, shape: priors.VampPrior(q, shape),
    "flow": lambda d, q, shape: priors.FlowPrior(d),
    "sphere": lambda d, q, shape: priors.UniformSphere(d),
    "hyperbolic": lambda d, q, shape: priors.WrappedStandardNormal(d),
    "relaxed": lambda d, q, shape: priors.UniformRelaxedCategorical(d, categories_for(d)),
    "categorical": lambda d, q, shape: priors.UniformCategorical(d, categories_for(d)),
}


@dataclass(frozen=True)
class Loss:
    """A likelihood's family for a number of axes, and a term for a number of pixels."""

    family: Callable[[int], Family]
    term: Callable[[float], Term] = lambda pixels: Distortion()


def point(axes: int) -> Family:
    """Pictures that are shown and have no density: for losses that are no likelihoods."""
    return families.Point(axes, link="sigmoid")


LOSSES: dict[str, Loss] = {
    "bce": Loss(lambda n: families.Bernoulli(n)),
    "rmse": Loss(point, lambda pixels: RootMeanSquaredError(weight=pixels)),
    "mse": Loss(lambda n: families.Normal(event_dims=n), lambda pixels: SquaredError()),
    "optimal_sigma": Loss(point, lambda pixels: OptimalSigma()),
    "learned_sigma": Loss(lambda n: families.Normal(0.2, "scalar", event_dims=n)),
    "pixel_sigma": Loss(lambda n: families.Normal(0.2, "pixel", event_dims=n)),
    "continuous_bernoulli": Loss(lambda n: families.ContinuousBernoulli(n)),
    "laplace": Loss(lambda n: families.Laplace(event_dims=n)),
    "student_t": Loss(lambda n: families.StudentT(event_dims=n)),
    "logistic_mixture": Loss(lambda n: families.DiscretizedLogisticMixture(event_dims=n)),
    "ms_ssim": Loss(point, lambda pixels: MultiscaleSimilarity(weight=pixels)),
}


class Networks(TypedDict, total=False):
    """What every variant takes.

    Args:
        network: `"convolutional"`, `"mlp"`, or `"auto"`: by the shape.
        widths: Channels of each level, or widths of each hidden layer.
        seed: Of the weights.
    """

    network: Annotated[str, Choice(("auto", "convolutional", "mlp"))]
    widths: Widths
    seed: Seed


class Looks(Networks, total=False):
    """What a variant takes that leaves the likelihood open.

    Args:
        loss: Which likelihood and distortion: a key of `LOSSES`.
    """

    loss: Annotated[str, Choice(LOSSES)]


class Codes(Networks, total=False):
    """What a variant takes that leaves the posterior open.

    Args:
        posterior: A key of `POSTERIORS`.
    """

    posterior: Annotated[str, Choice(POSTERIORS)]


class Latents(Codes, total=False):
    """What a variant takes that leaves posterior and prior open.

    Args:
        prior: A key of `PRIORS`, or `"auto"`: the posterior's natural one.
    """

    prior: Annotated[str, Choice(("auto", *PRIORS))]


class OpenPosterior(Looks, Codes, total=False):
    """What a variant takes that sets the prior alone."""


class Parts(Looks, Latents, total=False):
    """What a variant takes that leaves all three distributions open."""


DEFAULTS: dict[str, Any] = {
    "posterior": "diagonal",
    "prior": "auto",
    "loss": "bce",
    "network": "auto",
    "widths": None,
    "seed": 0,
}


def pixels(shape: Sequence[int]) -> float:
    """How many numbers a picture has.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
    """
    return float(math.prod(shape))


def encoder(
    shape: Sequence[int],
    latent: int,
    family: Family,
    network: str = "auto",
    widths: Sequence[int] | None = None,
    others: int = 0,
) -> Conditional:
    """The posterior: a picture to a distribution of vectors.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        family: How the posterior reads its features.
        network: `"convolutional"`, `"mlp"`, or `"auto"`: by the shape.
        widths: Channels of each level, or widths of each hidden layer.
        others: How many further numbers each picture comes with.
    """
    if latent < 1:
        raise CompositionError(f"latent must be at least 1, not {latent}")
    (outputs,) = family.features((latent,))
    net: nn.Module
    if _convolutional(shape, network):
        net = ConvolutionalEncoder(tuple(shape), outputs, widths or widths_for(shape), others)
    else:
        net = MLP(math.prod(shape) + others, outputs, widths or (512, 256))
    return Conditional(net, family, [len(shape)])


def decoder(
    shape: Sequence[int],
    latent: int,
    family: Family,
    network: str = "auto",
    widths: Sequence[int] | None = None,
) -> Conditional:
    """The likelihood: a vector to a distribution of pictures, the encoder's mirror image.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has, and what comes with it.
        family: How the likelihood reads its features.
        network: `"convolutional"`, `"mlp"`, or `"auto"`: by the shape.
        widths: As the encoder's; a multi-layer perceptron goes through them backwards.
    """
    outputs = family.features(shape)
    net: nn.Module
    if _convolutional(shape, network):
        net = ConvolutionalDecoder(latent, outputs, widths or widths_for(shape))
    else:
        net = MLP(latent, outputs, tuple(reversed(widths or (512, 256))))
    return Conditional(net, family, [1])


def _convolutional(shape: Sequence[int], network: str) -> bool:
    if network == "convolutional" and len(shape) != 3:
        raise CompositionError(
            f"a convolutional network takes pictures (C, H, W), not {tuple(shape)}: "
            "use network='mlp'"
        )
    return len(shape) == 3 if network == "auto" else network == "convolutional"

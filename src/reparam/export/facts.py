"""What a posterior says of a picture, as named tensors: what an exported encoder gives.

Nothing is drawn. Every posterior has a `mean`, which is what `encode` gives and `reconstruct`
decodes; what else there is depends on its family, and keeps its own name where it is no variance
of the latents.
"""

from collections.abc import Callable, Mapping

from torch import Tensor
from torch.distributions import Distribution

from reparam.distributions import (
    DiagonalNormal,
    FullNormal,
    IsotropicNormal,
    Joint,
    NormalizingFlow,
    RelaxedCategorical,
    StraightThroughCategorical,
    WrappedNormal,
    Zonal,
)

Fact = tuple[Tensor, str]
"""A tensor, and what its numbers mean."""


def facts(q: Distribution) -> dict[str, Fact]:
    """The posterior's mean and what else it says, by name.

    Args:
        q: A posterior, with batches (B,).

    Example:
        >>> import torch
        >>> from reparam.families import DiagonalNormal, Point
        >>> [*facts(DiagonalNormal()(torch.zeros(5, 4)))], [*facts(Point()(torch.zeros(5, 4)))]
        (['mean', 'log_variance'], ['mean'])
    """
    found = {"mean": (q.mean, _means(q))}
    if isinstance(q, Joint):
        start = 0
        for number, (part, size) in enumerate(zip(q.parts, q.sizes, strict=True)):
            where = f"of latents {start} to {start + size - 1}: "
            found |= {f"{k}_{number}": (t, where + said) for k, (t, said) in _more(part).items()}
            start += size
        return found
    return found | _more(q)


def _means(q: Distribution) -> str:
    for kind, said in MEANS.items():
        if isinstance(q, kind):
            return said
    return "the posterior's mean, a code in latent units"


MEANS: Mapping[type, str] = {
    NormalizingFlow: "the posterior's centre, a code in latent units: the image of the noise's "
    "mean, not the expectation",
    Zonal: "the posterior's mean direction, a code of length 1",
    WrappedNormal: "the posterior's mean, a point of the Poincare ball",
    RelaxedCategorical: "the categories' probabilities, variable by variable",
    StraightThroughCategorical: "the categories' probabilities, variable by variable",
}


def _more(q: Distribution) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for kind, said in MORE.items():
        if isinstance(q, kind):
            found = {name: (read(q), means) for name, (read, means) in said.items()}
    return found


LOG_VARIANCE = "the logarithm of each latent's variance, in log of latent units squared"
INDICES = "the likeliest category of each variable"
Read = Callable[..., Tensor]
MORE: Mapping[type, Mapping[str, tuple[Read, str]]] = {
    DiagonalNormal: {"log_variance": (lambda q: q.log_variance, LOG_VARIANCE)},
    IsotropicNormal: {"log_variance": (lambda q: q.log_variance, LOG_VARIANCE)},
    FullNormal: {
        "log_variance": (lambda q: q.variance.log(), LOG_VARIANCE),
        "scale_tril": (
            lambda q: q.scale_tril,
            "the covariance's lower triangular root L, in latent units: mean + L noise is a draw",
        ),
    },
    Zonal: {"concentration": (lambda q: q.concentration, "how close draws lie to the mean")},
    WrappedNormal: {
        "tangent_log_variance": (
            lambda q: q.log_variance,
            "the logarithm of each variance of the tangent vector at the mean, in log of "
            "hyperbolic lengths squared",
        )
    },
    RelaxedCategorical: {"indices": (lambda q: _indices(q), INDICES)},
    StraightThroughCategorical: {"indices": (lambda q: _indices(q), INDICES)},
}


def _indices(q: RelaxedCategorical | StraightThroughCategorical) -> Tensor:
    return q.logits.argmax(-1)

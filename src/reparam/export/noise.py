r"""Draws as functions of noise that is given: what a file without a generator can compute.

A draw of a prior is a deterministic function of noise that does not depend on it, the
reparameterisation trick. Here it is written out for every prior of the library, with two kinds of
noise: standard normal numbers, and uniform ones in [0, 1). What is continuous is moved and bent;
what is chosen (a category, a mixture's component) is chosen by inversion,

.. math:: k = \#\{j : u \ge \pi_1 + \dots + \pi_j\}

so that the draws have the prior's distribution exactly, whoever makes the noise.

Source: Kingma & Welling 2014, https://arxiv.org/abs/1312.6114
"""

from functools import singledispatch
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.distributions import Distribution

from reparam.distributions import (
    Box,
    Joint,
    Mixture,
    Normal,
    NormalizingFlow,
    RelaxedCategorical,
    StraightThroughCategorical,
    UniformSphere,
    WrappedNormal,
    Zonal,
)
from reparam.distributions.sphere import direction
from reparam.errors import CompositionError


class Noise(NamedTuple):
    """How many numbers of each kind one draw takes."""

    normal: int = 0
    uniform: int = 0


@singledispatch
def needs(p: Distribution) -> Noise:
    """How much noise one draw of a distribution takes.

    Args:
        p: A prior's distribution, with any batches.

    Raises:
        CompositionError: If its draws are not known as a function of noise.

    Example:
        >>> from reparam.priors import MixtureOfNormals
        >>> needs(MixtureOfNormals(2)())
        Noise(normal=2, uniform=1)
    """
    raise CompositionError(
        f"a draw of a {type(p).__name__} prior is not known here as a function of noise"
    )


@singledispatch
def drawn(p: Distribution, normal: Tensor, uniform: Tensor) -> Float[Tensor, "..."]:
    r"""Draws of a distribution, made of noise.

    Args:
        p: A prior's distribution, with batches (\*batch).
        normal: Standard normal numbers, (\*lead, n), whose leading axes broadcast with the
            batches.
        uniform: Uniform numbers in [0, 1), (\*lead, m).

    Returns:
        Events (\*lead, \*event).

    Example:
        >>> from reparam.priors import StandardNormal
        >>> drawn(StandardNormal(2)(), torch.tensor([[3.0, -1.0]]), torch.zeros(1, 0))
        tensor([[ 3., -1.]])
    """
    raise CompositionError(f"{needs(p)} is no noise to draw a {type(p).__name__} of")


@needs.register
def _(p: Normal) -> Noise:
    return Noise(normal=p.dimensions)


@drawn.register
def _(p: Normal, normal: Tensor, uniform: Tensor) -> Tensor:
    return p.mean + p.colour(normal.unflatten(-1, p.event_shape))


@needs.register
def _(p: Box) -> Noise:
    return Noise(uniform=p.low.shape[-1])


@drawn.register
def _(p: Box, normal: Tensor, uniform: Tensor) -> Tensor:
    return p.low + (p.high - p.low) * uniform


@needs.register
def _(p: UniformSphere) -> Noise:
    return Noise(normal=p.dimensions)


@drawn.register
def _(p: UniformSphere, normal: Tensor, uniform: Tensor) -> Tensor:
    return direction(normal)


@needs.register
def _(p: Zonal) -> Noise:
    return Noise(normal=p.dimensions - 1, uniform=1)


@drawn.register
def _(p: Zonal, normal: Tensor, uniform: Tensor) -> Tensor:
    lead = torch.broadcast_shapes(normal.shape[:-1], p.batch_shape)
    return p.from_noise(normal.expand(*lead, -1), uniform.expand(*lead, -1)[..., 0])


@needs.register
def _(p: WrappedNormal) -> Noise:
    return Noise(normal=p.event_shape[0])


@drawn.register
def _(p: WrappedNormal, normal: Tensor, uniform: Tensor) -> Tensor:
    return p.from_noise(normal)


@needs.register
def _(p: NormalizingFlow) -> Noise:
    return needs(p.base)


@drawn.register
def _(p: NormalizingFlow, normal: Tensor, uniform: Tensor) -> Tensor:
    return p.image(drawn(p.base, normal, uniform))


@needs.register
def _(p: Joint) -> Noise:
    each = [needs(part) for part in p.parts]
    return Noise(sum(n.normal for n in each), sum(n.uniform for n in each))


@drawn.register
def _(p: Joint, normal: Tensor, uniform: Tensor) -> Tensor:
    each = [needs(part) for part in p.parts]
    normals = normal.split([n.normal for n in each], -1)
    uniforms = uniform.split([n.uniform for n in each], -1)
    return torch.cat([drawn(*given) for given in zip(p.parts, normals, uniforms, strict=True)], -1)


@needs.register
def _(p: Mixture) -> Noise:
    inner = needs(p.components)
    return Noise(inner.normal, 1 + inner.uniform)


@drawn.register
def _(p: Mixture, normal: Tensor, uniform: Tensor) -> Tensor:
    """Every component makes a draw of the same noise; the first uniform number chooses one."""
    each = drawn(p.components, normal.unsqueeze(-2), uniform[..., 1:].unsqueeze(-2))
    chosen = _chosen(p.logits, uniform[..., 0])
    axis = -1 - len(p.event_shape)
    index = chosen.reshape(*chosen.shape, *[1] * -axis).expand(*chosen.shape, 1, *p.event_shape)
    return each.gather(axis, index).squeeze(axis)


@needs.register
def _(p: StraightThroughCategorical) -> Noise:
    return Noise(uniform=p.logits.shape[-2])


@drawn.register
def _(p: StraightThroughCategorical, normal: Tensor, uniform: Tensor) -> Tensor:
    categories = torch.arange(p.logits.shape[-1], device=uniform.device)
    corner = _chosen(p.logits, uniform).unsqueeze(-1) == categories
    return corner.to(uniform.dtype).flatten(-2)


@needs.register
def _(p: RelaxedCategorical) -> Noise:
    return Noise(uniform=p.logits.shape[-2] * p.logits.shape[-1])


@drawn.register
def _(p: RelaxedCategorical, normal: Tensor, uniform: Tensor) -> Tensor:
    rounded = torch.finfo(uniform.dtype)
    waits = -uniform.clamp(rounded.tiny, 1 - rounded.eps).log()
    return p.from_noise(-waits.log().unflatten(-1, p.logits.shape[-2:]))


def _chosen(logits: Float[Tensor, "*batch K"], uniform: Float[Tensor, "*lead"]) -> Tensor:
    """Which of K a uniform number falls on, (*lead)."""
    ends = logits.softmax(-1).cumsum(-1)[..., :-1]
    return (uniform.unsqueeze(-1) >= ends).sum(-1)

"""Bounds from many draws, and gradients with less noise."""

from typing import Unpack

from reparam.objectives import ImportanceWeighted, PartiallyImportanceWeighted
from reparam.zoo.arguments import Count, Part
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import compose
from reparam.zoo.parts import Parts, Shape


@published(
    "Importance Weighted Autoencoders",
    "Burda, Grosse & Salakhutdinov",
    2016,
    "https://arxiv.org/abs/1509.00519",
)
def iwae(shape: Shape, latent: Count = 16, draws: Count = 5, **parts: Unpack[Parts]) -> Variant:
    r"""Draws weighted by how well they explain the picture: a tighter bound.

    .. math:: \min \; -E \log \frac1K \sum_k w_k, \quad w_k = \frac{p(x, z_k)}{q(z_k | x)}

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        draws: K; the paper takes 5 and 50.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = iwae((1, 28, 28), draws=50)
    """
    return compose(shape, latent, ImportanceWeighted(), distortion=False, samples=draws, **parts)


@published(
    "Tighter Variational Bounds are Not Necessarily Better",
    "Rainforth et al.",
    2018,
    "https://arxiv.org/abs/1802.04537",
)
def miwae(
    shape: Shape,
    latent: Count = 16,
    groups: Count = 8,
    draws: Count = 8,
    **parts: Unpack[Parts],
) -> Variant:
    r"""The mean of several importance-weighted bounds: less tight, with a better gradient.

    .. math:: \min \; -\frac1M \sum_m E \log \frac1K \sum_k w_{mk}

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        groups: M.
        draws: K, in each group.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = miwae((1, 28, 28), groups=2, draws=4)
    """
    term = ImportanceWeighted(groups)
    return compose(shape, latent, term, distortion=False, samples=groups * draws, **parts)


@published(
    "Tighter Variational Bounds are Not Necessarily Better",
    "Rainforth et al.",
    2018,
    "https://arxiv.org/abs/1802.04537",
)
def piwae(
    shape: Shape,
    latent: Count = 16,
    groups: Count = 8,
    draws: Count = 8,
    **parts: Unpack[Parts],
) -> Variant:
    r"""The tightest bound for the decoder, the mean of several for the encoder.

    .. math:: \text{decoder: } \min -E \log \frac{1}{M K} \sum_{m,k} w_{mk}, \quad
        \text{encoder: } \min -\frac1M \sum_m E \log \frac1K \sum_k w_{mk}

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        groups: M.
        draws: K, in each group.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = piwae((1, 28, 28), groups=2, draws=4)
    """
    term = PartiallyImportanceWeighted(groups)
    return compose(shape, latent, term, distortion=False, samples=groups * draws, **parts)


@published(
    "Tighter Variational Bounds are Not Necessarily Better",
    "Rainforth et al.",
    2018,
    "https://arxiv.org/abs/1802.04537",
)
def ciwae(
    shape: Shape,
    latent: Count = 16,
    beta: Part = 0.05,
    draws: Count = 5,
    **parts: Unpack[Parts],
) -> Variant:
    r"""Between the evidence lower bound and the importance-weighted bound.

    .. math:: \min \; -\beta \, E \frac1K \sum_k \log w_k
        - (1 - \beta) \, E \log \frac1K \sum_k w_k

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: The evidence lower bound's share.
        draws: K.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = ciwae((1, 28, 28), beta=0.5)
    """
    plain = ImportanceWeighted(draws, weight=beta, name="evidence_bound")
    weighted = ImportanceWeighted(weight=1 - beta)
    return compose(shape, latent, plain, weighted, distortion=False, samples=draws, **parts)


@published(
    "Sticking the Landing: Simple, Lower-Variance Gradient Estimators for Variational Inference",
    "Roeder, Wu & Duvenaud",
    2017,
    "https://arxiv.org/abs/1703.09194",
)
def sticking_the_landing(shape: Shape, latent: Count = 16, **parts: Unpack[Parts]) -> Variant:
    r"""The evidence lower bound, its gradient without the score: no noise at the optimum.

    .. math:: \min \; -E[\log p(x, z) - \log q_{\bar\phi}(z | x)], \quad
        \bar\phi \text{ without gradient}

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = sticking_the_landing((1, 28, 28))
    """
    term = ImportanceWeighted(gradient="path")
    return compose(shape, latent, term, distortion=False, **parts)


@published(
    "Doubly Reparameterized Gradient Estimators for Monte Carlo Objectives",
    "Tucker et al.",
    2019,
    "https://arxiv.org/abs/1810.04152",
)
def dreg(shape: Shape, latent: Count = 16, draws: Count = 5, **parts: Unpack[Parts]) -> Variant:
    r"""The importance-weighted bound with an encoder's gradient whose signal does not drown.

    .. math:: \nabla_\phi = E \sum_k \bar w_k^2 \,
        \frac{\partial \log w_k}{\partial z_k} \frac{\partial z_k}{\partial \phi},
        \quad \bar w_k = \frac{w_k}{\sum_j w_j}

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        draws: K.
        **parts: posterior, prior, loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = dreg((1, 28, 28), draws=16)
    """
    term = ImportanceWeighted(gradient="doubly")
    return compose(shape, latent, term, distortion=False, samples=draws, **parts)

"""Autoencoders: deterministic codes, and what keeps them in order."""

from typing import Unpack

from reparam.errors import CompositionError
from reparam.networks import MaskingNoise, SpectralNorm, TopK
from reparam.objectives import CodeNorm, Contraction, DecoderGradient, DecoderWeights, Sparsity
from reparam.zoo.arguments import Count, Inner, Weight
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import around, compose
from reparam.zoo.parts import Looks, Shape


@published(
    "Reducing the Dimensionality of Data with Neural Networks",
    "Hinton & Salakhutdinov",
    2006,
    "https://doi.org/10.1126/science.1127647",
)
def autoencoder(shape: Shape, latent: Count = 16, **parts: Unpack[Looks]) -> Variant:
    r"""An autoencoder: every picture has one code, and nothing says where codes lie.

    .. math:: \min \; -\log p(x | z = e(x))

    It has no prior: to sample from it, fit one to its codes (`reparam.samplers`).

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = autoencoder((3, 37, 50), latent=8)
    """
    return compose(shape, latent, posterior="point", **parts)


@published(
    "Extracting and Composing Robust Features with Denoising Autoencoders",
    "Vincent et al.",
    2008,
    "https://doi.org/10.1145/1390156.1390294",
)
def denoising_autoencoder(
    shape: Shape,
    latent: Count = 16,
    masked: Inner = 0.25,
    **parts: Unpack[Looks],
) -> Variant:
    r"""An autoencoder that sees spoiled pictures and has to give back whole ones.

    .. math:: \min \; -\log p(x | z = e(\tilde x)), \quad \tilde x \text{ with pixels set to 0}

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        masked: The part of the pixels that is set to 0 while training.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = denoising_autoencoder((1, 28, 28), masked=0.5)
    """
    return compose(shape, latent, posterior="point", corruption=MaskingNoise(masked), **parts)


@published(
    "Contractive Auto-Encoders: Explicit Invariance During Feature Extraction",
    "Rifai et al.",
    2011,
    "https://icml.cc/2011/papers/455_icmlpaper.pdf",
)
def contractive_autoencoder(
    shape: Shape,
    latent: Count = 16,
    weight: Weight = 0.1,
    directions: Count = 1,
    **parts: Unpack[Looks],
) -> Variant:
    r"""An autoencoder whose codes hardly move when pixels do.

    .. math:: \min \; -\log p(x | z = e(x)) + \lambda \, \|\partial e(x) / \partial x\|_F^2

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        weight: lambda.
        directions: Along how many random directions the Jacobian is estimated; without bias.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = contractive_autoencoder((1, 28, 28))
    """
    return compose(shape, latent, Contraction(weight, directions), posterior="point", **parts)


@published(
    "Sparse Autoencoders Find Highly Interpretable Features in Language Models",
    "Cunningham et al.",
    2024,
    "https://arxiv.org/abs/2309.08600",
)
def sparse_autoencoder(
    shape: Shape,
    latent: Count = 16,
    weight: Weight = 0.1,
    **parts: Unpack[Looks],
) -> Variant:
    r"""An autoencoder that pays for every code's absolute value.

    .. math:: \min \; -\log p(x | z = e(x)) + \lambda \sum_j |z_j|

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        weight: lambda.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = sparse_autoencoder((1, 28, 28), latent=64)
    """
    return compose(shape, latent, Sparsity(weight), posterior="point", **parts)


@published(
    "k-Sparse Autoencoders",
    "Makhzani & Frey",
    2014,
    "https://arxiv.org/abs/1312.5663",
)
def k_sparse_autoencoder(
    shape: Shape,
    latent: Count = 16,
    active: Count = 4,
    **parts: Unpack[Looks],
) -> Variant:
    r"""An autoencoder that keeps the largest of its codes and sets the others to 0.

    .. math:: \min \; -\log p(x | z = \mathrm{top}_k(e(x)))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        active: k, how many are kept, below `latent`.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = k_sparse_autoencoder((1, 28, 28), latent=64, active=8)
    """
    if active >= latent:
        raise CompositionError(f"active={active} has no effect: there are {latent} latents")
    variant = compose(shape, latent, posterior="point", **parts)
    around(variant.model.posterior, lambda network: TopK(network, active))
    return variant


@published(
    "From Variational to Deterministic Autoencoders",
    "Ghosh et al.",
    2020,
    "https://arxiv.org/abs/1903.12436",
)
def rae_l2(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 0.01,
    weight: Weight = 0.001,
    **parts: Unpack[Looks],
) -> Variant:
    r"""An autoencoder with short codes and a decoder with small weights.

    .. math:: \min \; -\log p(x | z = e(x)) + \beta \, \tfrac12 \|z\|^2 + \lambda \, \|\theta\|^2

    It has no prior: fit one to its codes (`reparam.samplers`), as the paper does.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: Weighs the codes.
        weight: lambda, weighs the decoder.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = rae_l2((1, 28, 28))
    """
    terms = CodeNorm(beta), DecoderWeights(weight)
    return compose(shape, latent, *terms, posterior="point", **parts)


@published(
    "From Variational to Deterministic Autoencoders",
    "Ghosh et al.",
    2020,
    "https://arxiv.org/abs/1903.12436",
)
def rae_gp(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 0.01,
    weight: Weight = 0.01,
    directions: Count = 1,
    **parts: Unpack[Looks],
) -> Variant:
    r"""An autoencoder with short codes whose pictures move little when codes do.

    .. math:: \min \; -\log p(x | z = e(x)) + \beta \, \tfrac12 \|z\|^2
        + \lambda \, \tfrac12 \|\partial d(z) / \partial z\|_F^2

    It has no prior: fit one to its codes (`reparam.samplers`), as the paper does.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: Weighs the codes.
        weight: lambda, weighs the decoder.
        directions: Along how many random directions the Jacobian is estimated; without bias.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = rae_gp((1, 28, 28))
    """
    terms = CodeNorm(beta), DecoderGradient(weight, directions)
    return compose(shape, latent, *terms, posterior="point", **parts)


@published(
    "From Variational to Deterministic Autoencoders",
    "Ghosh et al.",
    2020,
    "https://arxiv.org/abs/1903.12436",
)
def rae_sn(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 0.01,
    **parts: Unpack[Looks],
) -> Variant:
    r"""An autoencoder with short codes whose decoder's layers have a spectral norm of 1.

    .. math:: \min \; -\log p(x | z = e(x)) + \beta \, \tfrac12 \|z\|^2, \quad \|W_l\|_2 = 1

    It has no prior: fit one to its codes (`reparam.samplers`), as the paper does.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: Weighs the codes.
        **parts: loss, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = rae_sn((1, 28, 28))
    """
    variant = compose(shape, latent, CodeNorm(beta), posterior="point", **parts)
    around(variant.model.likelihood, SpectralNorm)
    return variant

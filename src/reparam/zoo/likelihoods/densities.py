"""Densities of pixels, and the profile of one."""

from typing import Unpack

from reparam.objectives import Rate
from reparam.zoo.arguments import Count, Weight
from reparam.zoo.catalogue import Variant, published
from reparam.zoo.compose import compose
from reparam.zoo.parts import Latents, Shape


@published(
    "Simple and Effective VAE Training with Calibrated Decoders",
    "Rybkin, Daniilidis & Levine",
    2021,
    "https://arxiv.org/abs/2006.13202",
)
def optimal_sigma_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    **parts: Unpack[Latents],
) -> Variant:
    r"""A normal likelihood at the best sigma of each batch: the loss balances itself.

    .. math:: \min \; D \log \mathrm{RMSE}(x, d(z)) + \tfrac{D}{2} \log 2 \pi e + \beta \, KL(q(z
        | x) \| p(z))

    A profile objective and not a density: it sets sigma after having seen the error.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        **parts: posterior, prior, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = optimal_sigma_vae((1, 28, 28))
    """
    return compose(shape, latent, Rate(beta), loss="optimal_sigma", **parts)


@published(
    "Simple and Effective VAE Training with Calibrated Decoders",
    "Rybkin, Daniilidis & Levine",
    2021,
    "https://arxiv.org/abs/2006.13202",
)
def learned_sigma_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    **parts: Unpack[Latents],
) -> Variant:
    r"""A normal likelihood with one learned sigma for all pixels.

    .. math:: \min \; -E_q[\log N(x; d(z), \sigma^2 I)] + \beta \, KL(q(z | x) \| p(z))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        **parts: posterior, prior, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = learned_sigma_vae((1, 28, 28))
    """
    return compose(shape, latent, Rate(beta), loss="learned_sigma", **parts)


@published(
    "Loss Functions for Image Restoration with Neural Networks",
    "Zhao, Gallo, Frosio & Kautz",
    2017,
    "https://arxiv.org/abs/1511.08861",
)
def laplace_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    **parts: Unpack[Latents],
) -> Variant:
    r"""Absolute errors in place of squared ones: a Laplace likelihood.

    .. math:: \min \; -E_q[\log \mathrm{Laplace}(x; d(z), b)] + \beta \, KL(q(z | x) \| p(z))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        **parts: posterior, prior, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = laplace_vae((1, 28, 28))
    """
    return compose(shape, latent, Rate(beta), loss="laplace", **parts)


@published(
    "Student-t Variational Autoencoder for Robust Density Estimation",
    "Takahashi et al.",
    2018,
    "https://doi.org/10.24963/ijcai.2018/374",
)
def student_t_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    **parts: Unpack[Latents],
) -> Variant:
    r"""Heavy tails, so that few odd pixels do not rule the fit.

    .. math:: \min \; -E_q[\log t_\nu(x; d(z), s)] + \beta \, KL(q(z | x) \| p(z))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        **parts: posterior, prior, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = student_t_vae((1, 28, 28))
    """
    return compose(shape, latent, Rate(beta), loss="student_t", **parts)


@published(
    "The continuous Bernoulli: fixing a pervasive error in variational autoencoders",
    "Loaiza-Ganem & Cunningham",
    2019,
    "https://arxiv.org/abs/1907.06845",
)
def continuous_bernoulli_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    **parts: Unpack[Latents],
) -> Variant:
    r"""The binary cross-entropy made a density of grey pixels.

    .. math:: \min \; -E_q[\log \mathrm{CB}(x; \lambda(z))] + \beta \, KL(q(z | x) \| p(z))

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        **parts: posterior, prior, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = continuous_bernoulli_vae((1, 28, 28))
    """
    return compose(shape, latent, Rate(beta), loss="continuous_bernoulli", **parts)


@published(
    "PixelCNN++: Improving the PixelCNN with Discretized Logistic Mixture Likelihood",
    "Salimans et al.",
    2017,
    "https://arxiv.org/abs/1701.05517",
)
def logistic_mixture_vae(
    shape: Shape,
    latent: Count = 16,
    beta: Weight = 1.0,
    **parts: Unpack[Latents],
) -> Variant:
    r"""The chance of each of 256 grey levels, from a mixture of logistics.

    .. math:: \min \; -E_q[\log \sum_m \pi_m(z) \, P_m(x | z)] + \beta \, KL(q(z | x) \| p(z))

    The paper's likelihood under a decoder in place of an autoregressive network.

    Args:
        shape: One picture's (C, H, W), or (D,) for vectors.
        latent: How many dimensions z has.
        beta: What the rate is multiplied by.
        **parts: posterior, prior, network, widths, seed: see `reparam.zoo.parts`.

    Example:
        >>> model, objective = logistic_mixture_vae((1, 28, 28))
    """
    return compose(shape, latent, Rate(beta), loss="logistic_mixture", **parts)

"""Likelihoods and losses on pictures other than binary cross-entropy."""

from reparam.zoo.likelihoods.comparisons import (
    feature_vae,
    ms_ssim_vae,
    vae_gan,
)
from reparam.zoo.likelihoods.densities import (
    continuous_bernoulli_vae,
    laplace_vae,
    learned_sigma_vae,
    logistic_mixture_vae,
    optimal_sigma_vae,
    student_t_vae,
)

__all__ = [
    "continuous_bernoulli_vae",
    "feature_vae",
    "laplace_vae",
    "learned_sigma_vae",
    "logistic_mixture_vae",
    "ms_ssim_vae",
    "optimal_sigma_vae",
    "student_t_vae",
    "vae_gan",
]

"""Published variants, each a function of a few lines that returns a model and its objective."""

# The order of these imports is the order of the zoo.
# isort: off
from reparam.zoo.autoencoders import (
    autoencoder,
    denoising_autoencoder,
    contractive_autoencoder,
    sparse_autoencoder,
    k_sparse_autoencoder,
    rae_l2,
    rae_gp,
    rae_sn,
)
from reparam.zoo.vae import (
    vae,
    beta_vae,
    annealed_vae,
    cyclical_vae,
    free_bits_vae,
)
from reparam.zoo.chapter import (
    chapter,
)
from reparam.zoo.matching import (
    wae_mmd,
    sliced_wae,
    adversarial_autoencoder,
)
from reparam.zoo.bounds import (
    iwae,
    miwae,
    piwae,
    ciwae,
    sticking_the_landing,
    dreg,
)
from reparam.zoo.disentangling import (
    beta_tcvae,
    factor_vae,
    dip_vae_i,
    dip_vae_ii,
    info_vae,
    mmd_vae,
)
from reparam.zoo.posteriors import (
    full_covariance_vae,
    planar_flow_vae,
    radial_flow_vae,
    iaf_vae,
    spline_flow_vae,
    hyperspherical_vae,
    power_spherical_vae,
    poincare_vae,
    concrete_vae,
    categorical_vae,
    joint_vae,
)
from reparam.zoo.priors import (
    mixture_vae,
    vamp_vae,
    flow_prior_vae,
)
from reparam.zoo.likelihoods import (
    optimal_sigma_vae,
    learned_sigma_vae,
    laplace_vae,
    student_t_vae,
    continuous_bernoulli_vae,
    logistic_mixture_vae,
    ms_ssim_vae,
    feature_vae,
    vae_gan,
)
from reparam.zoo.conditional import (
    conditional_vae,
)

# isort: on
from reparam.zoo.catalogue import ZOO, Entry, Variant
from reparam.zoo.compose import compose

__all__ = [
    "ZOO",
    "Entry",
    "Variant",
    "adversarial_autoencoder",
    "annealed_vae",
    "autoencoder",
    "beta_tcvae",
    "beta_vae",
    "categorical_vae",
    "chapter",
    "ciwae",
    "compose",
    "concrete_vae",
    "conditional_vae",
    "continuous_bernoulli_vae",
    "contractive_autoencoder",
    "cyclical_vae",
    "denoising_autoencoder",
    "dip_vae_i",
    "dip_vae_ii",
    "dreg",
    "factor_vae",
    "feature_vae",
    "flow_prior_vae",
    "free_bits_vae",
    "full_covariance_vae",
    "hyperspherical_vae",
    "iaf_vae",
    "info_vae",
    "iwae",
    "joint_vae",
    "k_sparse_autoencoder",
    "laplace_vae",
    "learned_sigma_vae",
    "logistic_mixture_vae",
    "miwae",
    "mixture_vae",
    "mmd_vae",
    "ms_ssim_vae",
    "optimal_sigma_vae",
    "piwae",
    "planar_flow_vae",
    "poincare_vae",
    "power_spherical_vae",
    "radial_flow_vae",
    "rae_gp",
    "rae_l2",
    "rae_sn",
    "sliced_wae",
    "sparse_autoencoder",
    "spline_flow_vae",
    "sticking_the_landing",
    "student_t_vae",
    "vae",
    "vae_gan",
    "vamp_vae",
    "wae_mmd",
]

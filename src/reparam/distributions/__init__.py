"""Densities that torch lacks, each with its KL divergences registered."""

from reparam.distributions.bernoulli import Bernoulli
from reparam.distributions.box import Box
from reparam.distributions.continuous_bernoulli import ContinuousBernoulli
from reparam.distributions.factorised import kl_per_dimension, marginals, moments
from reparam.distributions.flow import NormalizingFlow
from reparam.distributions.joint import Joint, kl_per_part
from reparam.distributions.logistic_mixture import DiscretizedLogisticMixture
from reparam.distributions.mixture import Mixture
from reparam.distributions.normal import DiagonalNormal, FullNormal, IsotropicNormal, Normal
from reparam.distributions.padded import Padded, measure, unpadded
from reparam.distributions.point import PointMass
from reparam.distributions.power_spherical import PowerSpherical
from reparam.distributions.relaxed_categorical import RelaxedCategorical
from reparam.distributions.robust import Laplace, StudentT
from reparam.distributions.sphere import UniformSphere
from reparam.distributions.standard_normal import StandardNormal
from reparam.distributions.straight_through import StraightThroughCategorical
from reparam.distributions.tempered import tempered
from reparam.distributions.von_mises_fisher import VonMisesFisher
from reparam.distributions.wrapped_normal import WrappedNormal
from reparam.distributions.zonal import Zonal

__all__ = [
    "Bernoulli",
    "Box",
    "ContinuousBernoulli",
    "DiagonalNormal",
    "DiscretizedLogisticMixture",
    "FullNormal",
    "IsotropicNormal",
    "Joint",
    "Laplace",
    "Mixture",
    "Normal",
    "NormalizingFlow",
    "Padded",
    "PointMass",
    "PowerSpherical",
    "RelaxedCategorical",
    "StandardNormal",
    "StraightThroughCategorical",
    "StudentT",
    "UniformSphere",
    "VonMisesFisher",
    "WrappedNormal",
    "Zonal",
    "kl_per_dimension",
    "kl_per_part",
    "marginals",
    "measure",
    "moments",
    "tempered",
    "unpadded",
]

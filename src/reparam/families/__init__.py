"""Families: modules that read features as a distribution's parameters."""

from reparam.families.categorical import RelaxedCategorical, StraightThroughCategorical
from reparam.families.family import Family
from reparam.families.flow import (
    InverseAutoregressiveFlow,
    NeuralSplineFlow,
    PlanarFlow,
    RadialFlow,
)
from reparam.families.hyperbolic import WrappedNormal
from reparam.families.joint import Joint
from reparam.families.latent import DiagonalNormal, FullNormal, IsotropicNormal, Point
from reparam.families.logistic_mixture import DiscretizedLogisticMixture
from reparam.families.pictures import Bernoulli, ContinuousBernoulli, Normal, Padded
from reparam.families.robust import Laplace, StudentT
from reparam.families.sphere import PowerSpherical, VonMisesFisher

__all__ = [
    "Bernoulli",
    "ContinuousBernoulli",
    "DiagonalNormal",
    "DiscretizedLogisticMixture",
    "Family",
    "FullNormal",
    "InverseAutoregressiveFlow",
    "IsotropicNormal",
    "Joint",
    "Laplace",
    "NeuralSplineFlow",
    "Normal",
    "Padded",
    "PlanarFlow",
    "Point",
    "PowerSpherical",
    "RadialFlow",
    "RelaxedCategorical",
    "StraightThroughCategorical",
    "StudentT",
    "VonMisesFisher",
    "WrappedNormal",
]

"""Densities that torch lacks, each with its KL divergences registered."""

from reparam.distributions.box import Box
from reparam.distributions.continuous_bernoulli import ContinuousBernoulli
from reparam.distributions.factorised import kl_per_dimension
from reparam.distributions.normal import DiagonalNormal, FullNormal, IsotropicNormal, Normal
from reparam.distributions.padded import Padded
from reparam.distributions.point import PointMass
from reparam.distributions.tempered import tempered

__all__ = [
    "Box",
    "ContinuousBernoulli",
    "DiagonalNormal",
    "FullNormal",
    "IsotropicNormal",
    "Normal",
    "Padded",
    "PointMass",
    "kl_per_dimension",
    "tempered",
]

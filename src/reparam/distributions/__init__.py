"""Densities that torch lacks, each with its KL divergences registered."""

from reparam.distributions.bernoulli import Bernoulli
from reparam.distributions.box import Box
from reparam.distributions.continuous_bernoulli import ContinuousBernoulli
from reparam.distributions.factorised import kl_per_dimension
from reparam.distributions.normal import DiagonalNormal, FullNormal, IsotropicNormal, Normal
from reparam.distributions.padded import Padded, unpadded
from reparam.distributions.point import PointMass
from reparam.distributions.standard_normal import StandardNormal
from reparam.distributions.tempered import tempered

__all__ = [
    "Bernoulli",
    "Box",
    "ContinuousBernoulli",
    "DiagonalNormal",
    "FullNormal",
    "IsotropicNormal",
    "Normal",
    "Padded",
    "PointMass",
    "StandardNormal",
    "kl_per_dimension",
    "tempered",
    "unpadded",
]

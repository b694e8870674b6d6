"""Densities that torch lacks, each with its KL divergences registered."""

from reparam.distributions.factorised import kl_per_dimension
from reparam.distributions.normal import DiagonalNormal, FullNormal, IsotropicNormal, Normal
from reparam.distributions.padded import Padded
from reparam.distributions.point import PointMass

__all__ = [
    "DiagonalNormal",
    "FullNormal",
    "IsotropicNormal",
    "Normal",
    "Padded",
    "PointMass",
    "kl_per_dimension",
]

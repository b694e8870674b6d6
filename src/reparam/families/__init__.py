"""Families: modules that read features as a distribution's parameters."""

from reparam.families.family import Family
from reparam.families.latent import DiagonalNormal, FullNormal, IsotropicNormal, Point
from reparam.families.pictures import Bernoulli, ContinuousBernoulli, Normal, Padded

__all__ = [
    "Bernoulli",
    "ContinuousBernoulli",
    "DiagonalNormal",
    "Family",
    "FullNormal",
    "IsotropicNormal",
    "Normal",
    "Padded",
    "Point",
]

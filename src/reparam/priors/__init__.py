"""Priors: distributions of the latent given nothing, or a condition that most of them ignore."""

from reparam.priors.fitted import FittedBox, FittedNormal
from reparam.priors.standard_normal import StandardNormal

__all__ = ["FittedBox", "FittedNormal", "StandardNormal"]

"""Priors: distributions of the latent given nothing, or a condition that most of them ignore."""

from reparam.priors.categorical import UniformCategorical, UniformRelaxedCategorical
from reparam.priors.fitted import FittedBox, FittedNormal
from reparam.priors.flow import FlowPrior
from reparam.priors.hyperbolic import WrappedStandardNormal
from reparam.priors.joint import JointPrior
from reparam.priors.mixture import MixtureOfNormals
from reparam.priors.sphere import UniformSphere
from reparam.priors.standard_normal import StandardNormal
from reparam.priors.vamp import VampPrior

__all__ = [
    "FittedBox",
    "FittedNormal",
    "FlowPrior",
    "JointPrior",
    "MixtureOfNormals",
    "StandardNormal",
    "UniformCategorical",
    "UniformRelaxedCategorical",
    "UniformSphere",
    "VampPrior",
    "WrappedStandardNormal",
]

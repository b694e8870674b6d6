"""Posteriors other than the diagonal normal: bent, on spheres, in balls, discrete."""

from reparam.zoo.posteriors.discrete import (
    categorical_vae,
    concrete_vae,
    joint_vae,
)
from reparam.zoo.posteriors.flows import (
    full_covariance_vae,
    iaf_vae,
    planar_flow_vae,
    radial_flow_vae,
    spline_flow_vae,
)
from reparam.zoo.posteriors.spaces import (
    hyperspherical_vae,
    poincare_vae,
    power_spherical_vae,
)

__all__ = [
    "categorical_vae",
    "concrete_vae",
    "full_covariance_vae",
    "hyperspherical_vae",
    "iaf_vae",
    "joint_vae",
    "planar_flow_vae",
    "poincare_vae",
    "power_spherical_vae",
    "radial_flow_vae",
    "spline_flow_vae",
]

"""Tensors to numbers that objectives and metrics share."""

from reparam.divergences.energy import energy_distance
from reparam.divergences.log_mean_exp import log_mean_exp
from reparam.divergences.mmd import maximum_mean_discrepancy, multiscale_kernel
from reparam.divergences.sliced_wasserstein import random_directions, sliced_wasserstein

__all__ = [
    "energy_distance",
    "log_mean_exp",
    "maximum_mean_discrepancy",
    "multiscale_kernel",
    "random_directions",
    "sliced_wasserstein",
]

"""Tensors to numbers that objectives and metrics share."""

from reparam.divergences.aggregate import stratified_log_density
from reparam.divergences.energy import energy_distance
from reparam.divergences.log_mean_exp import log_mean_exp
from reparam.divergences.mmd import check_kernel, maximum_mean_discrepancy, multiscale_kernel
from reparam.divergences.sliced_wasserstein import random_directions, sliced_wasserstein
from reparam.divergences.structural_similarity import multiscale_similarity

__all__ = [
    "check_kernel",
    "energy_distance",
    "log_mean_exp",
    "maximum_mean_discrepancy",
    "multiscale_kernel",
    "multiscale_similarity",
    "random_directions",
    "sliced_wasserstein",
    "stratified_log_density",
]

"""Tensors to numbers that objectives and metrics share."""

from reparam.divergences.energy import energy_distance
from reparam.divergences.log_mean_exp import log_mean_exp

__all__ = ["energy_distance", "log_mean_exp"]

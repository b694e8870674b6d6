"""Tensors to numbers that objectives and metrics share."""

from reparam.divergences.log_mean_exp import log_mean_exp

__all__ = ["log_mean_exp"]

"""Samplers: densities fitted to a trained model's codes, for models that have no prior."""

from reparam.samplers.fitted import SAMPLERS, box, normal

__all__ = ["SAMPLERS", "box", "normal"]

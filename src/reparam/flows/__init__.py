"""Invertible maps whose parameters are an encoder's features or learned networks."""

from reparam.flows.masked import MaskedFlow
from reparam.flows.planar import Planar
from reparam.flows.radial import Radial

__all__ = ["MaskedFlow", "Planar", "Radial"]

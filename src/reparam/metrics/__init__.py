"""Numbers about a trained model, its pictures and its codes."""

from reparam.metrics.bound import Bound, bound
from reparam.metrics.evidence import Evidence, evidence
from reparam.metrics.usage import Information, active_units, information

__all__ = [
    "Bound",
    "Evidence",
    "Information",
    "active_units",
    "bound",
    "evidence",
    "information",
]

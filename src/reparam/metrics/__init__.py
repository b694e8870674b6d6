"""Numbers about a trained model, its pictures and its codes."""

from reparam.metrics.bound import Bound, bound
from reparam.metrics.evidence import Evidence, evidence
from reparam.metrics.samples import Support, frechet_distance, support
from reparam.metrics.usage import Information, active_units, information

__all__ = [
    "Bound",
    "Evidence",
    "Information",
    "Support",
    "active_units",
    "bound",
    "evidence",
    "frechet_distance",
    "information",
    "support",
]

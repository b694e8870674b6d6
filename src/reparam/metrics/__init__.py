"""Numbers about a trained model, its pictures and its codes."""

from reparam.metrics.bound import Bound, bound
from reparam.metrics.evidence import Evidence, evidence
from reparam.metrics.memorisation import Memorisation, memorisation
from reparam.metrics.reconstruction import Reconstruction, reconstruction
from reparam.metrics.samples import Support, frechet_distance, support
from reparam.metrics.two_sample import TwoSample, two_sample
from reparam.metrics.usage import Information, active_units, information

__all__ = [
    "Bound",
    "Evidence",
    "Information",
    "Memorisation",
    "Reconstruction",
    "Support",
    "TwoSample",
    "active_units",
    "bound",
    "evidence",
    "frechet_distance",
    "information",
    "memorisation",
    "reconstruction",
    "support",
    "two_sample",
]

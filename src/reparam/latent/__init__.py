"""Operations on a trained model's latent space."""

from reparam.latent.anomalies import anomaly_scores
from reparam.latent.attributes import Attribute, attribute
from reparam.latent.checkup import Checkup, Finding, checkup, checkup_codes
from reparam.latent.codes import Codes, codes, log_variances
from reparam.latent.neighbours import nearest
from reparam.latent.paths import linear, spherical, traversal_grid, traversals
from reparam.latent.rates import rates

__all__ = [
    "Attribute",
    "Checkup",
    "Codes",
    "Finding",
    "anomaly_scores",
    "attribute",
    "checkup",
    "checkup_codes",
    "codes",
    "linear",
    "log_variances",
    "nearest",
    "rates",
    "spherical",
    "traversal_grid",
    "traversals",
]

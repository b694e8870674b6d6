"""Operations on a trained model's latent space."""

from reparam.latent.anomalies import anomaly_scores
from reparam.latent.attributes import Attribute, attribute
from reparam.latent.codes import Codes, codes
from reparam.latent.paths import linear, spherical, traversals

__all__ = [
    "Attribute",
    "Codes",
    "anomaly_scores",
    "attribute",
    "codes",
    "linear",
    "spherical",
    "traversals",
]

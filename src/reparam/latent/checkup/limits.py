"""Every check's limits, in one place: sizes of effects that a user would notice.

They were calibrated on models with known faults: docs/checkup.md says which were found.
"""

from reparam.latent.checkup.finding import Limit

LIMITS: dict[str, tuple[Limit, ...]] = {
    "collapse": (
        Limit("share of dimensions that carry nothing", sound=0.5, fault=0.99),
        Limit("rate, nats", sound=2, fault=1),
    ),
    "rate": (
        Limit("rate, nats", sound=4, fault=2.3),
        Limit("nats of distortion that the last nat of rate saves", sound=3, fault=10),
        Limit("nats of distortion that the last nat of rate saves", sound=0.3, fault=0.1),
    ),
    "saturation": (
        Limit("share of posteriors that are all but points", sound=0.01, fault=0.1),
        Limit("share of log-variances at their bound", sound=0.001, fault=0.01),
    ),
    "holes": (
        Limit("share of the occupied plane in gaps", sound=0.1, fault=0.12),
        Limit("share of draws away from all codes", sound=0.2, fault=0.5),
        Limit("share of draws that decode to nothing real", sound=0.2, fault=0.5),
        Limit("share of draws that do not come back", sound=0.2, fault=0.5),
    ),
    "areas": (Limit("largest class area over smallest", sound=4, fault=5),),
    "overlap": (
        Limit("codes among another class, of what chance gives", sound=0.45, fault=0.75),
        Limit("share of codes among another class minus that in features", sound=0.15, fault=0.3),
    ),
    "symmetry": (
        Limit("distance of the mean from the origin", sound=0.25, fault=0.4),
        Limit("distance from the point reflection", sound=0.05, fault=0.1),
        Limit("extent over a normal distribution's", sound=1.15, fault=1.5),
    ),
    "aggregate": (
        Limit("separability (AUC)", sound=0.75, fault=0.95),
        Limit("energy distance", sound=0.02, fault=0.05),
    ),
    "sampling": (Limit("share of draws of a wrong class, above chance", sound=0.15, fault=0.3),),
    "overfitting": (
        Limit("error over that on training items", sound=1.1, fault=1.25),
        Limit("bound above that of training items, in their spread", sound=0.15, fault=0.4),
    ),
    "underfitting": (Limit("error over that of principal components", sound=1.1, fault=1.4),),
    "memorisation": (Limit("share of draws that copy training items", sound=0.4, fault=0.5),),
    "dead": (Limit("share of dead pixels", sound=0.02, fault=0.1),),
    "blur": (Limit("sharpness over that of real items", sound=0.5, fault=0.3),),
}

"""Every claim, in the order of the chapter."""

from reparam.study.claims.autoencoders import AUTOENCODERS
from reparam.study.claims.draws import DRAWS
from reparam.study.claims.losses import LOSSES
from reparam.study.claims.mending import MENDING
from reparam.study.claims.normals import NORMALS
from reparam.study.claims.plane import PLANE
from reparam.study.claims.sampling import SAMPLING

CLAIMS = [*AUTOENCODERS, *LOSSES, *PLANE, *SAMPLING, *MENDING, *NORMALS, *DRAWS]

__all__ = ["CLAIMS"]

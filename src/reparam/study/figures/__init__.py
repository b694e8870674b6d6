"""Every figure of the study, in the order of the report."""

from reparam.study.figures.architecture import ARCHITECTURE
from reparam.study.figures.losses import LOSSES
from reparam.study.figures.normals import NORMALS
from reparam.study.figures.sampling import SAMPLING
from reparam.study.figures.space import SPACE

DRAWINGS = [*ARCHITECTURE, *LOSSES, *SPACE, *SAMPLING, *NORMALS]

__all__ = ["DRAWINGS"]

"""Objectives: weighted sums of terms over a trace."""

from reparam.objectives.adversarial import AdversarialPrior, CriticTotalCorrelation
from reparam.objectives.adversarial_pictures import AdversarialPictures, CriticDistance
from reparam.objectives.bounds import ImportanceWeighted, PartiallyImportanceWeighted
from reparam.objectives.conventions import equivalent_beta
from reparam.objectives.decomposition import (
    DimensionWiseRate,
    MutualInformation,
    TotalCorrelation,
)
from reparam.objectives.evidence import Distortion, Rate
from reparam.objectives.frozen import frozen
from reparam.objectives.matching import (
    MaximumMeanDiscrepancy,
    MomentPenalty,
    SlicedWasserstein,
)
from reparam.objectives.objective import Objective
from reparam.objectives.parts import RateOfPart
from reparam.objectives.penalties import (
    CodeNorm,
    Contraction,
    DecoderGradient,
    DecoderWeights,
    Sparsity,
)
from reparam.objectives.perceptual import FeatureDistance, MultiscaleSimilarity
from reparam.objectives.pictures import OptimalSigma, RootMeanSquaredError, SquaredError
from reparam.objectives.schedules import (
    CosineSchedule,
    CyclicalSchedule,
    LinearSchedule,
    Schedule,
)
from reparam.objectives.term import Term

__all__ = [
    "AdversarialPictures",
    "AdversarialPrior",
    "CodeNorm",
    "Contraction",
    "CosineSchedule",
    "CriticDistance",
    "CriticTotalCorrelation",
    "CyclicalSchedule",
    "DecoderGradient",
    "DecoderWeights",
    "DimensionWiseRate",
    "Distortion",
    "FeatureDistance",
    "ImportanceWeighted",
    "LinearSchedule",
    "MaximumMeanDiscrepancy",
    "MomentPenalty",
    "MultiscaleSimilarity",
    "MutualInformation",
    "Objective",
    "OptimalSigma",
    "PartiallyImportanceWeighted",
    "Rate",
    "RateOfPart",
    "RootMeanSquaredError",
    "Schedule",
    "SlicedWasserstein",
    "Sparsity",
    "SquaredError",
    "Term",
    "TotalCorrelation",
    "equivalent_beta",
    "frozen",
]

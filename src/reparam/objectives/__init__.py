"""Objectives: weighted sums of terms over a trace."""

from reparam.objectives.bounds import ImportanceWeighted, PartiallyImportanceWeighted
from reparam.objectives.conventions import equivalent_beta
from reparam.objectives.evidence import Distortion, Rate
from reparam.objectives.frozen import frozen
from reparam.objectives.objective import Objective
from reparam.objectives.pictures import OptimalSigma, RootMeanSquaredError, SquaredError
from reparam.objectives.schedules import (
    CosineSchedule,
    CyclicalSchedule,
    LinearSchedule,
    Schedule,
)
from reparam.objectives.term import Term

__all__ = [
    "CosineSchedule",
    "CyclicalSchedule",
    "Distortion",
    "ImportanceWeighted",
    "LinearSchedule",
    "Objective",
    "OptimalSigma",
    "PartiallyImportanceWeighted",
    "Rate",
    "RootMeanSquaredError",
    "Schedule",
    "SquaredError",
    "Term",
    "equivalent_beta",
    "frozen",
]

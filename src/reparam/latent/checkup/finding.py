"""What a check finds, and how it is graded: effect sizes with intervals against stated limits."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reparam.metrics.estimate import Estimate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SOUND, DOUBTFUL, FAULT, NOT_JUDGED = "sound", "doubtful", "fault", "not judged"
ORDER = (FAULT, DOUBTFUL, SOUND, NOT_JUDGED)
"""The grades, worst first."""


@dataclass(frozen=True)
class Limit:
    """Up to where a measure is sound, and from where on it is a fault.

    Sound is what lies on the good side of the first limit with its whole interval, a fault what
    lies beyond the second with its whole interval, and doubtful everything between.

    Args:
        measure: The measure's name.
        sound: The limit of what is sound.
        fault: The limit of faults; below `sound` where small values are bad.

    Example:
        >>> import numpy as np
        >>> holes = Limit("share", sound=0.2, fault=0.4)
        >>> wide = Estimate(0.45, np.array([-0.1, 0.1]))
        >>> holes.grade(Estimate(0.1)), holes.grade(wide), holes.grade(Estimate(0.5))
        ('sound', 'doubtful', 'fault')
    """

    measure: str
    sound: float
    fault: float

    def grade(self, estimate: Estimate) -> str:
        """What the measure says.

        Args:
            estimate: The measure with its interval.
        """
        sign = 1 if self.fault > self.sound else -1
        best, worst = sorted(sign * end for end in estimate.interval)
        if worst < sign * self.sound:
            return SOUND
        return FAULT if best > sign * self.fault else DOUBTFUL

    def __str__(self) -> str:
        good, bad = ("below", "above") if self.fault > self.sound else ("above", "below")
        return f"{self.measure}: sound {good} {self.sound:g}, a fault {bad} {self.fault:g}"


@dataclass(frozen=True)
class Seen:
    """What a check saw.

    Args:
        measured: Its measures with their intervals, by name.
        meaning: What they mean for the user, in one sentence.
        advice: What to try where it is a fault, in one sentence.
        figure: Draws what shows it.
        lacks: What the user could add to see more; empty where nothing.
    """

    measured: Mapping[str, Estimate]
    meaning: str
    advice: str
    figure: "Callable[[], Figure] | None" = None
    lacks: str = ""


@dataclass(frozen=True, eq=False)
class Finding:
    """A graded answer to one question about a latent space.

    Args:
        id: What it is called, such as `holes`.
        title: The same for people.
        grade: `sound`, `doubtful`, `fault`, or `not judged`.
        measured: Measures with their intervals, by name.
        rule: How the grade follows from them.
        meaning: What they mean, or why nothing was judged, in one sentence.
        advice: What to try, in one sentence; empty where it is sound.
        lacks: What the user could add to see more; empty where nothing.
        figure: Draws what shows it; `None` where there is nothing to show.
    """

    id: str
    title: str
    grade: str
    measured: Mapping[str, Estimate]
    rule: str
    meaning: str
    advice: str
    lacks: str = ""
    figure: "Callable[[], Figure] | None" = None

    def to_json(self) -> dict[str, Any]:
        """The finding as plain values, without its figure."""
        return {
            "id": self.id,
            "title": self.title,
            "grade": self.grade,
            "measured": {name: value.to_json() for name, value in self.measured.items()},
            "rule": self.rule,
            "meaning": self.meaning,
            "advice": self.advice,
            "lacks": self.lacks,
        }


def graded(identity: str, title: str, limits: Sequence[Limit], seen: Seen | str) -> Finding:
    """A finding: as bad as its worst measure.

    Args:
        identity: What it is called.
        title: The same for people.
        limits: Of its measures; those that were not measured do not count.
        seen: What the check saw, or why it could see nothing.
    """
    rule = "; ".join(map(str, limits))
    if isinstance(seen, str):
        return Finding(identity, title, NOT_JUDGED, {}, rule, seen, "")
    measured = {name: value for name, value in seen.measured.items() if _finite(value)}
    grades = [x.grade(measured[x.measure]) for x in limits if x.measure in measured]
    if not grades:
        return Finding(identity, title, NOT_JUDGED, {}, rule, "No measure of it is finite.", "")
    grade = min(grades, key=ORDER.index)
    advice = seen.advice if grade in (FAULT, DOUBTFUL) else ""
    return Finding(
        identity, title, grade, measured, rule, seen.meaning, advice, seen.lacks, seen.figure
    )


def _finite(estimate: Estimate) -> bool:
    return math.isfinite(estimate.value) and all(map(math.isfinite, estimate.interval))

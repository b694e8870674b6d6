"""From a measured interval to a verdict: effect sizes against stated thresholds, no p-values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reparam.errors import ReparamError
from reparam.metrics.estimate import Estimate

HOLDS, PARTLY, FAILS, NOT_JUDGED = "holds", "partly", "fails", "not judged"


@dataclass(frozen=True)
class Condition:
    """One measure and the range in which it speaks for the claim.

    It holds where the whole interval lies within, fails where it lies wholly outside, and holds
    partly where an end of the range cuts the interval.

    Args:
        measure: The measure's name.
        above: The range's lower end; none by default.
        below: Its upper end; none by default.

    Example:
        >>> import numpy as np
        >>> large = Condition("size", above=2)
        >>> wide = Estimate(2.1, np.array([-0.5, 0.5]))
        >>> large.verdict(Estimate(3.0)), large.verdict(wide), large.verdict(Estimate(1.0))
        ('holds', 'partly', 'fails')
    """

    measure: str
    above: float = float("-inf")
    below: float = float("inf")

    def verdict(self, estimate: Estimate) -> str:
        """What the measure says.

        Args:
            estimate: The measure with its interval.
        """
        low, high = estimate.interval
        if not low <= high:
            raise ReparamError(f"{self.measure} has no interval: {low} to {high}")
        if self.above < low and high < self.below:
            return HOLDS
        return FAILS if high <= self.above or low >= self.below else PARTLY

    def __str__(self) -> str:
        if self.above == float("-inf"):
            return f"{self.measure} below {self.below:g}"
        if self.below == float("inf"):
            return f"{self.measure} above {self.above:g}"
        return f"{self.measure} between {self.above:g} and {self.below:g}"


Rule = Sequence[Condition]


def verdict(rule: Rule, measured: Mapping[str, Estimate]) -> str:
    """Whether a claim holds: all its conditions do, none does, or some.

    Args:
        rule: Its conditions.
        measured: Their measures, and perhaps others, by name.

    Raises:
        ReparamError: If a measure is missing.

    Example:
        >>> rule = [Condition("a", above=1), Condition("b", below=1)]
        >>> verdict(rule, {"a": Estimate(2.0), "b": Estimate(2.0)})
        'partly'
    """
    if missing := [part.measure for part in rule if part.measure not in measured]:
        raise ReparamError(f"{', '.join(missing)} was not measured: it has {', '.join(measured)}")
    return agreed([part.verdict(measured[part.measure]) for part in rule])


def agreed(verdicts: Sequence[str]) -> str:
    """What several verdicts say together: their own word where all agree, else partly.

    Args:
        verdicts: At least one.

    Example:
        >>> agreed(["holds", "holds"]), agreed(["holds", "fails"])
        ('holds', 'partly')
    """
    return verdicts[0] if len(set(verdicts)) == 1 else PARTLY


def stated(rule: Rule) -> str:
    """A rule in words.

    Args:
        rule: Its conditions.

    Example:
        >>> stated([Condition("a", above=1), Condition("b", 0, 2)])
        'a above 1; b between 0 and 2'
    """
    return "; ".join(str(part) for part in rule)

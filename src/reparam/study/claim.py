"""A claim: what textbooks say, how it is measured, and the function that measures it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reparam.metrics.estimate import Estimate
from reparam.study.evidence import Evidence
from reparam.study.rules import RULES
from reparam.study.verdict import NOT_JUDGED, Rule, verdict

Measures = dict[str, Estimate]


@dataclass(frozen=True)
class Claim:
    """A statement that can be measured; its rule stands in `rules.py` under the same id.

    Args:
        id: What it is called.
        statement: What is claimed.
        how: How it is measured.
        measure: What measures it.
        judges: The variational autoencoders that it judges: only where their rate exceeds 1 nat.
    """

    id: str
    statement: str
    how: str
    measure: Callable[[Evidence], Measures]
    judges: Sequence[str] = ()

    @property
    def rule(self) -> Rule:
        """The conditions under which it holds."""
        return RULES[self.id]

    def verdict(self, evidence: Evidence, measured: Mapping[str, Estimate]) -> str:
        """Whether it holds; not judged where a VAE gave up, or there was nothing to measure.

        Args:
            evidence: The models.
            measured: What `measure` gave.
        """
        if not all(evidence.alive(name) for name in self.judges):
            return NOT_JUDGED
        if any(part.measure not in measured for part in self.rule):
            return NOT_JUDGED
        return verdict(self.rule, measured)

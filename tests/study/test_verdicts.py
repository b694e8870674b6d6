"""Every rule can say holds, partly and fails, and reads intervals alone."""

import math

import numpy as np
import pytest

from reparam.errors import ReparamError
from reparam.metrics.estimate import Estimate
from reparam.study.claims import CLAIMS
from reparam.study.rules import RULES
from reparam.study.verdict import Condition, agreed, stated, verdict


def inside(part):
    """An estimate within a condition's range, and one outside."""
    if math.isinf(part.above):
        return Estimate(part.below - 1), Estimate(part.below + 1)
    if math.isinf(part.below):
        return Estimate(part.above + 1), Estimate(part.above - 1)
    return Estimate((part.above + part.below) / 2), Estimate(part.below + 1)


def on_the_edge(part):
    """An estimate whose interval an end of the range cuts."""
    end = part.below if math.isinf(part.above) else part.above
    return Estimate(end, np.array([-0.1, 0.1]))


@pytest.mark.parametrize("id_", RULES)
def test_a_rule_says_holds_partly_and_fails(id_):
    rule = RULES[id_]
    assert verdict(rule, {p.measure: inside(p)[0] for p in rule}) == "holds"
    assert verdict(rule, {p.measure: inside(p)[1] for p in rule}) == "fails"
    assert verdict(rule, {p.measure: on_the_edge(p) for p in rule}) == "partly"


@pytest.mark.parametrize("id_", [id_ for id_ in RULES if len(RULES[id_]) > 1])
def test_one_condition_that_fails_leaves_a_part(id_):
    first, *rest = RULES[id_]
    found = {first.measure: inside(first)[1]} | {p.measure: inside(p)[0] for p in rest}
    assert verdict(RULES[id_], found) == "partly"


def test_every_claim_has_a_rule_and_every_rule_a_claim():
    ids = [claim.id for claim in CLAIMS]
    assert len(set(ids)) == len(ids)
    assert set(ids) == set(RULES)


def test_a_value_beyond_the_threshold_is_not_enough():
    """An interval that reaches over the threshold does not hold, however far its middle lies."""
    wide = Estimate(9.0, np.array([-9.0, 0.0, 9.0]))
    assert Condition("size", above=1).verdict(wide) == "partly"


def test_a_measure_without_a_number_is_no_evidence():
    with pytest.raises(ReparamError, match="size has no interval"):
        Condition("size", above=1).verdict(Estimate(float("nan")))
    with pytest.raises(ReparamError, match="size was not measured"):
        verdict([Condition("size", above=1)], {"length": Estimate(1.0)})


def test_seeds_that_differ_agree_on_partly():
    assert agreed(["holds", "holds", "holds"]) == "holds"
    assert agreed(["holds", "partly", "holds"]) == "partly"
    assert agreed(["fails", "holds"]) == "partly"


def test_a_rule_in_words_names_every_measure_and_threshold():
    for rule in RULES.values():
        words = stated(rule)
        assert all(part.measure in words for part in rule)

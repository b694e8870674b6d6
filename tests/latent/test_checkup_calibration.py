"""Every built fault is found, and a healthy model has none, for two seeds each.

`benchmarks/checkup.py` goes through more; docs/checkup.md has its table of five.
"""

import pytest

SEEDS = range(2)
FAULTS = {
    "collapsed": ("collapse", "rate"),
    "holes": ("holes",),
    "overfitted": ("overfitting",),
    "underfitted": ("underfitting",),
    "favouring": ("sampling", "aggregate"),
    "saturated": ("saturation", "rate"),
    "masked": ("dead",),
    "repeating": ("memorisation", "overfitting"),
}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_healthy_model_has_no_fault(checked, seed):
    found = checked("healthy", seed)
    assert found.faults == []
    assert len(found.findings) == 14
    assert all(finding.grade != "not judged" for finding in found.findings)
    assert found.verdict.startswith("No fault in 14 checks")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(checked, name, seed):
    found = checked(name, seed)
    for identity in FAULTS[name]:
        finding = found[identity]
        assert finding.grade == "fault", finding.to_json()
        assert finding.title.lower() in found.verdict.lower()
        assert finding.advice.endswith(".")


def test_every_build_is_tested(builds):
    assert set(FAULTS) | {"healthy"} == set(builds.BUILDS)
    for name, identities in FAULTS.items():
        assert set(builds.BUILDS[name][1]) <= set(identities)

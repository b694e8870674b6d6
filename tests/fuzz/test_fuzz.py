"""A few hundred cases of the fuzzer; `python -m tests.fuzz` runs thousands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fuzz.fuzzer import KINDS, ORDER

ROOT = Path(__file__).parents[2]
CASES = 100


@pytest.mark.parametrize("start", [0, CASES])
def test_damaged_inputs_are_read_or_refused_in_one_sentence(start):
    """No traceback, nothing that hangs, and no process over 2 GB; failures say how to replay."""
    line = [sys.executable, "-m", "tests.fuzz", "--cases", str(CASES), "--start", str(start)]
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        line, capture_output=True, text=True, cwd=ROOT, env=surroundings, timeout=300
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert f"| together | {CASES} |" in done.stdout


def test_every_kind_is_among_the_first_cases():
    assert set(ORDER[:CASES]) == set(KINDS)

"""scikit-learn's own checks of what an estimator must do, none of them left out."""

import os
import subprocess
import sys

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from reparam.sklearn import AutoencoderOutlierDetector, VariationalAutoencoder

TINY = VariationalAutoencoder(
    n_components=2, hidden_layer_sizes=(4,), batch_size=16, max_iter=5, n_draws=2
)
EXPECTED_FAILURES: dict[str, str] = {}  # none: there are no sample weights, and nothing else fails


@pytest.mark.filterwarnings("ignore::reparam.errors.CollapseWarning")
@parametrize_with_checks(
    [TINY, AutoencoderOutlierDetector(TINY)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_scikit_learns_check(estimator, check):
    check(estimator)


def test_the_check_that_asks_for_another_environment():
    """check_array_api_input skips itself unless SciPy was imported with SCIPY_ARRAY_API=1."""
    code = """
from sklearn.utils.estimator_checks import check_array_api_input
from reparam.sklearn import AutoencoderOutlierDetector, VariationalAutoencoder
tiny = VariationalAutoencoder(2, hidden_layer_sizes=(4,), batch_size=16, max_iter=5, n_draws=2)
for estimator in (tiny, AutoencoderOutlierDetector(tiny)):
    options = {"array_namespace": "numpy", "expect_only_array_outputs": False}
    check_array_api_input(type(estimator).__name__, estimator, **options)
"""
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)

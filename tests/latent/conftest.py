"""Models with known faults, built as `benchmarks/checkup.py` builds them, but small."""

import importlib.util
import warnings
from functools import cache
from pathlib import Path

import pytest
import torch

from reparam.errors import CollapseWarning
from reparam.latent import checkup

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "checkup.py"


@pytest.fixture(scope="session")
def builds():
    spec = importlib.util.spec_from_file_location("benchmark_of_the_checkup", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def checked(builds):
    """What the check-up finds in a build; each is built once."""
    setting = builds.small()

    @cache
    def find(name, seed):
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # cores are shared, and the models are small
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", CollapseWarning)
                built = builds.BUILDS[name][0](setting, seed)
            return checkup(built.model, built.test, built.train, seed=seed, progress=False)
        finally:
            torch.set_num_threads(threads)

    return find

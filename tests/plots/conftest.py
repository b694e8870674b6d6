from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import reparam.errors

SUBSET = Path(reparam.errors.__file__).parent / "data" / "embedded" / "fashion-mnist-subset.npz"


@pytest.fixture(scope="session")
def clothes() -> NDArray[np.uint8]:
    """64 grey pictures (64, 1, 28, 28): Fashion-MNIST where it is at hand."""
    if SUBSET.exists():
        with np.load(SUBSET) as arrays:
            return arrays["x_train"][:64, None]
    return np.random.default_rng(0).integers(0, 256, (64, 1, 28, 28), dtype=np.uint8)


@pytest.fixture(scope="session")
def colours() -> NDArray[np.floating]:
    """20 colour pictures (20, 3, 37, 50) in [0, 1]."""
    return np.random.default_rng(1).random((20, 3, 37, 50))

import numpy as np
import pytest


@pytest.fixture(scope="session")
def plane():
    """600 rows of 5 numbers of other scales that lie near a bent plane."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(600, 2))
    bent = np.c_[z, z[:, 0] * z[:, 1], z @ [[1.0], [-1.0]], np.sin(z[:, :1])]
    return (bent + 0.05 * rng.normal(size=bent.shape)) * [1, 10, 100, 0.1, 1] + [5, 0, 0, 0, -3]

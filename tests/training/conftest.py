import pytest
import torch

from reparam import data, fit, zoo
from reparam.data import Dataset

QUIET = {"progress": False, "device": "cpu"}


@pytest.fixture
def clothes():
    """96 pictures of Fashion-MNIST."""
    train, _ = data.load("fashion-mnist-subset")
    return train[:96]


@pytest.fixture
def vectors():
    """40 vectors of 7 numbers near one of two corners."""
    corners = torch.tensor([[0.1] * 7, [0.9] * 3 + [0.1] * 4])
    return Dataset((corners[torch.arange(40) % 2] + 0.05 * torch.rand(40, 7)).clamp(0, 1))


@pytest.fixture
def small():
    """A variational autoencoder of 7 numbers."""

    def build(**arguments):
        return zoo.vae((7,), **({"latent": 2, "widths": [8]} | arguments))

    return build


@pytest.fixture
def train():
    """Train on the CPU and in silence."""

    def call(variant, *given, epochs=2, batch_size=16, **options):
        return fit(*variant, *given, epochs=epochs, batch_size=batch_size, **(QUIET | options))

    return call

"""What each dimension carries."""

import pytest
import torch

from reparam import zoo
from reparam.data import Dataset
from reparam.errors import CompositionError, NoDensityError
from reparam.latent import rates
from reparam.metrics import bound


@pytest.fixture
def pictures():
    return Dataset(torch.rand(23, 1, 8, 8, generator=torch.Generator().manual_seed(0)))


@pytest.mark.parametrize("posterior", ["diagonal", "isotropic"])
def test_their_sum_is_the_rate(pictures, posterior):
    model, _ = zoo.vae(pictures.shape, latent=4, network="mlp", posterior=posterior)
    *_, weight, _bias = model.posterior.network.parameters()
    weight.data *= 50  # else all are near zero
    found = rates(model, pictures, batch_size=5)
    assert found.min() > 0.001
    assert found.sum().item() == pytest.approx(bound(model, pictures).rate, rel=1e-5)


def test_models_without_rates_are_refused(pictures):
    full, _ = zoo.vae(pictures.shape, latent=4, network="mlp", posterior="full")
    with pytest.raises(CompositionError, match="does not fall into a sum over dimensions"):
        rates(full, pictures)
    point, _ = zoo.autoencoder(pictures.shape, latent=4, network="mlp")
    with pytest.raises(NoDensityError, match="without a prior has no rates"):
        rates(point, pictures)

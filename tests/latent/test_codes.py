"""Encoding a data set: every item, in its order, as the posterior says."""

import pytest
import torch

from reparam import zoo
from reparam.data import Dataset
from reparam.distributions import DiagonalNormal, Joint, StraightThroughCategorical
from reparam.families import PlanarFlow
from reparam.latent import codes, log_variances
from reparam.randomness import seeded


@pytest.fixture
def pictures():
    generator = torch.Generator().manual_seed(0)
    return Dataset(torch.rand(23, 1, 8, 8, generator=generator), torch.arange(23) % 3)


def test_codes_are_the_posteriors_in_the_order_of_the_items(pictures):
    model, _ = zoo.vae(pictures.shape, latent=4, network="mlp")
    found = codes(model, pictures, batch_size=5)
    q = model.posterior(pictures.tensor())
    torch.testing.assert_close(found.mean, q.mean)
    torch.testing.assert_close(found.log_variance, q.log_variance)
    assert torch.equal(found.labels, pictures.labels)
    assert len(found) == 23


def test_codes_do_not_depend_on_the_batches(pictures):
    model, _ = zoo.vae(pictures.shape, latent=4, network="mlp")
    small, large = codes(model, pictures, batch_size=7), codes(model, pictures, batch_size=100)
    torch.testing.assert_close(small.mean, large.mean)


def test_a_point_has_no_log_variance_and_a_set_without_labels_none(pictures):
    model, _ = zoo.autoencoder(pictures.shape, latent=4, network="mlp")
    found = codes(model, Dataset(pictures.pixels))
    assert found.log_variance is None
    assert found.labels is None


def test_encoding_leaves_the_model_in_training_and_records_no_gradient(pictures):
    model, _ = zoo.vae(pictures.shape, latent=4, network="mlp")
    model.train()
    found = codes(model, pictures)
    assert model.training
    assert not found.mean.requires_grad


def test_a_sure_category_has_its_own_variance():
    q = StraightThroughCategorical(torch.tensor([[12.0, 0.0, 0.0, 0.0]]))
    p = q.mean
    torch.testing.assert_close(log_variances(q), (p * (1 - p)).log())
    both = Joint(
        DiagonalNormal(torch.zeros(2), torch.ones(2)), StraightThroughCategorical(q.logits)
    )
    torch.testing.assert_close(log_variances(both), torch.cat([torch.ones(2), log_variances(q)]))


def test_a_flows_variance_is_estimated_and_repeats():
    q = PlanarFlow(2)(0.1 * torch.randn(5, *PlanarFlow(2).features((2,))))
    first = log_variances(q)
    assert torch.equal(first, log_variances(q))
    with seeded(1):
        wanted = q.sample((20_000,)).var(0).log()
    torch.testing.assert_close(first, wanted, atol=0.7, rtol=0)

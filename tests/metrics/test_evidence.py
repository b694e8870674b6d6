"""The evidence of whole data sets: draws a few at a time, whatever the size of the pieces."""

import math

import pytest
import torch

from reparam import zoo
from reparam.data import Dataset
from reparam.errors import CompositionError, NoDensityError
from reparam.metrics import bound, evidence


@pytest.fixture
def model():
    return zoo.vae((1, 8, 8), latent=2, network="mlp", widths=[16]).model


@pytest.fixture
def grey():
    return Dataset(torch.rand(30, 1, 8, 8))


def test_one_sample_is_the_evidence_lower_bound_in_expectation(model, grey):
    """An untrained posterior is near the prior, so that the two differ by the draws alone."""
    both = [bound(model, grey, samples=200).total, evidence(model, grey, samples=1).nats]
    assert both[1] == pytest.approx(both[0], rel=0.02)


@pytest.mark.parametrize("at_once", [1, 7, 64, 10_000])
def test_each_item_has_its_own_value_whatever_the_pieces(model, grey, at_once):
    whole = evidence(model, grey, samples=400, at_once=1000).log_weights
    found = evidence(model, grey, samples=400, at_once=at_once).log_weights
    assert found.shape == (30,)
    torch.testing.assert_close(found, whole, rtol=0.02, atol=0)


def test_a_seed_repeats(model, grey):
    first, again, other = (evidence(model, grey, samples=8, seed=s).nats for s in (0, 0, 1))
    assert first == again != other


def test_bits_are_counted_where_there_is_a_density(grey):
    """64 pixels of one bit under a Bernoulli likelihood with all logits at 0: 1 bit each."""
    model, _ = zoo.vae((1, 8, 8), latent=2, network="mlp", widths=[16])
    with torch.no_grad():
        for parameter in model.likelihood.parameters():
            parameter.zero_()
    model.prior = type(model.prior)(2)
    binary = Dataset((torch.rand(20, 1, 8, 8) > 0.5).float())
    measured = evidence(model, binary, samples=50)
    assert measured.bits_per_dimension == pytest.approx(1, abs=0.01)
    assert evidence(model, grey, samples=2).bits_per_dimension is None
    normal, _ = zoo.vae((1, 8, 8), latent=2, network="mlp", widths=[16], loss="mse")
    found = evidence(normal, grey, samples=2)
    expected = found.nats / (64 * math.log(2)) + 8
    assert found.bits_per_dimension == pytest.approx(expected)
    assert found.to_json().keys() >= {"importance_weighted_bound", "bits_per_dimension", "samples"}


def test_what_has_no_evidence_says_so(grey):
    model, _ = zoo.autoencoder((1, 8, 8), latent=2, network="mlp", widths=[16])
    with pytest.raises(NoDensityError, match="a bound needs a prior"):
        evidence(model, grey)
    vae, _ = zoo.vae((1, 8, 8), latent=2, network="mlp", widths=[16])
    with pytest.raises(CompositionError, match="at least one sample, not 0"):
        evidence(vae, grey, samples=0)

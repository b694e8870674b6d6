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


@pytest.fixture(scope="module")
def stored():
    return Dataset(torch.randint(256, (12, 1, 8, 8), dtype=torch.uint8))


@pytest.mark.parametrize("loss", ["mse", "laplace", "student_t", "continuous_bernoulli"])
def test_a_density_of_bytes_is_spread_over_their_256_levels(stored, grey, loss):
    """A change of variables: each level takes 1/256 of the unit, which adds 8 bits."""
    model, _ = zoo.vae((1, 8, 8), latent=2, network="mlp", widths=[16], loss=loss)
    found = evidence(model, stored, samples=2)
    assert (found.measure, found.levels) == ("density", 256)
    expected = found.nats / (64 * math.log(2)) + 8
    assert found.bits_per_dimension == pytest.approx(expected)
    assert found.to_json().keys() >= {"importance_weighted_bound", "bits_per_dimension", "samples"}
    as_floats = Dataset(stored.tensor())
    assert evidence(model, as_floats, samples=2).bits_per_dimension == pytest.approx(expected)
    assert evidence(model, grey, samples=2).bits_per_dimension is None  # these were no bytes


def test_a_probability_of_levels_has_nothing_added(stored, grey):
    """With features of zero each pixel's probabilities sum to 1, and 256 equal ones are 8 bits."""
    model, _ = zoo.logistic_mixture_vae((1, 8, 8), latent=2, network="mlp", widths=[16])
    found = evidence(model, stored, samples=2)
    assert (found.measure, found.levels) == ("levels", 256)
    assert found.bits_per_dimension == pytest.approx(found.nats / (64 * math.log(2)))
    every = torch.arange(256, dtype=torch.uint8).reshape(256, 1, 1, 1).expand(256, 1, 8, 8)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    whole = evidence(model, Dataset(every.contiguous()), samples=1)
    per_pixel = whole.log_weights / 64
    assert per_pixel.exp().sum().item() == pytest.approx(1, abs=1e-4)
    bits = -(per_pixel.mean() / math.log(2)).item()
    assert whole.bits_per_dimension == pytest.approx(bits, abs=1e-4)
    assert 8 <= whole.bits_per_dimension < 9
    assert evidence(model, grey, samples=1).bits_per_dimension is None


def test_what_has_no_evidence_says_so(grey):
    model, _ = zoo.autoencoder((1, 8, 8), latent=2, network="mlp", widths=[16])
    with pytest.raises(NoDensityError, match="a bound needs a prior"):
        evidence(model, grey)
    vae, _ = zoo.vae((1, 8, 8), latent=2, network="mlp", widths=[16])
    with pytest.raises(CompositionError, match="at least one sample, not 0"):
        evidence(vae, grey, samples=0)

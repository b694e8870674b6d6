"""A likelihood's support holds the data, or training is refused."""

import pytest
import torch
from torch import distributions as torchs

from reparam import data, families, fit, zoo
from reparam.conditional import Conditional
from reparam.data import Dataset, Schema
from reparam.errors import DataError
from reparam.metrics import bound, evidence


def real(rows):
    shape = tuple(rows.shape[1:])
    return Dataset(rows, schema=Schema("r", "all", "vectors", shape, "float32", values="real"))


@pytest.fixture(scope="module")
def rows():
    return real(torch.randn(32, 4, generator=torch.Generator().manual_seed(0)) * 3 - 40)


SIGMOID = ("bce", "mse", "rmse", "optimal_sigma", "learned_sigma", "pixel_sigma", "laplace",
           "student_t", "continuous_bernoulli", "logistic_mixture")  # fmt: skip


@pytest.mark.parametrize("loss", SIGMOID)
def test_real_numbers_are_refused_where_only_the_unit_interval_is_held(loss, rows, tmp_path):
    model, objective = zoo.vae((4,), latent=2, widths=[4], loss=loss)
    sentence = r"the likelihood holds numbers in \[0, 1\], and the data go from -4\d"
    with pytest.raises(DataError, match=sentence):
        fit(model, objective, rows, epochs=1, out=tmp_path / "run", progress=False)
    assert not (tmp_path / "run").exists()
    unit = Dataset(torch.rand(8, 4))
    with pytest.raises(DataError, match=sentence):
        fit(model, objective, unit, rows, epochs=1, progress=False)
    if loss == "bce":
        for measure in (bound, evidence):
            with pytest.raises(DataError, match=sentence):
                measure(model, rows)


def test_what_the_message_says_to_do_reconstructs_real_numbers(rows):
    model, objective = zoo.vae((4,), latent=2, widths=[16], loss="learned_sigma")
    model.likelihood.family = families.Normal(10.0, variance="scalar", link="identity")
    fit(model, objective, rows, epochs=40, batch_size=32, schedule="constant",
        learning_rate=0.03, progress=False)  # fmt: skip
    assert model.reconstruct(rows.tensor()).max() < -1  # on their way to -40
    assert bound(model, rows).examples == 32


def test_real_numbers_that_lie_within_are_held():
    model, objective = zoo.vae((4,), latent=2, widths=[4])
    fit(model, objective, real(torch.rand(8, 4)), epochs=1, progress=False)


class Counts(families.Family):
    """Counts as a newcomer writes them."""

    def read(self, features):
        rates = torchs.Poisson(features.exp(), validate_args=False)
        return torchs.Independent(rates, 1, validate_args=False)

    def features(self, shape):
        return tuple(shape)


def test_a_likelihood_of_counts_takes_no_fractions():
    model, objective = zoo.vae((4,), latent=2, widths=[4])
    model.likelihood = Conditional(model.likelihood.network, Counts(), [1])
    with pytest.raises(DataError, match="do not all lie there: scale the data, or choose a"):
        fit(model, objective, real(torch.rand(8, 4)), epochs=1, progress=False)
    fit(model, objective, real(torch.randint(9, (8, 4)).float()), epochs=1, progress=False)


@pytest.mark.parametrize("scale", [255.0, -1.0, float("nan")])
def test_floats_of_another_range_are_refused_by_a_model_of_pictures(scale):
    _, test = data.load("fashion-mnist-subset")
    model, _ = zoo.vae(test.shape, latent=2, widths=[4, 4])
    x = test[:4].tensor()
    expected = model.encode(x)
    torch.testing.assert_close(model.encode(test[:4].pixels), expected)
    torch.testing.assert_close(model.encode(x + 1e-5), expected, atol=1e-2, rtol=1e-2)
    for use in (model.encode, model.reconstruct, model.log_prob):
        with pytest.raises(DataError, match=r"this model takes numbers in \[0, 1\], and these go"):
            use(x * scale)

"""The transformer: what its numbers mean, and that they repeat."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError

from reparam.errors import CompositionError, DataError, NoDensityError
from reparam.models import VAE
from reparam.sklearn import VariationalAutoencoder

TINY = {"hidden_layer_sizes": (8,), "batch_size": 32, "max_iter": 10, "random_state": 0}


@pytest.fixture(scope="module")
def fitted(plane):
    return VariationalAutoencoder(
        2, hidden_layer_sizes=(32,), max_iter=600, learning_rate_init=1e-2, random_state=0
    ).fit(plane)


def test_it_learns_the_plane(fitted, plane):
    codes = fitted.transform(plane)
    assert codes.shape == (600, 2)
    errors = np.square((fitted.inverse_transform(codes) - plane) / plane.std(0)).mean()
    u = (plane - plane.mean(0)) / plane.std(0)
    pca = PCA(2).fit(u)
    assert errors < 0.8 * np.square(pca.inverse_transform(pca.transform(u)) - u).mean()
    before = VariationalAutoencoder(2, **TINY).fit(plane)
    assert fitted.score(plane) > before.score(plane) + 3


def test_inside_is_an_ordinary_model(fitted, plane):
    assert isinstance(fitted.model_, VAE)
    assert not fitted.model_.training
    seen = (plane - fitted.mean_) / fitted.scale_
    assert np.allclose(fitted.transform(plane), fitted.model_.encode(seen).numpy(), atol=1e-5)
    assert np.allclose(fitted.mean_, plane.mean(0))
    assert np.allclose(fitted.scale_, plane.std(0))


def test_scores_are_a_density_in_the_units_of_x():
    x = np.random.default_rng(0).normal(7.0, 0.25, size=(200, 1))
    vae = VariationalAutoencoder(1, n_draws=200, **TINY).fit(x)
    grid = np.linspace(5, 9, 2001)[:, None]
    total = np.exp(vae.score_samples(grid)).sum() * (grid[1, 0] - grid[0, 0])
    assert total == pytest.approx(1.0, abs=0.05)


def test_a_change_of_units_moves_scores_by_its_logarithm(plane):
    units = np.array([2.0, 0.5, 8.0, 4.0, 1.0])
    one = VariationalAutoencoder(2, **TINY).fit(plane).score_samples(plane)
    other = VariationalAutoencoder(2, **TINY).fit(plane * units).score_samples(plane * units)
    assert np.allclose(one - np.log(units).sum(), other)


def test_scores_bound_the_evidence_from_below_and_rise_with_the_draws(fitted, plane):
    seen = torch.tensor((plane - fitted.mean_) / fitted.scale_)
    evidence = fitted.model_.log_prob(seen, samples=500, seed=0).mean().item()
    evidence -= np.log(fitted.scale_).sum()
    one, many = (fitted.set_params(n_draws=k).score(plane) for k in (1, 500))
    fitted.set_params(n_draws=64)
    assert one < evidence - 0.1
    assert many == pytest.approx(evidence, abs=0.05)


def test_a_rows_score_depends_on_the_row_alone(fitted, plane):
    scores = fitted.score_samples(plane)
    assert np.allclose(fitted.score_samples(plane[::-1])[::-1], scores, rtol=1e-12)
    assert np.allclose(fitted.score_samples(plane[17:18]), scores[17], rtol=1e-12)
    assert fitted.score(plane) == scores.mean()


def test_one_random_state_gives_the_same_bits_and_leaves_the_global_generators(plane):
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    first, second = (VariationalAutoencoder(2, **TINY).fit(plane) for _ in range(2))
    samples = first.sample(5)
    assert np.array_equal(first.transform(plane), second.transform(plane))
    assert np.array_equal(samples, second.sample(5))
    assert not np.array_equal(samples, first.sample(5, random_state=1))
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)
    other = VariationalAutoencoder(2, **TINY).set_params(random_state=1).fit(plane)
    assert not np.allclose(first.transform(plane), other.transform(plane))


def test_without_a_random_state_it_draws_from_numpys_like_all_of_scikit_learn(plane):
    vae = VariationalAutoencoder(2, **TINY).set_params(random_state=None)
    np.random.seed(3)
    first, second = vae.fit(plane).transform(plane), vae.fit(plane).transform(plane)
    assert not np.allclose(first, second)
    np.random.seed(3)
    assert np.array_equal(vae.fit(plane).transform(plane), first)


def test_it_stops_by_itself_and_keeps_the_best_look():
    noise = np.random.default_rng(0).normal(size=(60, 20))
    options = {"hidden_layer_sizes": (32,), "batch_size": 16, "learning_rate_init": 1e-2}
    vae = VariationalAutoencoder(2, n_iter_no_change=100, random_state=0, **options).fit(noise)
    assert 100 <= vae.n_iter_ < vae.max_iter
    fresh = np.random.default_rng(1).normal(size=(500, 20))
    overfitted = VariationalAutoencoder(
        2, validation_fraction=None, max_iter=600, random_state=0, **options
    ).fit(noise)
    assert overfitted.n_iter_ >= 600 > vae.n_iter_
    assert vae.score(fresh) > overfitted.score(fresh) + 0.5


@pytest.mark.parametrize("rows", [1, 2, 7, 300])
def test_steps_are_counted_whatever_the_number_of_rows(rows):
    x = np.random.default_rng(0).normal(size=(rows, 3))
    vae = VariationalAutoencoder(2, **TINY).fit(x)
    assert 10 <= vae.n_iter_ <= 10 + 300 // 32
    assert np.isfinite(vae.score_samples(x)).all()


def test_partial_fit_trains_on(plane):
    vae = VariationalAutoencoder(2, **TINY).partial_fit(plane[:300])
    mean, steps = vae.mean_, vae.n_iter_
    assert steps == 10  # one pass in batches of 32
    before = vae.score(plane)
    for _ in range(5):
        vae.partial_fit(plane[300:])
    assert vae.n_iter_ == 60
    assert vae.mean_ is mean
    assert vae.score(plane) > before
    with pytest.raises(ValueError, match="X has 4 features, but"):
        vae.partial_fit(plane[:, :4])
    vae.fit(plane)  # begins anew
    again = VariationalAutoencoder(2, **TINY).fit(plane)
    assert np.array_equal(vae.transform(plane), again.transform(plane))


def test_constant_features_do_no_harm(plane):
    x = np.c_[plane, np.full(600, 1e6), np.zeros(600)]
    vae = VariationalAutoencoder(2, **TINY).fit(x)
    assert vae.scale_[-2:].tolist() == [1.0, 1.0]
    assert np.isfinite(vae.score_samples(x)).all()
    assert np.isfinite(vae.inverse_transform(vae.transform(x))).all()


def test_samples_have_the_datas_units_and_the_likelihoods_noise(fitted, plane):
    drawn = fitted.sample(4000)
    assert np.allclose(drawn.std(0) / plane.std(0), 1, atol=0.25)
    assert (np.abs(drawn.mean(0) - plane.mean(0)) / plane.std(0)).max() < 0.3
    means = fitted.sample(4000, mean=True)
    assert (means.var(0) < drawn.var(0)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_that_of_x(fitted, plane, dtype):
    x = plane.astype(dtype)
    assert fitted.transform(x).dtype == dtype
    assert fitted.inverse_transform(fitted.transform(x)).dtype == dtype
    assert fitted.score_samples(x).dtype == np.float64
    assert np.allclose(fitted.transform(x), fitted.transform(plane), atol=1e-4)


def test_what_it_cannot_do_it_refuses(fitted, plane):
    with pytest.raises(NotFittedError):
        VariationalAutoencoder().sample()
    with pytest.raises(ValueError, match=r"X has 3 features, but .* is expecting 2 latents"):
        fitted.inverse_transform(np.zeros((1, 3)))
    wrong = {
        "n_components": 0,
        "max_iter": 2.5,
        "n_draws": True,
        "n_iter_no_change": -1,
        "validation_fraction": 1.0,
        "hidden_layer_sizes": 32,
        "learning_rate_init": 0.0,
        "device": "abacus",
        "variant": "vea",
        "variant_params": {"latent": 3},
    }
    for name, value in wrong.items():
        vae = VariationalAutoencoder(**TINY).set_params(**{name: value})
        with pytest.raises(ValueError, match=name.removesuffix("_init")):
            vae.fit(plane)


@pytest.mark.parametrize(
    ("variant", "params"),
    [
        ("beta_vae", {"beta": 0.5}),
        ("vae", {"loss": "pixel_sigma", "posterior": "full"}),
        ("iaf_vae", {}),
        ("student_t_vae", {}),
        ("factor_vae", {}),  # which has a critic
    ],
)
def test_variants_of_the_zoo_take_tables(plane, variant, params):
    vae = VariationalAutoencoder(2, variant=variant, variant_params=params, **TINY).fit(plane)
    assert vae.transform(plane).shape == (600, 2)
    assert np.isfinite(vae.score_samples(plane)).all()
    assert vae.model_.likelihood.family.link == "identity"


def test_variants_say_what_they_lack(plane):
    point = VariationalAutoencoder(2, variant="autoencoder", **TINY).fit(plane)
    assert point.transform(plane).shape == (600, 2)
    with pytest.raises(NoDensityError):
        point.score_samples(plane)
    with pytest.raises(NoDensityError):
        point.sample()
    with pytest.raises(CompositionError, match="takes labels"):
        VariationalAutoencoder(variant="conditional_vae", **TINY).fit(plane)
    with pytest.raises(CompositionError, match="numbers in"):
        VariationalAutoencoder(variant_params={"loss": "bce"}, **TINY).fit(plane)


@pytest.mark.parametrize("image_shape", [(4, 6), (4, 3, 2)])
def test_pictures(image_shape):
    X = np.random.default_rng(0).random((20, 24))
    options = TINY | {"hidden_layer_sizes": (4, 4), "image_shape": image_shape}
    vae = VariationalAutoencoder(3, **options).fit(X)
    assert vae.transform(X).shape == (20, 3)
    shown = vae.inverse_transform(vae.transform(X))
    assert shown.shape == X.shape
    assert 0 < shown.min() < shown.max() < 1
    scores = vae.score_samples(X)
    assert np.allclose(vae.score_samples(X[5:6]), scores[5], atol=1e-4)
    assert (scores < 0).all()  # a cross-entropy
    channels = image_shape[2] if len(image_shape) == 3 else 1
    picture = X.reshape(20, *image_shape[:2], channels).transpose(0, 3, 1, 2)
    assert np.allclose(vae.transform(X), vae.model_.encode(picture).numpy(), atol=1e-6)
    drawn = vae.model_.reconstruct(picture).numpy()
    assert np.allclose(shown.reshape(20, *image_shape[:2], channels)[0, 1, 2], drawn[0, :, 1, 2])
    assert set(np.unique(vae.sample(3, mean=False))) == {0.0, 1.0}
    assert len(np.unique(vae.sample(3))) > 2


def test_bytes_are_pictures_of_255():
    X = np.random.default_rng(0).integers(0, 256, (20, 16), dtype=np.uint8)
    options = TINY | {"hidden_layer_sizes": (4, 4), "image_shape": (4, 4)}
    of_bytes = VariationalAutoencoder(3, **options).fit(X)
    of_floats = VariationalAutoencoder(3, **options).fit((X / 255).astype(np.float32))
    assert np.allclose(of_bytes.transform(X), of_floats.transform(X / 255), atol=1e-5)
    for wrong, words in ((X.astype(float), "pixels must lie in"), (X[:, :15], "16 pixels")):
        with pytest.raises(DataError, match=words):
            VariationalAutoencoder(3, **options).fit(wrong)
    with pytest.raises(DataError, match="image_shape is"):
        VariationalAutoencoder(3, **options).set_params(image_shape=(4, -4)).fit(X)

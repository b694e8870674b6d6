"""Spaces, planes, overlays and embeddings, without a browser."""

import time

import numpy as np
import pytest
import torch

from reparam import data, zoo
from reparam.errors import CompositionError, ReparamError
from reparam.explorer.colours import THEMES
from reparam.explorer.embedding import Embedding
from reparam.explorer.overlays import ellipses, probes
from reparam.explorer.plane import dimensions, principal
from reparam.explorer.pointer import in_words
from reparam.explorer.prior import HELD, centre, contours
from reparam.explorer.scores import score_names, scores
from reparam.explorer.sheet import sheet
from reparam.explorer.space import encoded, space
from reparam.explorer.window import Window
from reparam.latent import codes
from reparam.metrics.bound import split


def test_codes_are_those_of_the_library_and_are_kept(runs, pictures, monkeypatch):
    found = encoded(runs["vae"], pictures)
    expected = codes(runs["vae"].model, pictures)
    np.testing.assert_allclose(found.z, expected.mean.numpy(), atol=1e-6)
    np.testing.assert_allclose(found.log_variance, expected.log_variance.numpy(), atol=1e-6)
    monkeypatch.setattr("reparam.explorer.space.codes", None)  # would fail if it were asked
    again = encoded(runs["vae"], pictures)
    assert np.array_equal(again.z, found.z)
    with pytest.raises(TypeError):
        encoded(runs["vae"], pictures[:100])  # other items are encoded anew


def test_what_cannot_be_shown(pictures):
    labelled, _ = zoo.conditional_vae(pictures.shape, latent=2, classes=10, widths=[8])
    with pytest.raises(CompositionError, match="model takes labels"):
        space(labelled, pictures)
    table = data.Dataset(torch.zeros(20, 5))
    rows, _ = zoo.vae((5,), latent=2, loss="mse", widths=[8])
    with pytest.raises(CompositionError, match="vectors of 5"):
        space(rows, table)


def test_a_plane_of_dimensions_and_the_way_back(spaces):
    deep = spaces["deep"]
    plane = dimensions(deep, 3, 1)
    held = np.arange(5, dtype="float32")
    z = plane.lift(np.array([[7.0, 8.0]]), held)
    assert z.tolist() == [[0, 8, 2, 7, 4]]
    assert plane.project(z).tolist() == [[7, 8]]
    assert not plane.whole


def test_principal_components_and_the_way_back(spaces):
    deep = spaces["deep"]
    plane = principal(deep)
    held = deep.z[3]
    z = plane.lift(np.array([[0.5, -1.0]]), held)
    np.testing.assert_allclose(plane.project(z), [[0.5, -1.0]], atol=1e-5)
    np.testing.assert_allclose(plane.lift(plane.points[3:4], held)[0], held, atol=1e-5)


def test_a_sheet_holds_the_decodings(spaces, tmp_path):
    import io

    from PIL import Image

    vae = spaces["vae"]
    plane = dimensions(vae, 0, 1)
    found = sheet(vae, plane)
    pixels = np.asarray(Image.open(io.BytesIO(found.content)))
    left, right, low, high = found.frame
    n, (height, width) = found.across, found.size
    row, column = 5, 9
    z = [left + (column + 0.5) / n * (right - left), high - (row + 0.5) / n * (high - low)]
    tile = pixels[row * height : (row + 1) * height, column * width : (column + 1) * width]
    expected = vae.model.decode(torch.tensor([z]))[0, 0].mul(255).round().numpy()
    assert np.abs(tile - expected).max() <= 1
    assert sheet(spaces["deep"], dimensions(spaces["deep"], 0, 1)) is None


def test_contours_hold_their_part_of_the_prior(spaces):
    vae = spaces["vae"]
    found = contours(vae, dimensions(vae, 0, 1))
    for share, (line,) in zip(HELD, found, strict=True):
        radius = np.sqrt(-2 * np.log(1 - share))
        np.testing.assert_allclose(np.linalg.norm(line, axis=1), radius, rtol=0.05)
    assert contours(spaces["autoencoder"], dimensions(spaces["autoencoder"], 0, 1)) == []


def test_an_even_prior_has_no_contours(pictures):
    even = space(zoo.hyperspherical_vae(pictures.shape, latent=2, widths=[4])[0], pictures[:50])
    assert contours(even, dimensions(even, 0, 1)) == []


def test_the_centre_is_the_priors_or_the_codes(spaces):
    z, whose = centre(spaces["deep"])
    assert (z.tolist(), whose) == ([0] * 5, "the prior's centre")
    z, whose = centre(spaces["autoencoder"])
    assert np.array_equal(z, spaces["autoencoder"].z.mean(0))
    assert whose == "the codes' mean"


def test_one_dimension_alone_and_the_way_back(spaces, pictures):
    deep = spaces["deep"]
    plane = dimensions(deep, 3, 3)
    assert np.array_equal(plane.points[:, 0], deep.z[:, 3])
    assert np.unique(plane.points[:, 1]).size > 500  # told apart
    held = np.arange(5, dtype="float32")
    assert plane.lift(np.array([[7.0, 8.0]]), held).tolist() == [[0, 1, 2, 7, 4]]
    assert plane.project(held[None]).tolist() == [[3, 0]]
    assert contours(deep, plane) == []
    assert not len(ellipses(deep, plane, np.arange(3))["x"])
    single = space(zoo.vae(pictures.shape, latent=1, widths=[4])[0], pictures[:50])
    assert dimensions(single, 0, 0).whole
    assert sheet(single, dimensions(single, 0, 0)) is not None
    with pytest.raises(CompositionError, match="no principal components"):
        principal(single)


def test_a_long_code_is_told_by_the_dimensions_that_carry_most(spaces, pictures):
    assert in_words(spaces["deep"], np.arange(5.0)).startswith(
        "z = (0.00, 1.00, 2.00, 3.00, 4.00)"
    )
    wide = space(zoo.autoencoder(pictures.shape, latent=10, widths=[4])[0], pictures[:50])
    most, *_ = wide.order
    words = in_words(wide, np.arange(10.0))
    assert words.startswith(f"z[{most}] = {most}.00, z[")
    assert words.endswith(", 6 more that carry less")
    assert words.count(".00") == 4


def test_contours_of_draws_where_the_plane_is_a_part(spaces):
    deep = spaces["deep"]
    widest = max(
        float(np.linalg.norm(line, axis=1).mean())
        for line in contours(deep, dimensions(deep, 0, 1))[-1]
    )
    assert widest == pytest.approx(np.sqrt(-2 * np.log(0.01)), rel=0.15)


def test_ellipses_are_two_standard_deviations(spaces):
    vae = spaces["vae"]
    found = ellipses(vae, dimensions(vae, 0, 1), np.array([4, 7]))
    np.testing.assert_allclose(found["width"], 4 * np.exp(vae.log_variance[[4, 7], 0] / 2))
    point = spaces["autoencoder"]
    assert not len(ellipses(point, dimensions(point, 0, 1), np.arange(3))["x"])


def test_probes_find_what_lies_away(spaces):
    from dataclasses import replace

    vae = spaces["vae"]
    found = probes(vae, dimensions(vae, 0, 1))
    assert found.points.shape == (1000, 2)
    narrow = replace(vae, z=vae.z / 50)
    assert probes(narrow, dimensions(narrow, 0, 1)).away.mean() > max(0.5, found.away.mean())


def test_scores(spaces, pictures):
    vae = spaces["vae"]
    assert score_names(vae) == ["error", "distortion", "rate", "log p(z)"]
    assert score_names(spaces["autoencoder"]) == ["error"]
    again = vae.model.reconstruct(pictures.tensor())
    error = (again - pictures.tensor()).flatten(1).pow(2).mean(1).sqrt()
    np.testing.assert_allclose(scores(vae, "error"), error.numpy(), rtol=1e-4)
    np.testing.assert_allclose(
        scores(vae, "rate"), split(vae.model, pictures, seed=0)[1].numpy(), rtol=1e-4
    )
    density = -0.5 * (vae.z**2).sum(1) - np.log(2 * np.pi)
    np.testing.assert_allclose(scores(vae, "log p(z)"), density, rtol=1e-4)
    with pytest.raises(ReparamError, match="it has error"):
        scores(spaces["autoencoder"], "rate")


def test_scores_go_on_colouring_another_map(spaces):
    window = Window(spaces["deep"])
    window.view.colour = "rate"
    window.view.across = (window.view.across + 1) % 5
    source, bar = window.chart.source.data, window.chart.scale
    np.testing.assert_array_equal(source["colour"], scores(spaces["deep"], "rate"))
    assert (bar.visible, bar.title) == (True, "rate, nats")
    window.view.colour = "class"
    np.testing.assert_array_equal(window.chart.source.data["colour"], spaces["deep"].labels)
    assert not bar.visible


def test_dark_paper_has_lighter_colours(spaces):
    light, dark = (Window(spaces["vae"], theme=name).chart.colours for name in THEMES)
    assert light.palette[0] == "#332288"
    assert dark.palette[0] == "#7a6fb2"


def waited(made, seen=None):
    deadline = time.monotonic() + 120
    while (plane := made.poll()) is None and time.monotonic() < deadline:
        if seen is not None:
            seen.append(made.progress)
        time.sleep(0.05)
    return plane


def test_an_embedding_is_computed_elsewhere_and_kept(spaces):
    seen = []
    made = Embedding(spaces["deep"], "t-SNE")
    plane = waited(made, seen)
    assert plane.points.shape == (600, 2)
    assert plane.lift is None
    assert max(seen) > 0
    again = Embedding(spaces["deep"], "t-SNE")
    assert np.array_equal(again.poll().points, plane.points)


def test_a_failed_embedding_says_so(spaces, monkeypatch, tmp_path):
    from dataclasses import replace

    broken = replace(spaces["deep"], z=np.full((600, 5), np.nan, "float32"), cache=tmp_path)
    made = Embedding(broken, "t-SNE")
    with pytest.raises(ReparamError, match=r"t-SNE failed: .*NaN"):
        waited(made)

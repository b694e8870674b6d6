"""Fresh draws, in a real browser."""

import copy
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.explorer.seeing import (
    alike,
    decoded,
    downloaded,
    gallery,
    held,
    open_tab,
    pixels,
    until,
)
from torch import nn
from torch.distributions import Independent, Laplace

from reparam.explorer.sample import draw
from reparam.explorer.window import PANELS, Window
from reparam.samplers import SAMPLERS


def grey(x):
    return x[:, 0].clamp(0, 1).mul(255).round().numpy().astype(int)


def sampler(space):
    """A window without a page, and its samples."""
    window = Window(space)
    return window, window.panels[[kind.title for kind in PANELS].index("Sample")]


@pytest.mark.parametrize("temperature", [1.0, 0.5, 2.0])
def test_a_draw_is_what_the_model_samples(spaces, temperature):
    model = spaces["deep"].model
    z = draw(model, model.prior, 9, temperature, seed=4)
    expected = model.sample(9, temperature=temperature, seed=4)
    torch.testing.assert_close(model.decode(torch.tensor(z)), expected)
    assert not np.allclose(z, draw(model, model.prior, 9, temperature, seed=5))


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_fitted_sampler_stands_in_for_the_prior(spaces, name):
    space = spaces["autoencoder"]
    window, sample = sampler(space)
    assert sample.source.value == "normal"
    sample.source.value = name
    sample.temperature.value = 0.5
    model = copy.deepcopy(space.model)
    model.prior = SAMPLERS[name](torch.tensor(space.z))
    expected = model.sample(36, temperature=0.5, seed=0)
    torch.testing.assert_close(torch.tensor(sample.x), expected.clamp(0, 1))
    assert space.model.prior is None
    assert window.state.message == ""


def test_the_grid_is_the_models_and_its_seed_steps(open_page, spaces):
    page, model = open_page("vae"), spaces["vae"].model
    open_tab(page, "Sample")
    page.locator('.pictures[aria-label="draws"] .picture').nth(35).wait_for()
    alike(gallery(page, "draws"), grey(model.sample(36, seed=0)))
    seed = page.get_by_label("Seed", exact=True)
    assert seed.input_value() == "0"
    page.get_by_role("button", name="draw again").press("Enter")
    until(page, lambda: seed.input_value() == "1")
    page.get_by_role("button", name="draw 1 of seed 1", exact=True).wait_for()
    alike(gallery(page, "draws"), grey(model.sample(36, seed=1)))
    for label, value in (("Temperature", "0.5"), ("Pictures", "9")):
        page.get_by_label(label, exact=True).fill(value)
        page.get_by_label(label, exact=True).press("Enter")
    until(page, lambda: len(gallery(page, "draws")) == 9)
    alike(gallery(page, "draws"), grey(model.sample(9, temperature=0.5, seed=1)))


def test_pictures_are_kept_held_removed_and_downloaded(open_page, spaces):
    page, space = open_page("vae"), spaces["vae"]
    open_tab(page, "Sample")
    draws = page.locator('.pictures[aria-label="draws"] .picture')
    kept = page.locator('.pictures[aria-label="kept"] .picture')
    draws.nth(35).wait_for()
    z = draw(space.model, space.model.prior, 36)
    file = np.load(io.BytesIO(downloaded(page, "download NPZ")))
    np.testing.assert_array_equal(file["z"], z)
    assert pixels(downloaded(page, "download PNG")).shape == (6 * 30 - 2, 6 * 30 - 2)
    draws.nth(4).click()
    draws.nth(11).press("Enter")
    until(page, lambda: kept.count() == 2)
    alike(gallery(page, "kept"), decoded(space, z[[4, 11]]))
    until(page, lambda: draws.nth(11).get_attribute("aria-pressed") == "true")
    assert draws.nth(4).get_attribute("aria-pressed") == "true"
    assert draws.nth(5).get_attribute("aria-pressed") == "false"
    page.get_by_role("button", name="draw again").click()
    page.get_by_role("button", name="draw 1 of seed 1", exact=True).wait_for()
    file = np.load(io.BytesIO(downloaded(page, "download NPZ")))
    np.testing.assert_array_equal(file["z"], z[[4, 11]])
    alike((file["x"][:, 0] * 255).round(), decoded(space, z[[4, 11]]))
    assert pixels(downloaded(page, "download PNG")).shape == (28, 58)
    page.get_by_role("button", name="remove draw 5 of seed 0").press("Enter")
    until(page, lambda: kept.count() == 1)
    alike(gallery(page, "kept"), decoded(space, z[[11]]))
    until(page, lambda: "1 kept" in page.locator(".kept pre").text_content())
    open_tab(page, "Sliders")
    until(page, lambda: np.allclose(held(page), z[11], atol=1e-6))


def test_a_second_press_keeps_no_longer(spaces):
    _, sample = sampler(spaces["vae"])
    sample.fill()
    sample.pick(2)
    sample.pick(3)
    sample.pick(2)
    assert [picture["marked"] for picture in sample.grid.pictures[:4]] == [
        False,
        False,
        False,
        True,
    ]
    np.testing.assert_array_equal(sample.chosen()[0], sample.z[[3]])


class Warmed(nn.Module):
    """A prior that knows no temperature."""

    def forward(self):
        return Independent(Laplace(torch.zeros(2), torch.ones(2)), 1)


def test_mistakes_are_sentences(spaces):
    model = copy.deepcopy(spaces["vae"].model)
    model.prior = Warmed()
    window, sample = sampler(replace(spaces["vae"], model=model))
    sample.fill()
    assert window.state.message == ""
    assert len(sample.x) == 36
    sample.temperature.value = 0.5
    assert "prior has no temperature" in window.state.message
    sample.temperature.value = 1.0
    assert window.state.message == ""
    sample.count.value = None
    assert window.state.message == "there is no number under Pictures: write one"

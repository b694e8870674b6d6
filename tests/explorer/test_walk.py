"""Walks between two places, in a real browser."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from tests.explorer.seeing import (
    alike,
    click_map,
    decoded,
    downloaded,
    gallery,
    held,
    open_tab,
    pixels,
    until,
)

from reparam.explorer.window import PANELS, Window
from reparam.latent import linear, spherical

FILM = "the pictures on the way"


def pictures_on_the_way(page):
    return page.locator(f'.pictures[aria-label="{FILM}"] .picture')


def walker(space):
    """A window without a page, and its walk."""
    window = Window(space)
    return window, window.panels[[kind.title for kind in PANELS].index("Walk")]


def vermilion(page, x, y):
    """How many pixels about a place are of the line's colour."""
    shot = page.screenshot(clip={"x": x - 5, "y": y - 5, "width": 11, "height": 11})
    colours = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)
    return int((np.abs(colours - (0xD5, 0x5E, 0x00)).max(-1) < 40).sum())


def test_two_clicks_make_a_walk_and_its_files(open_page, spaces):
    page, space = open_page("vae"), spaces["vae"]
    open_tab(page, "Walk")
    words = page.locator(".way pre")
    until(page, lambda: words.text_content().startswith("Click two places"))
    start, (left, top) = click_map(page, 0.35, 0.35)
    until(page, lambda: "Click where to go" in words.text_content())
    end, (right, bottom) = click_map(page, 0.65, 0.6)
    until(page, lambda: pictures_on_the_way(page).count() == 10)
    file = np.load(io.BytesIO(downloaded(page, "download NPZ")))
    z, x = file["z"], file["x"]
    np.testing.assert_allclose(z[[0, -1]], [start, end], atol=0.02)
    np.testing.assert_allclose(z, np.linspace(z[0], z[-1], 10), atol=1e-5)
    assert x.shape == (10, 1, 28, 28)
    alike((x[:, 0] * 255).round(), decoded(space, z))
    alike(gallery(page, FILM), decoded(space, z))
    strip = pixels(downloaded(page, "download PNG"))
    assert strip.shape == (28, 10 * 28 + 9 * 2)
    alike(strip[:, 30:58], decoded(space, z[1:2])[0])
    page.mouse.move(10, 10)
    middle = (left + right) / 2, (top + bottom) / 2
    until(page, lambda: vermilion(page, *middle) >= 8)
    assert f"{np.linalg.norm(z[-1] - z[0]):.2f} apart" in words.text_content()
    click_map(page, 0.5, 0.7, delay=500)  # a third click starts anew, by a slow hand too
    until(page, lambda: "Click where to go" in words.text_content())
    assert pictures_on_the_way(page).count() == 0
    until(page, lambda: vermilion(page, *middle) == 0)


def test_items_by_number_on_an_arc_by_keyboard(open_page, spaces):
    page, space = open_page("deep"), spaces["deep"]
    open_tab(page, "Walk")
    page.get_by_label("The way", exact=True).select_option("on an arc about the origin")
    for label, number in (("From item", 3), ("To item", 7), ("Pictures", 5)):
        page.get_by_label(label, exact=True).fill(str(number))
        page.get_by_label(label, exact=True).press("Enter")
    page.get_by_role("button", name="walk between these items").press("Enter")
    until(page, lambda: pictures_on_the_way(page).count() == 5)
    z = np.load(io.BytesIO(downloaded(page, "download NPZ")))["z"]
    expected = spherical(torch.tensor(space.z[3]), torch.tensor(space.z[7]), 5)
    np.testing.assert_allclose(z, expected, atol=1e-6)
    pictures_on_the_way(page).nth(2).press("Enter")
    open_tab(page, "Sliders")
    until(page, lambda: np.allclose(held(page), z[2], atol=1e-6))


@pytest.mark.parametrize("steps", [3, 32])
def test_another_number_of_pictures_walks_again(spaces, steps):
    window, walk = walker(spaces["deep"])
    window.state.clicked, window.state.clicked = spaces["deep"].z[0], spaces["deep"].z[1]
    walk.steps.value = steps
    start, end = torch.tensor(spaces["deep"].z[:2])
    np.testing.assert_allclose(walk.z, linear(start, end, steps), atol=1e-6)
    assert len(walk.film.pictures) == steps == len(walk.trail.data["x"])


def test_no_way_is_a_sentence(spaces):
    window, walk = walker(spaces["deep"])
    z = spaces["deep"].z[0]
    walk.way.value = "on an arc about the origin"
    window.state.clicked, window.state.clicked = z, -z
    assert "lie opposite each other" in window.state.message
    assert walk.film.pictures == []
    assert all(file.disabled for file in walk.files)
    window.state.clicked, window.state.clicked = z, 0 * z
    assert "the origin has no direction" in window.state.message
    walk.way.value = "in a line"
    assert window.state.message == ""
    assert len(walk.z) == 10
    walk.steps.value = None
    assert window.state.message == "there is no number under Pictures: write one"


def test_the_way_is_drawn_in_each_plane(spaces):
    space = spaces["deep"]
    window, walk = walker(space)
    window.state.clicked, window.state.clicked = space.z[0], space.z[1]
    across, up = window.view.across, window.view.up
    np.testing.assert_array_equal(walk.trail.data["x"], walk.z[:, across])
    np.testing.assert_array_equal(walk.trail.data["y"], walk.z[:, up])
    window.view.map = "PCA"
    places = window.plane.project(walk.z)
    assert not np.allclose(places[:, 0], walk.z[:, across])
    np.testing.assert_allclose(walk.trail.data["x"], places[:, 0], rtol=1e-6)
    np.testing.assert_allclose(walk.trail.data["y"], places[:, 1], rtol=1e-6)
    window.plane = replace(window.plane, points=window.plane.points + 1, project=None)
    window.chart.show(window.plane)
    assert list(walk.trail.data["x"]) == []
    assert "no line is drawn" in walk.words.object


def test_clicks_belong_to_the_open_panel(spaces):
    window, walk = walker(spaces["vae"])
    window.view.panel = "Sliders"
    window.state.clicked = spaces["vae"].z[0]
    assert walk.ends == []
    window.view.panel = "Walk"
    window.state.clicked = spaces["vae"].z[0]
    assert len(walk.ends) == 1

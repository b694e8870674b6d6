"""The page in one file, opened from the disk."""

import base64
import io
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from reparam import zoo
from reparam.errors import ReparamError
from reparam.explorer.export import export, facts, page
from reparam.explorer.plane import dimensions
from reparam.explorer.prior import centre
from reparam.explorer.sheet import sheet
from reparam.explorer.space import space as encode
from reparam.plots.style import CLASSES

HARM = "</script><script>window.harmed = true</script><b>&amp;"


@pytest.fixture(scope="module")
def files(spaces, tmp_path_factory):
    """The exported pages by name; the first class of each has a name that wants out."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, space in spaces.items():
        names = (HARM, *space.classes[1:])
        found[name] = export(
            replace(space, data=space.data.described(classes=names)), folder / f"{name}.html"
        )
    return found


@pytest.fixture
def opened(browser, files):
    """A function that opens a page from its file; at the end no error and no request was seen."""
    seen, pages = [], []

    def open_file(name):
        shown = browser.new_page(viewport={"width": 1280, "height": 900})
        pages.append(shown)
        shown.on("pageerror", lambda error: seen.append(str(error)))
        shown.on("console", lambda message: seen.append(message.text))
        shown.on("request", lambda asked: asked.url.startswith("data:") or seen.append(asked.url))
        shown.goto(files[name].as_uri())
        shown.wait_for_selector("html[data-drawn][data-ready='0']")
        return shown

    yield open_file
    addresses = {shown.url for shown in pages}
    for shown in pages:
        shown.close()
    assert [each for each in seen if each not in addresses] == []


def pixels(shown, canvas):
    found = shown.locator(canvas).evaluate("canvas => canvas.toDataURL()").split(",")[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(found))).convert("RGB")).astype(int)


def place(shown):
    return np.array([float(shown.locator("#picture").get_attribute(f"data-{k}")) for k in "xy"])


def plane_of(space):
    return dimensions(space, *space.order[:2])


def test_a_grid_place_shows_its_decoding(opened, spaces):
    shown, space = opened("vae"), spaces["vae"]
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        before = place(shown)
        shown.locator("#mark").press(key)
        step = place(shown) - before
        assert np.flatnonzero(step).tolist() == [1 if key == "ArrowUp" else 0]
        z = plane_of(space).lift(place(shown)[None], centre(space)[0])
        expected = space.decode(z)[0, 0] * 255
        seen = pixels(shown, "#picture")
        assert seen.shape == (28, 28, 3)
        np.testing.assert_allclose(seen[:, :, 0], expected, atol=1)
    assert "nearest: " in shown.locator("#words").inner_text()


def test_between_grid_places_the_four_around_are_weighed(opened, spaces):
    shown = opened("vae")
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp"):
        shown.locator("#mark").press(key)
    made = sheet(spaces["vae"], plane_of(spaces["vae"]))
    tiles = np.asarray(Image.open(io.BytesIO(made.content))).reshape(made.across, 28, -1, 28)
    left, right, low, high = made.frame
    x, y = place(shown)
    u, v = (
        (x - left) / (right - left) * made.across - 0.5,
        (high - y) / (high - low) * made.across - 0.5,
    )
    i, j = int(u), int(v)
    assert u - i == pytest.approx(0.25)
    assert v - j == pytest.approx(0.875)
    around = tiles[j : j + 2, :, i : i + 2].astype(float)
    across = around[:, :, 0] * (1 - u + i) + around[:, :, 1] * (u - i)
    expected = across[0] * (1 - v + j) + across[1] * (v - j)
    np.testing.assert_allclose(
        pixels(shown, "#picture")[:, :, 0], expected, atol=3
    )  # shares are bytes


def test_other_planes_hold_the_rest_at_the_priors_centre(opened, spaces):
    shown, space = opened("deep"), spaces["deep"]
    pairs = [(0, 1), (0, 2), (1, 2)]
    for k, (a, b) in enumerate(pairs):
        a, b = space.order[a], space.order[b]
        shown.locator("#planes").select_option(str(k))
        shown.wait_for_selector(f"html[data-ready='{k}']")
        z = np.zeros((1, 5), "float32")
        z[0, [a, b]] = place(shown)
        expected = space.decode(z)[0, 0] * 255
        np.testing.assert_allclose(pixels(shown, "#picture")[:, :, 0], expected, atol=1)
        assert f"across: dimension {a}; up: dimension {b}" in shown.locator("main").inner_text()


def lonely(points, view, side):
    """An item that lies within the view and far from the others, and its pixel."""
    left, right, _, high = view
    at = np.stack([points[:, 0] - left, high - points[:, 1]], 1) / (right - left) * side
    apart = np.linalg.norm(at[:, None] - at, axis=2) + np.diag(np.full(len(at), np.inf))
    inside = ((at > 60) & (at < side - 60)).all(1)
    item = int(np.where(inside, apart.min(1), 0).argmax())
    return item, tuple(np.round(at[item][::-1]).astype(int))


def test_points_legend_and_zoom(opened, spaces):
    shown, space = opened("vae"), spaces["vae"]
    plane = plane_of(space)
    shown.locator("#prior").uncheck()
    shown.wait_for_timeout(200)
    side = len(pixels(shown, "#map"))
    item, pixel = lonely(plane.points, plane.frame, side)
    label = space.labels[item]
    colour = np.array([int(CLASSES[label][k : k + 2], 16) for k in (1, 3, 5)])
    expected = 255 + (colour - 255) * 0.65
    np.testing.assert_allclose(pixels(shown, "#map")[pixel], expected, atol=2)
    button = shown.locator("#legend button[aria-pressed]").nth(label)
    assert button.inner_text().endswith(f"({np.bincount(space.labels)[label]})")
    button.press("Enter")
    shown.wait_for_timeout(200)
    assert button.get_attribute("aria-pressed") == "false"
    assert pixels(shown, "#map")[pixel].tolist() == [255, 255, 255]
    button.click()
    for _ in range(3):
        shown.locator("#mark").press("-")
    shown.wait_for_timeout(200)
    at = np.repeat(place(shown), 2)
    view = at + (np.array(plane.frame) - at) * 1.25**3
    item, pixel = lonely(plane.points, view, side)
    colour = np.array([int(CLASSES[space.labels[item]][k : k + 2], 16) for k in (1, 3, 5)])
    np.testing.assert_allclose(pixels(shown, "#map")[pixel], 255 + (colour - 255) * 0.65, atol=2)
    mark = shown.locator("#mark")
    mark.hover(position={"x": 200, "y": 150})
    x = np.interp(200, [0, mark.bounding_box()["width"]], view[:2])
    assert place(shown)[0] == pytest.approx(x, abs=(view[1] - view[0]) / 500)


def test_a_name_does_no_harm(opened):
    shown = opened("vae")
    assert shown.evaluate("window.harmed") is None
    assert HARM in shown.locator("#legend").inner_text()


def test_a_dark_page(browser, files):
    shown = browser.new_page(color_scheme="dark")
    shown.goto(files["autoencoder"].as_uri())
    shown.wait_for_selector("html[data-ready='0']")
    assert pixels(shown, "#map")[1, 1].tolist() == [0x1B, 0x1B, 0x1B]
    assert shown.locator("#prior").count() == 0
    assert "It has no prior." in shown.locator("main").inner_text()
    shown.close()


def test_one_latent_goes_across_and_its_items_are_strewn(pictures):
    single = encode(zoo.vae(pictures.shape, latent=1, widths=[4])[0], pictures[:50])
    text = page(single).split('<script type="application/json" id="data">')[1]
    data = json.loads(text.split("</script>")[0])
    (plane,) = data["planes"]
    assert (plane["axes"], plane["contours"]) == (["0", "strewn"], [])
    for axis, expected in zip(plane["axes"], dimensions(single, 0, 0).points.T, strict=True):
        found = data["values"][axis]
        steps = np.frombuffer(base64.b64decode(found["content"]), "<u2") / 65535
        values = found["low"] + (found["high"] - found["low"]) * steps
        np.testing.assert_allclose(values, expected, atol=1e-3)


def test_facts(spaces):
    told = " ".join(facts(spaces["deep"], 100))
    assert "of variant vae, with 5 latents; 600 items" in told
    assert "of which 100 are shown" in told
    first = spaces["deep"].order[0]
    assert f"Its rates in nats an item: dimension {first}: " in told


def test_items_without_classes(spaces):
    space = spaces["vae"]
    bare = replace(space, data=type(space.data)(space.data.pixels), cache=None)
    assert "<button" not in page(bare)
    labels = torch.as_tensor(space.labels).clone()
    labels[:7] = -1
    some = replace(space, data=type(space.data)(space.data.pixels, labels, space.data.schema))
    assert "no class (7)" in page(some)


def test_a_file_that_cannot_be_written(spaces, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ReparamError, match="cannot be written"):
        export(spaces["vae"], tmp_path / "taken" / "page.html")

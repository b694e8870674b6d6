"""What the tests of the page read off it: pictures and arrays."""

import base64
import io
import json

import numpy as np
import torch
from PIL import Image


def pixels(address):
    """A grey picture's bytes, (H, W), from its address in the page or its file."""
    content = base64.b64decode(address.split(",")[1]) if isinstance(address, str) else address
    return np.asarray(Image.open(io.BytesIO(content)).convert("L")).astype(int)


def decoded(space, z):
    """The grey bytes, (K, H, W), that the model decodes."""
    x = space.model.decode(torch.as_tensor(np.asarray(z, "float32")))
    return x[:, 0].clamp(0, 1).mul(255).round().numpy().astype(int)


def alike(seen, expected):
    """Pictures are equal but for one grey level: batches of another size round otherwise."""
    np.testing.assert_allclose(seen, expected, atol=1)


def gallery(page, label):
    """The pictures of a gallery, (K, H, W)."""
    sources = page.locator(f'.pictures[aria-label="{label}"] img').evaluate_all(
        "images => images.map(image => image.src)"
    )
    return np.stack([pixels(each) for each in sources])


def downloaded(page, label):
    """The bytes of the file that a button gives."""
    with page.expect_download() as download:
        page.get_by_text(label, exact=True).click()
    with open(download.value.path(), "rb") as file:
        return file.read()


def open_tab(page, title):
    """Open a panel by its title."""
    page.get_by_text(title, exact=True).click()


def until(page, holds, seconds=20):
    """Wait until something holds of a page, and fail if it never does."""
    for _ in range(seconds * 20):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page never came to it")


def click_map(page, across, up, delay=0):
    """Click a place on the map, in shares of it; returns its code and where it was on the page."""
    box = page.locator(".bk-Figure, .bk-figure").first.bounding_box()
    x, y = box["x"] + across * box["width"], box["y"] + up * box["height"]
    canvas = page.locator(".pointer canvas")
    before = canvas.get_attribute("data-z")
    page.mouse.move(x, y)
    until(page, lambda: canvas.get_attribute("data-kind") == "exact"
          and canvas.get_attribute("data-z") != before)  # fmt: skip
    page.wait_for_timeout(300)
    page.mouse.click(x, y, delay=delay)
    return np.array(json.loads(canvas.get_attribute("data-z")), "float32"), (x, y)


def held(page):
    """The held code as the sliders show it."""
    return np.array(json.loads(page.locator(".held img").get_attribute("data-z")), "float32")

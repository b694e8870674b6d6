"""The picture under the pointer, in a real browser."""

import base64
import io
import json

import numpy as np
import torch
from PIL import Image

REST = """() => new Promise((done) => window.addEventListener(
  "reparam-drawn", (event) => event.detail.kind === "exact" && done(event.detail)))"""


def over_the_map(page):
    """The middle of the map, in pixels of the page."""
    box = page.locator(".bk-Figure, .bk-figure").first.bounding_box()
    return box["x"] + 0.45 * box["width"], box["y"] + 0.5 * box["height"]


def test_the_exact_picture_is_the_decoders(open_page, spaces):
    page = open_page()
    x, y = over_the_map(page)
    page.wait_for_timeout(500)
    page.evaluate(f"() => {{ window.told = ({REST})() }}")
    page.mouse.move(x, y)
    page.evaluate("window.told")
    canvas = page.locator(".pointer canvas")
    assert canvas.get_attribute("data-kind") == "exact"
    z = json.loads(canvas.get_attribute("data-z"))
    seen = canvas.evaluate("canvas => canvas.toDataURL()").split(",")[1]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(seen))).convert("L"))
    model = spaces["vae"].model
    expected = model.decode(torch.tensor([z]))[0, 0].clamp(0, 1).mul(255).round()
    np.testing.assert_array_equal(pixels, expected.numpy())


def test_the_first_picture_moves_nothing_else(open_page):
    page = open_page()
    page.wait_for_timeout(500)
    page.evaluate("() => { WebSocket.prototype.send = () => {}; }")  # no exact one follows
    told = page.locator(".told")
    before = told.bounding_box()
    x, y = over_the_map(page)
    page.mouse.move(x, y)
    page.wait_for_selector("canvas[data-kind='approximate']")
    page.get_by_text("about z = (").wait_for()
    assert told.bounding_box() == before


def test_what_a_processor_would_draw_slowly_is_no_webgl(open_page):
    """The tests' Chromium has no graphics card; the map stands all the same."""
    page = open_page()
    kinds = """() => ["webgl", "webgl2", "2d"].map(
      (kind) => document.createElement("canvas").getContext(kind) !== null)"""
    assert page.evaluate(kinds) == [False, False, True]

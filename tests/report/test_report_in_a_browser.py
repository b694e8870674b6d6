"""The page in a browser: the plane answers the mouse and the keys, and nothing goes wrong."""

import pytest

from reparam.report import report

GREY = """() => {
  const canvas = document.getElementById("plane-decoded");
  const seen = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const red = seen.filter((_, i) => i % 4 === 0);
  return red.reduce((a, b) => a + b, 0) / red.length;
}"""


@pytest.fixture
def opened(browser, run_of, items, tmp_path):
    """A page of two latents, what went wrong on it, and what it asked for."""
    place = tmp_path / "report.html"
    place.write_text(
        report(run_of(2, "autoencoder"), items[1], items[0], samples=2), encoding="utf-8"
    )
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.errors, page.asked = [], []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(place.as_uri())
    yield page
    assert page.errors == []
    assert [url for url in page.asked if not url.startswith("data:")] == [place.as_uri()]
    page.close()


def test_the_plane_answers_the_mouse(opened):
    plane = opened.locator("#plane")
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    said, shades = [], []
    for x, y in ((0.1, 0.5), (0.9, 0.5), (0.5, 0.1), (0.5, 0.9)):
        opened.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        said.append(opened.inner_text("#plane-words"))
        shades.append(opened.evaluate(GREY))
    assert len(set(said)) == 4
    assert all(words.startswith("z = (") and "nearest code: " in words for words in said)
    assert max(shades) - min(shades) > 10  # of 255: another place, another picture


def test_the_plane_answers_the_keys(opened):
    opened.focus("#plane")
    before = opened.inner_text("#plane-words")
    opened.keyboard.press("ArrowRight")
    after = opened.inner_text("#plane-words")
    one, other = (float(words.split("(")[1].split(",")[0]) for words in (before, after))
    assert other > one


def test_decodings_are_laid_over_the_plane(opened):
    before = opened.locator("#plane").screenshot()
    opened.check("#plane-overlay")
    assert opened.locator("#plane").screenshot() != before


def test_the_page_fits_a_narrow_window(opened):
    opened.set_viewport_size({"width": 400, "height": 800})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 400

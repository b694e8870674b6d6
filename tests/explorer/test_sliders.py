"""The sliders, in a real browser."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.explorer.seeing import alike, click_map, decoded, held, pixels, until

from reparam import zoo

WIDE = 20


@pytest.fixture(scope="module")
def wide(pictures):
    """An untrained model of twenty latents, three of them dead by what is said of their rates."""
    from reparam.explorer.space import space

    model, _ = zoo.vae(pictures.shape, latent=WIDE, widths=[8, 8])
    rates = np.linspace(0.5, 2, WIDE).astype("float32")
    rates[[4, 11, 19]] = 0.001, 0.003, 0.002
    return replace(space(model, pictures, "wide"), rates=rates)


def settle(page, holds=lambda: True):
    """Until something holds, and the strips are those of the held code."""
    strips, picture = page.locator(".sliders"), page.locator(".held img")

    def still():
        return holds() and strips.get_attribute("data-strips") == picture.get_attribute("data-z")

    picture.wait_for(timeout=30_000)
    until(page, still)


def row(page, k):
    """A dimension's slider."""
    return page.locator(f'.row[data-dimension="{k}"]')


def traversal(page, k):
    """The values and pictures of a dimension's strip."""
    strip = row(page, k).locator(".strip")
    seen = pixels(strip.get_attribute("src"))
    assert seen.shape == (28, 7 * 28 + 6 * 2)
    values = json.loads(strip.get_attribute("data-values"))
    return values, np.stack([seen[:, n * 30 : n * 30 + 28] for n in range(7)])


def test_a_slider_moves_one_dimension_and_its_decoding(open_page, spaces):
    page, space = open_page("deep"), spaces["deep"]
    settle(page)
    before, first = held(page), space.order[0]
    np.testing.assert_allclose(before, space.z.mean(0), rtol=1e-5, atol=1e-7)
    slider = row(page, first).locator("input")
    start = float(slider.input_value())
    for _ in range(20):
        slider.press("ArrowRight")
    value = float(slider.input_value())
    low, high = np.quantile(space.z[:, first], [0.005, 0.995])
    assert value - start == pytest.approx(20 * 1.2 * (high - low) / 200, rel=1e-3)
    settle(page, lambda: held(page)[first] == pytest.approx(value, abs=1e-5))
    z = held(page)
    others = [k for k in range(5) if k != first]
    np.testing.assert_array_equal(z[others], before[others])
    alike(pixels(page.locator(".held img").get_attribute("src")), decoded(space, z[None])[0])
    assert row(page, first).locator("output").text_content() == f"{value:.2f}"
    words = page.locator(".held .words").text_content()
    assert words.startswith(f"z = ({z[0]:.2f}, {z[1]:.2f}")
    density = float(space.model.prior().log_prob(torch.tensor(z)))
    assert words.endswith(f"log p(z) = {density:.2f} nats")


def test_the_sliders_follow_and_do_not_answer(open_page, spaces):
    page, space = open_page("deep"), spaces["deep"]
    sent = []
    settle(page)
    before = held(page)
    page.evaluate(COUNT_SENT)
    page.get_by_text("to a random item", exact=True).click()
    settle(page, lambda: (held(page) != before).any())
    page.wait_for_timeout(500)
    sent = page.evaluate("window.sent")
    assert not [each for each in sent if '"set"' in each]
    assert len([each for each in sent if '"strips"' in each]) == 1
    z = held(page)
    assert (np.abs(space.z - z).max(1) < 1e-6).any()
    for k in range(5):
        assert row(page, k).locator("output").text_content() == f"{z[k]:.2f}".replace(
            "-0.00", "0.00"
        )
        step = float(row(page, k).locator("input").get_attribute("step"))
        value = float(row(page, k).locator("input").input_value())
        low, high = (
            float(row(page, k).locator("input").get_attribute(end)) for end in ("min", "max")
        )
        assert value == pytest.approx(np.clip(z[k], low, high), abs=step)


COUNT_SENT = """() => {
  window.sent = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    window.sent.push(String(data));
    send.call(this, data);
  };
}"""


def test_the_strips_are_the_traversals_of_the_held_code(open_page, spaces):
    page, space = open_page("deep"), spaces["deep"]
    settle(page)
    before = held(page)
    page.get_by_text("to a random item", exact=True).click()
    settle(page, lambda: (held(page) != before).any())
    z = held(page)
    for k in range(5):
        values, seen = traversal(page, k)
        low, high = np.quantile(space.z[:, k], [0.005, 0.995])
        assert values[0] < low < high < values[-1]
        codes = np.repeat(z[None], 7, 0)
        codes[:, k] = values
        alike(seen, decoded(space, codes))


def test_a_click_on_a_strip_holds_what_it_shows(open_page, spaces):
    page, space = open_page("deep"), spaces["deep"]
    settle(page)
    k = space.order[1]
    values, _ = traversal(page, k)
    strip = row(page, k).locator(".strip")
    box = strip.bounding_box()
    strip.click(position={"x": 5.5 / 7 * box["width"], "y": box["height"] / 2})
    settle(page, lambda: held(page)[k] == pytest.approx(values[5], abs=1e-6))


def test_buttons_lead_to_the_centre_and_the_clicked_place(open_page, spaces):
    page, axes = open_page("vae"), spaces["vae"].order
    settle(page)
    page.get_by_text("to the clicked place", exact=True).click()
    page.get_by_text("no place has been clicked: click one on the map").wait_for()
    z, _ = click_map(page, 0.6, 0.4)
    page.get_by_text("to the clicked place", exact=True).click()
    settle(page, lambda: np.allclose(held(page), z, atol=0.02))
    page.get_by_text("no place has been clicked").wait_for(state="detached")
    page.get_by_text("to the prior's centre", exact=True).click()
    settle(page, lambda: (held(page) == 0).all())
    assert page.evaluate(MARKED) == [0, 0]
    page.get_by_text("to the clicked place", exact=True).click()
    settle(page, lambda: np.allclose(page.evaluate(MARKED), held(page)[axes], atol=1e-6))


MARKED = """() => {
  const map = Bokeh.documents[0].roots().flatMap((root) => [...root.references()])
    .find((each) => each.name === "held" && each.data_source);
  const {x, y} = map.data_source.data;
  return [x[0], y[0]];
}"""


def test_without_a_prior_there_are_variances_and_the_codes_mean(open_page, spaces):
    page, space = open_page("autoencoder"), spaces["autoencoder"]
    settle(page)
    k = space.order[0]
    assert f"variance {space.z[:, k].var():.2f}" in row(page, k).text_content()
    assert "log p" not in page.locator(".held .words").text_content()
    before = held(page)
    page.get_by_text("to a random item", exact=True).click()
    settle(page, lambda: (held(page) != before).any())
    page.get_by_text("to the codes' mean", exact=True).click()
    settle(page, lambda: np.allclose(held(page), space.z.mean(0), rtol=1e-5))


def test_dimensions_stand_by_rate_with_the_dead_last(browser, wide):
    from reparam.explorer.server import serving

    with serving(wide) as address:
        page = browser.new_page()
        page.goto(address)
        settle(page)
        shown = page.locator(".row:not([hidden])")
        assert shown.count() == 16
        page.get_by_text("more (4)", exact=True).click()
        until(page, lambda: shown.count() == WIDE)
        assert not page.locator(".more").is_visible()
        order = shown.evaluate_all("rows => rows.map(row => Number(row.dataset.dimension))")
        assert (np.diff(wide.rates[order]) < 0).all()
        assert order[-3:] == [11, 19, 4]
        dead = page.locator(".row.dead")
        assert dead.evaluate_all("rows => rows.map(row => Number(row.dataset.dimension))") == [
            11, 19, 4,
        ]  # fmt: skip
        assert "0.00 nats, dead" in dead.first.text_content()
        assert f"{wide.rates.max():.2f} nats" in shown.first.text_content()
        until(page, lambda: row(page, 4).locator(".strip").get_attribute("data-values"))
        page.close()


def test_a_code_that_is_none_is_a_sentence(spaces):
    from reparam.explorer.window import PANELS, Window

    window = Window(spaces["deep"])
    sliders = window.panels[[kind.title for kind in PANELS].index("Sliders")]
    before = window.state.held
    for wrong in ({7: 1.0}, {0: float("nan")}):
        sliders.move(wrong)
        assert window.state.message.startswith("there is no value")
        assert window.state.held is before

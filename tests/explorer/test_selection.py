"""Items selected on the map of the real page, by the mouse and by the keyboard."""

import csv
import io
import json

import numpy as np
import pytest
import torch
from matplotlib.path import Path

from reparam.explorer.window import Window
from reparam.latent import attribute

FRAME = """() => {
  const map = [...Bokeh.documents[0]._all_models.values()]
    .find((each) => each.type === "Figure" && each.name === "map");
  const view = Bokeh.index.find_one(map);
  const box = view.el.getBoundingClientRect(), inner = view.frame.bbox;
  const { x_range: x, y_range: y } = view.model;
  return [box.x + inner.x0, box.y + inner.y0, inner.width, inner.height,
          x.start, x.end, y.start, y.end];
}"""


def selection(space):
    """A window and its panel."""
    window = Window(space)
    return window, next(panel for panel in window.panels if panel.title == "Selection")


def z_of(page, name, value):
    figure = page.locator(f"figure[data-{name}={value}]")
    return np.array(json.loads(figure.get_attribute("data-z")))


def test_a_lasso_selects_what_it_surrounds(open_page, spaces):
    space, page = spaces["vae"], open_page("vae", "?panel=Selection")
    page.wait_for_timeout(500)
    x0, y0, width, height, left, right, low, high = page.evaluate(FRAME)
    places = space.z[:, space.order[:2]]
    middle = np.median(places, axis=0)
    across, up = 0.3 * places[:, 0].std(), 1.5 * places[:, 1].std()
    corners = middle + np.array([[-across, -up], [across, -up], [across, up], [-across, up]])
    page.locator(".bk-ToolButton[title^='Lasso'], .bk-tool-icon-lasso-select").first.click()
    pixels = [
        (x0 + (x - left) / (right - left) * width, y0 + (high - y) / (high - low) * height)
        for x, y in corners.tolist()
    ]
    page.mouse.move(*pixels[0])
    page.mouse.down()
    page.wait_for_timeout(500)  # a hand may rest before it draws
    for corner in [*pixels[1:], pixels[0]]:
        page.mouse.move(*corner, steps=8)
    page.mouse.up()
    page.locator("[data-low]").wait_for()
    edges = 2 * (right - left) / width  # two pixels
    inside = Path(corners).contains_points(places)
    sure = ~(Path(corners).contains_points(places, radius=edges)
             ^ Path(corners).contains_points(places, radius=-edges))  # fmt: skip
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").focus()
        page.keyboard.press("Enter")
    found = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8"))))
    items = np.array([int(row["item"]) for row in found])
    assert 10 < len(items) < len(space.z)
    np.testing.assert_array_equal(np.isin(np.arange(len(space.z)), items)[sure], inside[sure])
    assert int(page.locator("[data-count]").get_attribute("data-count")) == len(items)
    for column, values in (("z", space.z), ("log_variance", space.log_variance)):
        read = [[row[f"{column}{k}"] for k in range(2)] for row in found]
        np.testing.assert_array_equal(np.array(read, "float32"), values[items])
    assert [int(row["label"]) for row in found] == space.labels[items].tolist()
    assert len(found[0]) == 6
    np.testing.assert_allclose(z_of(page, "mean", "code"), space.z[items].mean(0), atol=1e-6)
    shown = [int(each.get_attribute("data-item")) for each in page.locator("[data-item]").all()]
    assert set(shown) <= set(items.tolist())
    assert len(shown) == min(48, len(items))


def test_a_class_is_selected_and_its_direction_added_by_the_keyboard(open_page, spaces):
    space, page = spaces["deep"], open_page("deep", "?panel=Selection")
    page.get_by_label("Class", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("[data-low]").wait_for()
    label, name = 1, space.classes[1]
    has = torch.from_numpy(space.labels == label)
    assert (
        page.locator("[role=status]").inner_text() == f"{int(has.sum())} items: {has.sum()} {name}"
    )
    expected = attribute(torch.from_numpy(space.z), has)
    told = page.locator("[data-low]")
    for key, value in zip(("value", "low", "high"),
                          (expected.separation.value, *expected.separation.interval),
                          strict=True):  # fmt: skip
        assert float(told.get_attribute(f"data-{key}")) == pytest.approx(value, abs=1e-9)
    page.locator("[role=slider]").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.get_by_text("with 0.15 of the direction").wait_for()
    held = space.z.mean(0)
    np.testing.assert_allclose(z_of(page, "way", "held"), held, atol=1e-6)
    moved = held + 0.15 * expected.direction.numpy()
    np.testing.assert_allclose(z_of(page, "way", "made"), moved, atol=1e-5)
    page.get_by_text("Hold this code").click()
    page.get_by_text("with 0 of the direction").wait_for()
    np.testing.assert_allclose(z_of(page, "way", "held"), moved, atol=1e-5)
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Nothing is selected").wait_for()
    page.locator("[data-item]").first.wait_for(state="hidden")


def test_the_pictures_of_the_mean_and_the_mean_of_the_pictures_differ_as_they_should(spaces):
    from reparam.explorer.images import shown

    space = spaces["vae"]
    window, panel = selection(space)
    items = panel.of_class(3)
    panel.select(items)
    mean = space.data.tensor()[torch.from_numpy(items)].double().mean(0).numpy()
    assert shown(mean) in panel.means.object
    assert shown(space.decode(space.z[items].mean(0)[None])[0]) in panel.means.object
    np.testing.assert_array_equal(window.chart.source.selected.indices, items)


@pytest.mark.parametrize(("count", "few"), [(4, 4), (-4, 596)])
def test_fewer_than_five_have_no_direction_and_all_else(spaces, count, few):
    window, panel = selection(spaces["vae"])
    window.state.selected = np.arange(600)[:count]
    assert f"{few} items have the attribute" in panel.separation.object
    assert "give at least 5 of each" in panel.separation.object
    assert panel.body.visible
    assert not panel.way.visible
    assert window.state.message == ""
    panel.keep()
    window.state.held = np.zeros(2)  # nothing to add, and nothing breaks
    assert panel.made.object == ""


def test_codes_without_spread_or_labels_are_exported_too(spaces):
    from dataclasses import replace

    from reparam.data import Dataset

    points = spaces["autoencoder"]
    window, panel = selection(replace(points, data=Dataset(points.data.pixels)))
    assert not panel.kind.options
    window.state.selected = np.array([7, 2])
    rows = list(csv.reader(io.StringIO(panel.file())))
    assert rows[0] == ["item", "label", "z0", "z1"]
    assert [row[:2] for row in rows[1:]] == [["2", ""], ["7", ""]]
    read = np.array([row[2:] for row in rows[1:]], "float32")
    np.testing.assert_array_equal(read, points.z[[2, 7]])


def test_the_selection_outlives_a_change_of_the_map(spaces):
    window, panel = selection(spaces["deep"])
    items = panel.of_class(2)
    panel.select(items)
    window.view.map = "PCA"
    some = np.arange(0, 600, 2)
    source = window.chart.source
    source.data = {key: np.asarray(values)[some] for key, values in source.data.items()}
    np.testing.assert_array_equal(panel.items, items)
    shown = np.asarray(source.data["item"])[source.selected.indices]
    np.testing.assert_array_equal(shown, items[items % 2 == 0])

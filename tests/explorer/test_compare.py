"""Two models side by side, in a real browser."""

import base64
import io
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from tests.explorer.seeing import until

from reparam.errors import CompositionError
from reparam.explorer.facts import spread
from reparam.explorer.server import serve, serving
from reparam.explorer.window import Window
from reparam.metrics.bound import bound
from reparam.metrics.plane import gap_share
from reparam.metrics.reconstruction import reconstruction

NAMES = ("autoencoder", "vae")
FIGURE = """(name) => [...Bokeh.documents[0]._all_models.values()]
  .find((each) => each.name === name && each.renderers)"""
SELECTED = f"""() => Object.fromEntries(["map", "other"].map((name) => {{
  const points = ({FIGURE})(name).renderers[0].data_source;
  const items = Array.from(points.data.item);
  return [name, Array.from(points.selected.indices, (k) => items[k]).sort((a, b) => a - b)];
}}))"""
RINGS = f"""() => ["map", "other"].map((name) => {{
  const {{ data }} = ({FIGURE})(name).renderers.find((each) => each.name === "ring").data_source;
  return [...data.x, ...data.y];
}})"""


@pytest.fixture(scope="module")
def address(spaces):
    with serving(spaces["autoencoder"], spaces["vae"]) as found:
        yield found


@pytest.fixture(scope="module")
def shown(browser, address):
    """One window for all: a fresh one takes seconds."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)  # a busy machine's page is late, and no less right
    page.goto(address)
    page.wait_for_selector("#loading", state="detached", timeout=120_000)
    page.locator(".bk-Figure canvas").nth(1).wait_for(state="attached", timeout=30_000)
    page.wait_for_timeout(800)
    yield page
    page.close()


def inside(page, which, across, up):
    box = page.locator(".bk-Figure").nth(which).bounding_box()
    return box["x"] + across * box["width"], box["y"] + up * box["height"]


def rest(page, which, across, up):
    """Move over a map and rest there; gives what its pointer shows and the code of the place."""
    canvas = page.locator(".pointer canvas").nth(which)
    before = canvas.get_attribute("data-z")
    x, y = inside(page, which, across, up)
    page.mouse.move(x, y)  # at once: on the way a slow page might rest, too
    page.wait_for_function(
        "([canvas, before]) => canvas.dataset.kind === 'exact' && canvas.dataset.z !== before",
        arg=[canvas.element_handle(), before],
    )
    return picture(canvas.evaluate("canvas => canvas.toDataURL()")), json.loads(
        canvas.get_attribute("data-z")
    )


def ringed(page, spaces, item):
    """Whether an item is ringed on both maps; before the first there are no rings."""
    rings = page.evaluate(RINGS)
    places = [spaces[name].z[item, spaces[name].order] for name in NAMES]
    return all(map(len, rings)) and np.allclose(rings, places, rtol=1e-6)


def picture(address):
    file = io.BytesIO(base64.b64decode(address.split(",")[1]))
    return np.asarray(Image.open(file).convert("L")).astype(int)


def decoded(space, z):
    return (space.decode(np.asarray([z]))[0, 0] * 255).round()


def lasso(page, which):
    page.locator(".bk-Figure").nth(which).locator("[title='Lasso Select']").click()
    corners = [(0.3, 0.2), (0.6, 0.2), (0.6, 0.6), (0.3, 0.6), (0.3, 0.25)]
    page.mouse.move(*inside(page, which, *corners[0]))
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*inside(page, which, *corner), steps=4)
    page.mouse.up()


def test_pointers_do_not_mix(shown, spaces):
    second = shown.locator(".pointer canvas").nth(1)
    before = second.get_attribute("data-z")
    one, z = rest(shown, 0, 0.45, 0.5)
    np.testing.assert_array_equal(one, decoded(spaces["autoencoder"], z))
    assert second.get_attribute("data-z") == before
    other, w = rest(shown, 1, 0.5, 0.45)
    np.testing.assert_array_equal(other, decoded(spaces["vae"], w))
    first = shown.locator(".pointer canvas").nth(0)
    assert json.loads(first.get_attribute("data-z")) == z
    np.testing.assert_array_equal(picture(first.evaluate("c => c.toDataURL()")), one)


@pytest.mark.parametrize("which", [0, 1])
def test_the_nearest_item_is_ringed_in_both_and_given_back_twice(shown, spaces, which):
    _, z = rest(shown, which, 0.4, 0.55)
    item = int(np.linalg.norm(spaces[NAMES[which]].z - z, axis=1).argmin())
    shown.wait_for_selector(f".strip[data-item='{item}']")
    until(shown, lambda: ringed(shown, spaces, item))
    images = [picture(each.get_attribute("src")) for each in shown.locator(".strip img").all()]
    x = spaces["vae"].pictures([item])[0, 0] * 255
    expected = [x.round(), *(decoded(spaces[name], spaces[name].z[item]) for name in NAMES)]
    for seen, wanted in zip(images, expected, strict=True):
        np.testing.assert_allclose(seen, wanted, atol=1)


@pytest.mark.parametrize("which", [0, 1])
def test_a_selection_in_one_is_one_in_the_other(shown, spaces, which):
    here, there = ("map", "other") if which == 0 else ("other", "map")
    lasso(shown, which)
    shown.wait_for_function(f"() => ({SELECTED})().{there}.length > 0")
    shown.wait_for_function(
        f"() => {{ const s = ({SELECTED})(); return `${{s.map}}` === `${{s.other}}`; }}",
        polling=300,
    )
    found = shown.evaluate(SELECTED)
    shown.keyboard.press("Escape")
    shown.wait_for_function(f"() => Object.values(({SELECTED})()).every((each) => !each.length)")
    assert 0 < len(found[here]) < 600
    assert found[here] == found[there]
    z = spaces[NAMES[which]].z[found[here]]
    every = spaces[NAMES[which]].z
    assert (z.std(0) < every.std(0)).all()  # they lie together, where the lasso went


def test_an_item_by_its_number_and_another_dimension(shown, spaces):
    shown.get_by_label("Item (0 to 599)").fill("7")
    shown.get_by_label("Item (0 to 599)").press("Enter")
    shown.wait_for_selector(".strip[data-item='7']")
    space = spaces["vae"]
    second = space.order[1]
    for index, dimension in ((1, second), (0, space.order[0])):  # and back, for other tests
        shown.get_by_label("Dimension across").nth(1).select_option(index=index)
        wanted = float(space.z[7, dimension])
        shown.wait_for_function(f"() => Math.abs(({RINGS})()[1][0] - {wanted}) < 1e-5")
    until(shown, lambda: ringed(shown, spaces, 7))


def test_the_table_has_the_librarys_numbers(shown, spaces, pictures):
    for _ in range(60):
        if "computing" not in shown.locator(".facts").inner_text():
            break
        shown.wait_for_timeout(500)
    rows = {
        row.locator("th").inner_text(): row.locator("td").all()
        for row in shown.locator(".facts tbody tr").all()
    }
    assert shown.locator(".facts thead th").all_inner_texts() == list(NAMES)
    models = [spaces[name].model for name in NAMES]
    cells = rows.pop("Bound on -log p(x), nats an item")
    assert cells[0].inner_text() == "no prior"
    expected = {
        "RMSE of reconstructions": [
            reconstruction(model, pictures, progress=False).root_mean_squared_error
            for model in models
        ],
        "Share of the plane in gaps": [gap_share(spaces[name].z) for name in NAMES],
        "Spread of the codes": [
            np.sqrt(np.square(spaces[name].z - spaces[name].z.mean(0)).sum(1).mean())
            for name in NAMES
        ],
    }
    assert float(cells[1].get_attribute("data-value")) == bound(models[1], pictures).total
    assert rows.keys() == expected.keys()
    for name, values in expected.items():
        seen = [float(cell.get_attribute("data-value")) for cell in rows[name]]
        assert seen == pytest.approx(values, rel=1e-5)


def test_other_items_are_refused(spaces, pictures):
    space = spaces["vae"]
    fewer = replace(space, z=space.z[:50], data=pictures[:50])
    with pytest.raises(CompositionError, match="vae shows 600 items and vae 50"):
        Window(space, fewer)
    turned = replace(space, data=pictures.subset(torch.arange(599, -1, -1)), name="turned")
    with pytest.raises(CompositionError, match="vae and turned show other items"):
        serve(space, turned)


def test_a_subset_on_one_map_keeps_the_whole_selection_on_the_other(spaces):
    window = Window(spaces["autoencoder"], spaces["vae"])
    other = window.pair.two
    other.chart.show(
        replace(other.plane, points=other.plane.points[::2], items=np.arange(0, 600, 2))
    )
    window.chart.source.selected.indices = [3, 4, 10]
    assert other.state.selected.tolist() == [4, 10]
    assert window.state.selected.tolist() == [3, 4, 10]
    other.chart.source.selected.indices = [1, 2]
    assert window.state.selected.tolist() == [2, 4]


def test_spread_of_known_codes(spaces):
    z = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]], "float32")
    assert spread(replace(spaces["vae"], z=z)) == pytest.approx(np.sqrt(2.5))


def test_what_goes_wrong_on_the_second_map_is_told_as_well(spaces):
    window = Window(spaces["vae"], spaces["autoencoder"])
    window.pair.two.view.colour = "rate"
    assert window.state.message == "autoencoder has no score 'rate': it has error"
    window.pair.two.view.colour = "error"
    assert not window.state.message

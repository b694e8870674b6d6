"""Names that come from files are shown as text: no page runs, fetches or draws what they say."""

import pytest
import torch

from reparam import load, save, zoo
from reparam.artifact.card import plain
from reparam.data import Dataset
from reparam.report import report
from reparam.report.html import content_policy, environment
from reparam.study.page import page as study_page

HOSTILE = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>|`]$x$"


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """A run and its data, whose every name is hostile."""
    torch.manual_seed(0)
    model, objective = zoo.vae((1, 8, 8), latent=2, network="mlp", widths=[8])
    model.variant = HOSTILE
    labels = torch.arange(120) % 2
    data = Dataset(torch.rand(120, 1, 8, 8), labels)
    names = {"name": HOSTILE, "classes": (HOSTILE, "b"), "source": HOSTILE, "split": HOSTILE}
    data = data.described(**names)
    folder = tmp_path_factory.mktemp("runs") / "<img src=x onerror=window.pwned=1>"
    figures = {HOSTILE: HOSTILE, "ending": {"best": HOSTILE}}
    save(folder, model, objective, schema=data.schema, recipe={"epochs": HOSTILE}, figures=figures)
    return load(folder), data, folder


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens a page's text; afterwards nothing has run or been asked for."""
    pages = []

    def look(content):
        place = tmp_path / f"{len(pages)}.html"
        place.write_text(content, encoding="utf-8")
        page = browser.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(place.as_uri())
        pages.append((page, place))
        return page

    yield look
    for page, place in pages:
        assert page.evaluate("window.pwned") is None
        assert page.said == []
        assert [url for url in page.asked if not url.startswith("data:")] == [place.as_uri()]
        page.close()


def test_a_report_shows_hostile_names_as_text(hostile, opened):
    run, data, _ = hostile
    page = opened(report(run, data[:60], data[60:], samples=2))
    assert "<img src=x onerror=" in page.inner_text("body")
    assert page.locator("img:not([src^='data:'])").count() == 0
    assert page.locator("#plane-words").count() == 1  # the page's own script is allowed


def test_the_study_shows_hostile_names_as_text(opened):
    found = {
        "data": {"title": HOSTILE, "train": 1, "test": 1, "epochs": 1},
        "seeds": [0], "claims": [], "models": {}, "stages": {}, "reparam": HOSTILE,
    }  # fmt: skip
    page = opened(study_page(found, [], {}))
    assert "<img src=x onerror=" in page.inner_text("body")


def test_a_policy_stops_what_escaping_would_miss(browser, tmp_path):
    """The same page with an element slipped in: neither handler nor script nor request happens."""
    script = "window.own = 1"
    source = (
        '<meta http-equiv="Content-Security-Policy" content="{{ policy }}">'
        "<script>{{ script | safe }}</script>{{ hostile | safe }}"
    )
    template = environment().from_string(source)
    place = tmp_path / "page.html"
    place.write_text(
        template.render(policy=content_policy(script), script=script, hostile=HOSTILE)
    )
    page, asked = browser.new_page(), []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(place.as_uri())
    assert page.evaluate("[window.own, window.pwned ?? null]") == [1, None]
    assert asked == [place.as_uri()]
    page.close()


def test_a_card_shows_hostile_names_as_text(hostile):
    *_, folder = hostile
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert plain(HOSTILE) in card
    assert "<" not in card.replace("\\<", "")
    rows = [line for line in card.splitlines() if line.startswith("| variant")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 3  # one row of two cells

"""Names that come from files are shown as text by the explorer, and by the file it writes."""

import pytest
import torch

from reparam import data, load, save, zoo

HOSTILE = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    from reparam.explorer.space import encoded

    torch.manual_seed(0)
    model, objective = zoo.vae((1, 8, 8), latent=2, network="mlp", widths=[8])
    model.variant = HOSTILE
    items = data.Dataset(torch.rand(60, 1, 8, 8), torch.arange(60) % 2)
    items = items.described(name=HOSTILE, classes=(HOSTILE, "b"))
    folder = tmp_path_factory.mktemp("runs") / "<img src=x onerror=window.pwned=1>"
    save(folder, model, objective, schema=items.schema)
    return encoded(load(folder), items)


def look(browser, address):
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(address)
    return page


def refused(page):
    """What the page's own policy stopped, or went wrong."""
    return [words for words in page.said if "Content Security Policy" in words or "Error" in words]


def test_the_live_page_shows_hostile_names_as_text(space, browser):
    from reparam.explorer.server import serving

    with serving(space) as address:
        page = look(browser, address)
        page.wait_for_selector("#loading", state="detached")
        page.wait_for_timeout(1000)
        assert page.evaluate("window.pwned") is None
        assert HOSTILE in page.inner_text("header")
        assert page.locator("header img, header script").count() == 0
        assert refused(page) == []
        own = address.split("?")[0].rsplit("/", 1)[0]
        strange = [url for url in page.asked if not url.startswith((own, "data:", "blob:"))]
        assert [url for url in strange if "/x" in url] == []
        page.close()


def test_the_written_page_shows_hostile_names_as_text(space, browser, tmp_path):
    from reparam.explorer.export import page as written

    place = tmp_path / "map.html"
    place.write_text(written(space), encoding="utf-8")
    page = look(browser, place.as_uri())
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    assert "<img src=x onerror" in page.inner_text("body")
    assert page.said == []
    assert [url for url in page.asked if not url.startswith("data:")] == [place.as_uri()]
    page.close()

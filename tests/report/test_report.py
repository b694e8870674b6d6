"""The page: whole without a network, its verdict first, and what it says is what was found."""

import re

import pytest

from reparam.latent import checkup
from reparam.report import report
from reparam.report.page import _of_model


@pytest.fixture(scope="module")
def page(run_of, items):
    return report(run_of(2), items[1], items[0], samples=2)


def test_the_verdict_comes_first(page, run_of, items):
    found = checkup(run_of(2).model, items[1], items[0], progress=False)
    said = re.sub("<[^>]+>", "", page.split("<h2")[0])
    assert found.verdict in said
    for finding in found.findings:
        assert finding.title.replace("'", "&#39;") in page
        assert f'id="{finding.id}"' in page


def test_nothing_is_fetched(page):
    addresses = re.findall(r'(?:src|href)\s*=\s*"([^"]{0,40})', page)
    assert addresses
    assert all(place.startswith(("data:image/png;base64,", "#")) for place in addresses)
    assert not re.search(r"https?:", re.sub(r"\"data:[^\"]+\"", "", page))


def test_words_of_the_data_cannot_break_the_page(page):
    assert "<low>" not in page
    assert "&lt;low&gt;" in page
    assert page.count("</script>") == 2


def test_links_lead_somewhere(page):
    for target in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{target}"' in page


def test_more_than_two_latents_have_traversals_and_no_plane(run_of, items):
    page = report(run_of(4), items[1], samples=2)
    assert 'id="plane"' not in page
    assert "figure-traversals" in page
    assert "no training items" in page


def test_an_autoencoder_has_no_samples(run_of, items):
    page = report(run_of(2, "autoencoder"), items[1], items[0], samples=2)
    assert "figure-samples" not in page
    assert 'id="plane"' in page


@pytest.mark.parametrize("line", [b"null\n", b"\0\0\n", b"\xff\n", b"[1]\n", b'{"split": 3}\n'])
def test_damaged_records_are_left_out_of_the_curve(run_of, items, line):
    run = run_of(2)
    (run.path / "history.jsonl").write_bytes(line + (run.path / "history.jsonl").read_bytes())
    name, *_ = next(_of_model(run, items[1], seed=0))
    assert name == "loss"

"""Who gets an answer: loopback, with the token, from the page's own origin."""

import http.client
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import numpy as np
import pytest

UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "bokeh, token",
}  # fmt: skip


def answer(address, path, **headers):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


@pytest.fixture
def address(addresses):
    return addresses["vae"]


def test_the_address_is_on_loopback_and_long(address):
    parts = urlsplit(address)
    assert parts.hostname == "127.0.0.1"
    assert len(parts.path.strip("/")) >= 32
    assert answer(address, parts.path)[0] == 200


@pytest.mark.parametrize("path", ["/", "/ws", "/static/js/bokeh.min.js", "/wrong-token/", "/../"])
def test_without_the_token_there_is_nothing(address, path):
    status, body = answer(address, path)
    assert status == 404
    assert b"bokeh" not in body.lower()


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://evil.example", 403), ("http://127.0.0.1:1", 403), (None, 101)],
)
def test_only_the_pages_own_origin_may_connect(address, origin, status):
    parts = urlsplit(address)
    origin = origin or f"http://{parts.netloc}"
    assert answer(address, parts.path + "ws", Origin=origin, **UPGRADE)[0] in (
        (status,) if status == 403 else (101, 401, 403)
    )


def test_another_origin_may_not_read_the_page(address):
    """No header allows it, so that a browser hands nothing to another page."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request("GET", parts.path, headers={"Origin": "http://evil.example"})
    reply = connection.getresponse()
    reply.read()
    connection.close()
    assert reply.getheader("Access-Control-Allow-Origin") is None


def test_an_address_that_asks_for_what_is_not_there_gives_a_sentence_and_a_page(open_page):
    page = open_page("vae", "?x=77&panel=Walk")
    page.get_by_text("The address asks for x=77, and vae has no such view").wait_for()
    page.get_by_text("Click two places").wait_for()  # what there is of it is shown
    page.get_by_label("Dimension across", exact=True).select_option(index=1)
    page.get_by_text("The address asks").wait_for(state="detached")


def test_a_shared_address_may_ask_for_more_than_a_model_has(spaces):
    from reparam.explorer.window import Window

    window = Window(spaces["autoencoder"])
    window.view.over = ["prior", "posteriors", "nothing real"]
    assert window.controls.over.value == ["nothing real"]
    assert not window.chart.lines.data["xs"]
    assert len(window.chart.marks.data["x"])


def test_panels_are_opened_by_the_keyboard(open_page):
    page = open_page("vae")
    page.locator(".bk-tab").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_text("Click two places").wait_for()
    chosen = page.get_by_role("tab", name="Walk", selected=True)
    chosen.and_(page.locator(":focus")).wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.get_by_text("Nothing is selected").wait_for()
    page.wait_for_url("**panel=Selection**")


def test_a_page_whose_server_has_ended_says_so(browser, runs, tmp_path):
    items = tmp_path / "items.npy"
    np.save(items, np.zeros((20, 28, 28), "uint8"))
    command = [sys.executable, "-m", "reparam", "explore", str(runs["vae"].path), str(items)]
    with subprocess.Popen([*command, "--no-open"], stdout=subprocess.PIPE, text=True) as server:
        address = next(word for line in server.stdout for word in line.split() if "://" in word)
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("#loading", state="detached", timeout=120_000)
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0
    page.get_by_text("The server has ended: run reparam explore again").wait_for(timeout=60_000)
    page.close()


def test_ctrl_c_reaches_who_ends_the_process_while_the_server_runs(spaces):
    import asyncio

    from reparam.explorer.server import serve
    from reparam.signals import heard

    loop, answers = asyncio.new_event_loop(), []
    outer = asyncio._get_running_loop()  # Playwright's, where another test opened a browser
    asyncio._set_running_loop(None)
    asyncio.set_event_loop(loop)
    try:
        served = serve(spaces["vae"])
        loop.call_later(0.2, signal.raise_signal, signal.SIGINT)
        with heard(answers.append):
            served.run()
        assert answers == [signal.SIGINT]
    finally:
        asyncio._set_running_loop(outer)
        asyncio.set_event_loop(None)
        loop.close()

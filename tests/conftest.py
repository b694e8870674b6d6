import os
import signal

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def decoded_pictures(tmp_path_factory):
    """What tests decode does not go into the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPARAM_CACHE", str(tmp_path_factory.mktemp("decoded")))
        yield


@pytest.fixture(autouse=True, scope="session")
def interruptible():
    """A shell that starts tests in the background has them ignore Ctrl-C, and their children."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def repeatable():
    """Whatever a test draws without a seed of its own is drawn again the next time."""
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, driven by Playwright, of which a process can have one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    binary = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not os.path.exists(binary):
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=binary, args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        yield opened
        opened.close()

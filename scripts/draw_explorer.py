"""Draw the explorer's pictures for the documentation, in Debian's Chromium.

Trains the study's two models of two latents and one of sixteen (or takes them where they are),
serves each, does by mouse and keyboard what each panel is for, and photographs it, 1280 and 1920
pixels wide, light and dark. It wants a machine that does nothing else.

    python scripts/draw_explorer.py --out docs/images/explorer
"""

import argparse
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from reparam import data, load
from reparam.explorer.export import export
from reparam.explorer.images import png, to_bytes
from reparam.explorer.server import serving
from reparam.explorer.space import Space, encoded
from reparam.study.models import Candidate, train

MODELS = {
    "vae": Candidate("vae", "bce", 2),
    "autoencoder": Candidate("autoencoder", "bce", 2),
    "sixteen": Candidate("vae", "bce", 16),
}
EPOCHS = 5
LOOKS = ((1280, "light"), (1920, "dark"), (1280, "dark"), (1920, "light"))
SEEN = {"vae": LOOKS, "compare": LOOKS, "autoencoder": LOOKS[:2], "sixteen": LOOKS[:2]}
"""In which looks what is photographed."""
CALM = 1500
"""Milliseconds in which a page comes to rest."""


def main() -> None:
    """Draw all of them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("docs/images/explorer"))
    parser.add_argument("--runs", type=Path, help="Where the runs are, or shall be.")
    parser.add_argument("--only", nargs="*", default=[], help="Names of pictures, by their start.")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        spaces = trained(options.runs or Path(folder))
        browser = driver.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        for name, address, scene in scenes(spaces, Path(folder)):
            for width, theme in SEEN[name.split("-")[0]]:
                title = f"{name}-{width}-{theme}"
                if options.only and not title.startswith(tuple(options.only)):
                    continue
                with opened(browser, address, width, theme) as page:
                    scene(page)
                    page.wait_for_timeout(CALM)
                    photograph(page, options.out / f"{title}.webp")
                print(title, flush=True)
        browser.close()


def trained(folder: Path) -> dict[str, Space]:
    """The models by name, encoded."""
    pictures, test = data.load("fashion-mnist-subset")
    for name, candidate in MODELS.items():
        train(candidate, pictures, EPOCHS, 0, folder / name)
    return {name: encoded(load(folder / name), test) for name in MODELS}


def scenes(
    spaces: dict[str, Space], folder: Path
) -> Iterator[tuple[str, str, Callable[[Page], None]]]:
    """Each picture's name, where it is to be had, and what is to be done there."""
    for name, space in spaces.items():
        picture = folder / "trousers.png"
        picture.write_bytes(png(to_bytes(space.pictures(np.array([5]))[0])))
        with serving(space) as address:
            yield f"{name}-map", f"{address}?over=%5B%22prior%22%5D", look
            yield f"{name}-sliders", f"{address}?panel=Sliders", slide
            yield f"{name}-walk", f"{address}?panel=Walk", walk
            yield f"{name}-selection", f"{address}?panel=Selection", select
            yield f"{name}-own", f"{address}?panel=Your+picture", partial(drop, picture=picture)
            yield f"{name}-sample", f"{address}?panel=Sample", sample
            if name == "vae":
                over = "%5B%22posteriors%22%2C%22nothing+real%22%5D"
                yield "vae-overlays", f"{address}?over={over}&colour=rate", look
            if name == "sixteen":
                yield "sixteen-umap", f"{address}?map=UMAP", embed
        file = export(space, folder / f"{name}.html")
        yield f"{name}-export", file.as_uri(), lambda page: page.mouse.move(400, 350)
    with serving(spaces["autoencoder"], spaces["vae"]) as address:
        yield "compare", address, compare


def look(page: Page) -> None:
    """Rest on the map."""
    rest(page, 0.4, 0.45)


def slide(page: Page) -> None:
    """Move the slider of what carries most."""
    page.wait_for_timeout(CALM)
    first = page.locator(".rows input, input[type=range]").first
    for _ in range(12):
        first.press("ArrowRight")
    rest(page, 0.6, 0.6)


def walk(page: Page) -> None:
    """Click two places."""
    for place in ((0.33, 0.35), (0.7, 0.65)):
        page.mouse.click(*rest(page, *place))
        page.wait_for_timeout(CALM)


def select(page: Page) -> None:
    """Draw a lasso, and add the direction towards what it holds."""
    page.locator(".bk-ToolButton[title^='Lasso'], .bk-tool-icon-lasso-select").first.click()
    places = [at(page, x, y) for x, y in ((0.3, 0.3), (0.5, 0.28), (0.52, 0.5), (0.32, 0.52))]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in [*places[1:], places[0]]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()
    page.locator("[data-low]").wait_for(timeout=60_000)
    page.locator("[role=slider]").focus()
    for _ in range(15):
        page.keyboard.press("ArrowRight")


def drop(page: Page, picture: Path) -> None:
    """Bring a picture."""
    page.locator("input[type=file]").set_input_files(picture)
    page.locator("table[data-done=true]").wait_for(timeout=180_000)


def sample(page: Page) -> None:
    """Draw at a lower temperature, and keep three."""
    draws = page.locator('.pictures[aria-label="draws"] .picture')
    draws.nth(35).wait_for(timeout=60_000)
    page.get_by_label("Temperature", exact=True).fill("0.8")
    page.get_by_label("Temperature", exact=True).press("Enter")
    page.wait_for_timeout(CALM)
    for place in (3, 8, 20):
        draws.nth(place).click()


def embed(page: Page) -> None:
    """Wait until the map is computed."""
    page.get_by_text("UMAP: ").first.wait_for(state="detached", timeout=300_000)
    look(page)


def compare(page: Page) -> None:
    """Rest on both maps."""
    page.wait_for_timeout(8 * CALM)  # the table fills
    rest(page, 0.4, 0.45, 1)
    rest(page, 0.4, 0.45, 0)


def at(page: Page, across: float, up: float, which: int = 0) -> tuple[float, float]:
    """A place on a map, in shares of it, as pixels of the page."""
    box = page.locator(".bk-Figure").nth(which).bounding_box()
    assert box is not None
    return box["x"] + across * box["width"], box["y"] + up * box["height"]


def rest(page: Page, across: float, up: float, which: int = 0) -> tuple[float, float]:
    """Move over a map until the exact picture stands there; gives the place."""
    canvas = page.locator(".pointer canvas").nth(which)
    before = canvas.get_attribute("data-z")
    x, y = at(page, across, up, which)
    page.mouse.move(x - 20, y)
    page.mouse.move(x, y)
    page.wait_for_function(
        "([canvas, before]) => canvas.dataset.kind === 'exact' && canvas.dataset.z !== before",
        arg=[canvas.element_handle(), before],
        timeout=60_000,
    )
    return x, y


@contextmanager
def opened(browser: Browser, address: str, width: int, theme: str) -> Iterator[Page]:
    """A window on a page, whose map has been drawn."""
    context = browser.new_context(
        viewport={"width": width, "height": width * 5 // 8}, color_scheme=theme
    )
    page = context.new_page()
    page.on("pageerror", lambda error: print("error:", error))
    page.on("console", lambda said: said.type == "error" and print("console:", said.text))
    if address.startswith("file:"):
        page.goto(address)
        page.wait_for_selector("html[data-drawn][data-ready='0']")
    else:
        page.goto(f"{address}{'&' if '?' in address else '?'}theme={theme}")
        page.wait_for_selector("#loading", state="detached", timeout=180_000)
        page.wait_for_timeout(CALM)
    yield page
    context.close()


def photograph(page: Page, file: Path) -> None:
    """Keep what the page shows."""
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(file, quality=80, method=6)


if __name__ == "__main__":
    main()

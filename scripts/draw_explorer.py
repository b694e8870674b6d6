"""Draw the explorer's pictures for the documentation, in Debian's Chromium.

Trains the two models of two latents and one of sixteen on the embedded clothes (or takes runs
that are there), serves each, and photographs every panel 1280 and 1920 pixels wide, light and
dark.

    python scripts/draw_explorer.py --out docs/images/explorer
"""

import argparse
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from reparam import data, fit, load, save, zoo
from reparam.explorer.server import serving
from reparam.explorer.space import Space, encoded

WIDTHS = (1280, 1920)
THEMES = ("light", "dark")
IDLE = "window.Bokeh && Bokeh.documents.length && Bokeh.documents[0].is_idle"
EPOCHS = 5


def main() -> None:
    """Draw all of them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("docs/images/explorer"))
    parser.add_argument("--runs", type=Path, help="Where the runs are, or shall be.")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        spaces = trained(options.runs or Path(folder))
        browser = driver.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        for name, space in spaces.items():
            with serving(space) as address:
                for width in WIDTHS:
                    for theme in THEMES:
                        size = {"width": width, "height": width * 5 // 8}
                        page = browser.new_page(viewport=size)
                        page.goto(f"{address}?theme={theme}")
                        page.wait_for_function(IDLE, timeout=120_000)
                        shown(page, options.out, f"{name}-{{}}-{width}-{theme}")
                        page.close()
        browser.close()


def trained(folder: Path) -> dict[str, Space]:
    """The models by name, encoded."""
    train, test = data.load("fashion-mnist-subset")
    spaces = {}
    for name, variant, latent in (
        ("vae", "vae", 2), ("autoencoder", "autoencoder", 2), ("sixteen", "vae", 16),
    ):  # fmt: skip
        run = folder / name
        if not run.exists():
            model, objective = zoo.ZOO[variant].make(train.shape, latent=latent)
            fit(model, objective, train, epochs=EPOCHS, progress=False)
            save(run, model, objective, schema=train.schema)
        spaces[name] = encoded(load(run), test)
    return spaces


def shown(page: Page, out: Path, name: str) -> None:
    """Photograph the map with a decoding, then each panel."""
    box = page.locator(".bk-Figure").first.bounding_box()
    assert box is not None
    x, y = box["x"] + 0.4 * box["width"], box["y"] + 0.45 * box["height"]
    page.mouse.move(x - 20, y)
    page.mouse.move(x, y)
    page.wait_for_selector('canvas[data-kind="exact"]', timeout=30_000)
    photograph(page, out / f"{name.format('map')}.png")
    for tab in page.locator(".bk-tab").all():
        title = (tab.text_content() or "").strip().lower().replace(" ", "-")
        tab.click()
        page.wait_for_timeout(2500)
        photograph(page, out / f"{name.format(title)}.png")


def photograph(page: Page, file: Path) -> None:
    """Keep what the page shows, with 256 colours."""
    page.screenshot(path=file)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(256).save(file, optimize=True)


if __name__ == "__main__":
    main()

"""How quickly the explorer answers, measured in the browser.

Trains a model of two latents (or opens a run), serves its explorer in a process of its own, and
drives Chromium: from the pointer's last movement to the first and to the exact picture, from the
page's request to its first map with the codes' cache cold and warm, what a frame costs while one
pans, and the memory of the server and of the page for each open window.

    python benchmarks/explorer.py                      # 70,000 items of Fashion-MNIST
    python benchmarks/explorer.py --run runs/vae --rounds 200
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

WATCH = """() => {
  window.moved = 0; window.times = {first: [], exact: []};
  document.addEventListener("pointermove", () => { window.moved = performance.now(); }, true);
  window.addEventListener("reparam-drawn", (event) => {
    window.times[event.detail.kind].push(performance.now() - window.moved);
  });
}"""
FRAMES = """() => {
  const map = [...Bokeh.documents[0]._all_models.values()]
    .find((each) => each.name === "map" && each.type === "Figure");
  const view = Bokeh.index.find_one(map), paint = view.paint.bind(view);
  window.frames_ = [];
  view.paint = () => {
    const began = performance.now();
    paint();
    window.frames_.push(performance.now() - began);
  };
}"""
IDLE = "window.Bokeh && Bokeh.documents.length && Bokeh.documents[0].is_idle"


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--run", type=Path)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--windows", type=int, default=4)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        shutil.copytree(options.run or trained(Path(folder) / "trained"), run)
        shutil.rmtree(run / "explorer", ignore_errors=True)
        found = measured(run, options)
    for name, value in found.items():
        print(f"{name:48} {value:10.1f}")
    if options.out:
        options.out.write_text(json.dumps(found, indent=1))


def trained(folder: Path) -> Path:
    """A run of the default VAE with two latents."""
    command = [sys.executable, "-m", "reparam", "fit", "fashion-mnist", "--latent", "2",
               "--epochs", "1", "--out", str(folder)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return folder


def started(run: Path) -> tuple[subprocess.Popen, str, float]:
    """A server for a run, its address, and the seconds until it answered."""
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "reparam", "explore", str(run), "--no-open"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    address = server.stdout.readline().strip()
    return server, address, time.perf_counter() - began


def measured(run: Path, options: argparse.Namespace) -> dict[str, float]:
    """Every figure by name."""
    found: dict[str, float] = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=options.chromium,
            args=["--no-sandbox", "--enable-unsafe-swiftshader", "--enable-precise-memory-info"],
        )
        for cache in ("cold", "warm"):
            server, address, seconds = started(run)
            try:
                found[f"server until it answers, {cache}, s"] = seconds
                page, seconds = opened(browser, address)
                found[f"page request to first map, {cache}, s"] = seconds
                if cache == "warm":
                    found |= pointed(page, options.rounds)
                    found |= panned(browser, address)
                    found |= weighed(browser, address, server, options.windows)
                page.close()
            finally:
                server.terminate()
                server.wait(20)
        browser.close()
    return found


def opened(browser, address: str):
    """A page with its map drawn, and the seconds it took."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(IDLE, timeout=120_000)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))")
    return page, time.perf_counter() - began


def pointed(page, rounds: int) -> dict[str, float]:
    """Milliseconds from the pointer to its pictures."""
    page.evaluate(WATCH)
    page.wait_for_timeout(1000)
    box = page.locator(".bk-Figure").first.bounding_box()
    chance = random.Random(0)
    for _ in range(rounds):
        x = box["x"] + box["width"] * chance.uniform(0.2, 0.8)
        y = box["y"] + box["height"] * chance.uniform(0.2, 0.8)
        page.mouse.move(x, y)
        page.wait_for_timeout(400)
    found = {}
    for kind, times in page.evaluate("window.times").items():
        ordered = sorted(times)
        found[f"pointer to {kind} picture, median, ms"] = statistics.median(ordered)
        found[f"pointer to {kind} picture, 95%, ms"] = ordered[int(0.95 * (len(ordered) - 1))]
        found[f"pictures counted, {kind}"] = len(ordered)
    return found


def panned(browser, address: str) -> dict[str, float]:
    """Milliseconds of a frame while one pans."""
    page, _ = opened(browser, address)
    page.wait_for_timeout(1000)
    page.evaluate(FRAMES)
    box = page.locator(".bk-Figure").first.bounding_box()
    x, y = box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(10):
        page.mouse.move(x + 2 * step, y + step)
        page.wait_for_timeout(16)
    page.mouse.up()
    page.wait_for_timeout(1000)
    frames = page.evaluate("window.frames_")
    page.close()
    return {"a frame while one pans, median, ms": statistics.median(frames)}


def weighed(browser, address: str, server: subprocess.Popen, windows: int) -> dict[str, float]:
    """Mebibytes for each open window, of the server and of the page."""
    process = psutil.Process(server.pid)
    before = process.memory_info().rss
    pages = [opened(browser, address)[0] for _ in range(windows)]
    after = process.memory_info().rss
    heap = pages[0].evaluate("performance.memory.usedJSHeapSize")
    for page in pages:
        page.close()
    return {
        "server memory for each window, MiB": (after - before) / windows / 2**20,
        "page memory (JavaScript heap), MiB": heap / 2**20,
    }


if __name__ == "__main__":
    main()

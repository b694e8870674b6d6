"""The documentation's Python runs as written, with fewer epochs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHAPTER = sorted((ROOT / "docs/chapter").glob("*.md"))
ZOO = sorted((ROOT / "docs/zoo").glob("*.md"))
HOWTO = sorted((ROOT / "docs/howto").glob("*.md"))
PAGES = (
    *(
        "README.md",
        "docs/architecture.md",
        "docs/checkup.md",
        "docs/measuring.md",
        "docs/scikit-learn.md",
        "docs/training.md",
        "docs/units.md",
    ),
    *(
        str(page.relative_to(ROOT))
        for page in [*CHAPTER, *ZOO, *HOWTO]
        if "```python" in page.read_text("utf-8")
    ),
)


def blocks(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_of_a_page_run_in_order(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = blocks(page)
    assert found
    names: dict[str, object] = {"__name__": "page"}
    for block in found:
        exec(compile(block.replace("epochs=5", "epochs=1"), page, "exec"), names)
    if page == "README.md":
        assert names["images"].shape == (64, 1, 28, 28)
        assert 0 <= names["images"].min() <= names["images"].max() <= 1
        assert names["z"].shape == (8, 16)


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        text = page.read_text(encoding="utf-8")
        pictures = re.findall(r'\bsrc(?:set)?="([^"]+)"', text)
        for target in [*re.findall(r"\]\(([^)#]+)\)", text), *pictures]:
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_import_stays_fast() -> None:
    import subprocess
    import sys

    code = "import sys, reparam; sys.exit('torch' in sys.modules or 'matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_picture_of_the_zoo_is_drawn_and_shown() -> None:
    script = (ROOT / "scripts/draw_zoo.py").read_text(encoding="utf-8")
    drawn = set(re.findall(r'^    "(\w+)": \w+\.draw_', script, re.MULTILINE))
    text = "".join(page.read_text(encoding="utf-8") for page in ZOO)
    shown = set(re.findall(r"\.\./images/zoo/(\w+)\.png", text))
    files = {path.stem for path in (ROOT / "docs/images/zoo").glob("*.png")}
    assert drawn == shown == files


def test_the_zoos_pages_name_variants_and_their_papers() -> None:
    from reparam.zoo import ZOO as VARIANTS

    rows = 0
    for page in ZOO:
        text = page.read_text(encoding="utf-8")
        for name, paper in re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text, re.MULTILINE):
            if name in VARIANTS:
                rows += 1
                urls = re.findall(r"\]\(([^)]+)\)", paper)
                assert urls == [VARIANTS[name].url] or paper.startswith("the same"), name
                assert VARIANTS[name].url in text, name
                assert page.stem in (VARIANTS[name].family, "vae"), name
    assert rows > 50

"""The documentation's Python runs as written, with fewer epochs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHAPTER = sorted((ROOT / "docs/chapter").glob("*.md"))
PAGES = (
    *(
        "README.md",
        "docs/architecture.md",
        "docs/checkup.md",
        "docs/measuring.md",
        "docs/training.md",
        "docs/units.md",
    ),
    *(str(page.relative_to(ROOT)) for page in CHAPTER if "```python" in page.read_text("utf-8")),
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
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_import_stays_fast() -> None:
    import subprocess
    import sys

    code = "import sys, reparam; sys.exit('torch' in sys.modules or 'matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

import subprocess
import sys

import matplotlib
import pytest
from matplotlib.figure import Figure
from PIL import Image

from reparam.errors import ReparamError
from reparam.plots import COLOURS, loss_curve, save, style

RECORDS = [{"epoch": e / 10, "loss": 250 + 1 / (1 + e)} for e in range(50)]


def test_the_style_ends_with_its_block():
    before = dict(matplotlib.rcParams)
    with style():
        assert matplotlib.rcParams["axes.grid"]
    assert dict(matplotlib.rcParams) == before


def test_a_users_own_settings_do_not_leak_in():
    with matplotlib.rc_context({"text.usetex": True, "lines.linestyle": ":", "font.size": 30}):
        axes = loss_curve(RECORDS).axes[0]
        assert axes.lines[0].get_linestyle() == "-"
        assert not axes.xaxis.label.get_usetex()
        assert matplotlib.rcParams["font.size"] == 30


def test_the_first_eight_lines_have_eight_colours():
    with style():
        axes = Figure().subplots()
        lines = [axes.plot([0, 1])[0].get_color() for _ in range(8)]
    assert sorted(lines) == sorted(COLOURS.values())


def test_png_has_150_dots_per_inch_and_the_figure_is_emptied(tmp_path):
    figure = Figure(figsize=(4, 3))
    figure.subplots().plot([1, 2])
    path = save(figure, tmp_path / "new" / "a.png")
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.size == (600, 450)
    assert not figure.axes
    assert [p.name for p in path.parent.iterdir()] == ["a.png"]


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_equal_figures_make_equal_files(tmp_path, suffix):
    first = save(loss_curve(RECORDS), tmp_path / f"a.{suffix}").read_bytes()
    second = save(loss_curve(RECORDS), tmp_path / f"b.{suffix}").read_bytes()
    assert first == second
    assert (b"<svg" in first) == (suffix == "svg")


def test_unknown_format_is_named_and_the_figure_kept(tmp_path):
    figure = loss_curve(RECORDS)
    with pytest.raises(ReparamError, match=r"names no format: end it in \.png or \.svg"):
        save(figure, tmp_path / "a.pdf")
    assert figure.axes
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file_and_the_figure(tmp_path, monkeypatch):
    path = save(loss_curve(RECORDS), tmp_path / "a.png")
    before = path.read_bytes()
    figure = loss_curve(RECORDS)

    def half(file, **_):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(figure, "savefig", half)
    with pytest.raises(KeyboardInterrupt):
        save(figure, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    assert figure.axes


def test_no_pyplot_and_no_display():
    code = (
        "import sys, numpy as np, tempfile, os, reparam.plots as p\n"
        "x = np.zeros((2, 1, 4, 4))\n"
        "with tempfile.TemporaryDirectory() as d:\n"
        "    p.save(p.loss_curve([{'step': 1, 'loss': 1.0}]), os.path.join(d, 'a.png'))\n"
        "    p.save(p.reconstructions(x, x), os.path.join(d, 'a.svg'))\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

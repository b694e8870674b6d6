import io

import numpy as np
import pytest
from PIL import Image

from reparam.errors import DataError, ReparamError
from reparam.plots import reconstructions, save
from reparam.plots.reconstructions import _columns


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def drawn(figure):
    """The figure's pixels as saved."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=150)
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"))


def test_names_title_and_sides(clothes):
    names = [f"class {i}" for i in range(64)]
    figure = reconstructions(clothes, clothes, labels=names, title="64 pictures")
    found = texts(figure)
    assert found[0] == "64 pictures"
    assert found.count("original") == found.count("reconstruction") == 4
    assert [text for text in found if text.startswith("class")] == names
    assert len(figure.axes[0].images) == 8


def test_no_names_and_no_title(clothes):
    assert texts(reconstructions(clothes[:3], clothes[:3])) == ["original", "reconstruction"]


@pytest.mark.parametrize("title", [None, "A title"])
def test_saved_pixels_are_the_pictures_own(clothes, title):
    """Originals lie over their own reconstructions, enlarged by whole factors, unsmoothed."""
    second = 255 - clothes[:10]
    figure = reconstructions(clothes[:10], second, title=title, columns=5)
    page = drawn(figure)
    height, width = page.shape[:2]
    assert figure.axes[0].get_xlim() == (0, width)
    assert figure.axes[0].get_ylim() == (height, 0)
    corners = []
    for i, image in enumerate(figure.axes[0].images):
        row, side = divmod(i, 2)
        left, right, bottom, top = image.get_extent()
        strip = page[top:bottom, left:right, 0]
        assert (right - left) == 5 * 140 + 4 * 8
        for column in range(5):
            wanted = (clothes, second)[side][row * 5 + column, 0]
            tile = strip[:, column * 148 : column * 148 + 140]
            np.testing.assert_array_equal(tile, np.kron(wanted, np.ones((5, 5), np.uint8)))
        corners.append((left, top))
    assert corners == sorted(corners, key=lambda corner: corner[1])
    assert len({left for left, _ in corners}) == 1


def test_nothing_leaves_the_page(colours):
    figure = reconstructions(
        colours, colours, labels=["a rather long name of a class"] * 20, title="long title " * 20
    )
    page = drawn(figure)
    assert (page[:3] == 255).all()
    assert (page[:, :3] == 255).all()
    assert (page[-3:] == 255).all()
    assert (page[:, -3:] == 255).all()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :]), texts(figure)[i]
    assert texts(figure)[0].count("\n") >= 1


def test_dollars_are_no_formula(tmp_path, clothes):
    figure = reconstructions(clothes[:1], clothes[:1], labels=["$_$"], title="$_$")
    assert save(figure, tmp_path / "a.png").exists()


def test_columns_fill_their_rows():
    assert _columns(64, 28, 28) == 16
    assert _columns(8, 28, 28) == 8
    assert _columns(20, 37, 50) == 10
    assert _columns(100, 28, 28) == 10
    assert _columns(8, 700, 700) == 2
    assert _columns(8, 3000, 3000) == 1


@pytest.mark.parametrize("size", [1, 28, 200, 1500])
def test_any_size_can_be_drawn(size):
    picture = np.zeros((2, 1, size, size))
    assert drawn(reconstructions(picture, picture)).shape[1] < 4000


def test_mistakes_are_named(clothes):
    with pytest.raises(DataError, match="The originals must have the shape"):
        reconstructions(clothes[0], clothes)
    with pytest.raises(DataError, match="The reconstructions hold 784 values that are NaN"):
        reconstructions(clothes[:1], np.full((1, 1, 28, 28), np.nan))
    with pytest.raises(DataError, match=r"\(64, 1, 28, 28\), but their reconstructions \(63, 1"):
        reconstructions(clothes, clothes[1:])
    with pytest.raises(DataError, match="There are 2 labels for 64 pictures"):
        reconstructions(clothes, clothes, labels=["a", "b"])
    with pytest.raises(ReparamError, match="columns must be at least 1, not 0"):
        reconstructions(clothes, clothes, columns=0)

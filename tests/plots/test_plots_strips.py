import io

import numpy as np
import pytest
from PIL import Image

from reparam.errors import DataError, ReparamError
from reparam.plots.strips import strips


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def drawn(figure):
    """The figure's pixels as saved, and the boxes of its words."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=150)
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB")), boxes


def test_every_name_stands_in_its_order():
    x = np.zeros((2, 3, 1, 8, 8))
    figure = strips(x, ["a\n1", "b"], ["-1", "0", "1"], "Title", "first\nsecond", ends=["c", "d"])
    names = ["Title", "first", "second", "a\n1", "b", "c", "d", "-1", "0", "1"]
    assert texts(figure) == names


def test_pictures_are_drawn_whole_sharp_and_in_colour():
    x = np.random.default_rng(0).random((2, 3, 3, 7, 9))
    page, _ = drawn(strips(x, ["a", "b"], ["x", "y", "z"], "Title", apart=[1]))
    for picture in x.reshape(-1, 3, 7, 9):
        wanted = np.rint(picture * 255).astype(np.uint8).transpose(1, 2, 0)
        wanted = wanted.repeat(12, 0).repeat(12, 1)  # 112 pixels hold 9 twelve times
        corners = np.argwhere((page == wanted[0, 0]).all(-1))
        assert any(np.array_equal(page[y : y + 84, x : x + 108], wanted) for y, x in corners)


@pytest.mark.parametrize(
    ("shape", "words"), [((3, 5), "a few words"), ((2, 30), "0.123"), ((1, 2), "original")]
)
def test_no_word_lies_on_another_or_beyond_the_edge(shape, words):
    x = np.zeros((*shape, 1, 28, 28))
    rows = [f"dimension {i}\n1.23 nats" for i in range(shape[0])]
    title, note = "A title of very many words " * 5, "a note of very many words " * 5
    figure = strips(x, rows, [words] * shape[1], title, note, ends=rows, apart=[1])
    page, boxes = drawn(figure)
    height, width = page.shape[:2]
    for i, box in enumerate(boxes):
        assert 0 < box.x0 < box.x1 < width
        assert 0 < box.y0 < box.y1 < height
        assert not any(box.overlaps(other) for other in boxes[:i])


def test_what_cannot_be_drawn_is_refused():
    x = np.zeros((2, 3, 1, 8, 8))
    with pytest.raises(DataError, match="2 rows and 2 columns of names for 2 and 3"):
        strips(x, ["a", "b"], ["x", "y"], "Title")
    with pytest.raises(DataError, match=r"not \(2, 1, 8, 8\)"):
        strips(x[:, 0], ["a", "b"], ["x", "y"], "Title")
    many = np.zeros((1, 300, 1, 8, 300))
    with pytest.raises(ReparamError, match=r"draw fewer pictures or write arrays \(.npz\)"):
        strips(many, ["a"], ["x"] * 300, "Title")

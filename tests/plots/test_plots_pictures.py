import numpy as np
import pytest
from PIL import Image

from reparam.errors import DataError, ReparamError
from reparam.plots import grid, save_grid


def test_every_tile_is_where_it_should_be(clothes):
    sheet = np.asarray(grid(clothes))
    assert sheet.shape == (8 * 84 + 9 * 2, 8 * 84 + 9 * 2, 3)
    covered = np.zeros(sheet.shape[:2], bool)
    for i, picture in enumerate(clothes):
        row, column = divmod(i, 8)
        place = np.s_[2 + row * 86 : 86 + row * 86, 2 + column * 86 : 86 + column * 86]
        wanted = np.kron(picture[0], np.ones((3, 3), np.uint8))
        for channel in range(3):
            np.testing.assert_array_equal(sheet[place][..., channel], wanted)
        covered[place] = True
    assert (sheet[~covered] == 255).all()


def test_colour_columns_gap_scale_and_background(colours):
    sheet = np.asarray(grid(colours[:5], columns=3, gap=1, scale=2, background="#102030"))
    assert sheet.shape == (2 * 74 + 3, 3 * 100 + 4, 3)
    fifth = sheet[76 : 76 + 74, 102 : 102 + 100]
    wanted = np.rint(colours[4].astype(np.float32) * 255).astype(np.uint8).transpose(1, 2, 0)
    np.testing.assert_array_equal(fifth[::2, ::2], wanted)
    np.testing.assert_array_equal(fifth[1::2, 1::2], wanted)
    assert (sheet[76:, 203:] == (16, 32, 48)).all()  # where a sixth would be
    assert (sheet[:, 0] == (16, 32, 48)).all()


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((1, 1, 28, 28), (88, 88)),
        ((3, 1, 32, 32), (2 * 64 + 6, 2 * 64 + 6)),
        ((20, 3, 37, 50), (5 * 100 + 12, 4 * 74 + 10)),
        ((2, 3, 128, 96), (2 * 96 + 6, 132)),
        ((1024, 1, 28, 28), (32 * 56 + 66, 32 * 56 + 66)),  # three times would be too large
    ],
)
def test_size_without_options(shape, size):
    assert grid(np.zeros(shape, np.uint8)).size == size


def test_columns_beyond_the_pictures_are_not_drawn():
    assert grid(np.zeros((2, 1, 4, 4)), columns=10, gap=0, scale=1).size == (8, 4)


def test_rounding_noise_of_floats_is_no_mistake():
    ends = np.array([-1e-6, 1 + 1e-6], np.float32).reshape(1, 1, 1, 2)
    assert np.asarray(grid(ends, gap=0, scale=1))[0, :, 0].tolist() == [0, 255]


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (np.zeros((4, 28, 28)), r"must have the shape \(N, C, H, W\) .*, not \(4, 28, 28\)\.$"),
        (np.zeros((4, 2, 8, 8)), "with 1 or 3 channels"),
        (np.zeros((4, 28, 28, 3)), "with 1 or 3 channels"),
        (np.zeros((0, 1, 8, 8)), "are empty"),
        (np.full((1, 1, 2, 2), np.nan), "hold 4 values that are NaN or infinite"),
        (np.full((1, 1, 2, 2), np.inf), "NaN or infinite"),
        (np.full((1, 1, 2, 2), 200.0), r"floats from 200 to 200: clip or scale them to \[0, 1\]"),
        (np.full((1, 1, 2, 2), -0.1), "clip or scale"),
        (np.zeros((1, 1, 2, 2), np.int64), "floats in .* or uint8, not int64"),
    ],
)
def test_what_is_no_picture_is_named(images, sentence):
    with pytest.raises(DataError, match=sentence):
        grid(images)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"columns": 0}, "columns must be a whole number of at least 1, not 0"),
        ({"gap": -1}, "gap must be"),
        ({"scale": 1.5}, "scale must be"),
        ({"background": "whitish"}, '"whitish" is no colour'),
        ({"background": (0, 0, 256)}, "is no colour"),
    ],
)
def test_senseless_options_are_named(options, sentence):
    with pytest.raises(ReparamError, match=sentence):
        grid(np.zeros((1, 1, 2, 2)), **options)


@pytest.mark.parametrize(
    ("name", "kind", "exact"),
    [("a.png", "PNG", True), ("a.WEBP", "WEBP", True), ("a.jpg", "JPEG", False)],
)
def test_saved_in_the_format_of_the_name(tmp_path, clothes, name, kind, exact):
    path = save_grid(tmp_path / "new" / name, clothes, columns=16)
    with Image.open(path) as sheet:
        assert sheet.format == kind
        saved = np.asarray(sheet.convert("RGB"), int)
    wanted = np.asarray(grid(clothes, columns=16), int)
    assert saved.shape == wanted.shape
    assert np.abs(saved - wanted).mean() <= (0 if exact else 3)
    assert [p.name for p in path.parent.iterdir()] == [name]


def test_unknown_format_is_named_before_anything_is_drawn(tmp_path):
    with pytest.raises(ReparamError, match=r"end it in \.png, \.jpg, \.jpeg or \.webp"):
        save_grid(tmp_path / "sheet.tiff", np.zeros((1, 1, 2, 2)))
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = save_grid(tmp_path / "sheet.png", np.zeros((1, 1, 2, 2)))
    before = path.read_bytes()

    def half(self, file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", half)
    with pytest.raises(ReparamError, match=r"sheet\.png cannot be written: No space left"):
        save_grid(path, np.ones((1, 1, 2, 2)))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ReparamError, match="cannot be written"):
        save_grid(tmp_path / "file" / "sheet.png", np.zeros((1, 1, 2, 2)))


def test_a_sheet_too_long_for_its_format_is_named(tmp_path):
    with pytest.raises(ReparamError, match="WEBP ends at 16383"):
        save_grid(tmp_path / "a.webp", np.zeros((1, 1, 1, 17000)))


def test_a_folder_with_the_files_name_is_named(tmp_path):
    (tmp_path / "sheet.png").mkdir()
    with pytest.raises(ReparamError, match="cannot be written"):
        save_grid(tmp_path / "sheet.png", np.zeros((1, 1, 2, 2)))
    assert [p.name for p in tmp_path.iterdir()] == ["sheet.png"]

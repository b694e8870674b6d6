import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from reparam.data import load
from reparam.data.collection import Decoding
from reparam.data.decode import decoded
from reparam.data.folder import read_folder
from reparam.errors import DataError

RANDOM = np.random.default_rng(0)


def read_pictures(folder, *, strict=True, **how):
    return decoded(read_folder(folder), Decoding(**how), strict=strict)


def paint(place, *, shape=(6, 5), mode="RGB", value=None, **options):
    """Write a picture of one value, or of noise."""
    place.parent.mkdir(parents=True, exist_ok=True)
    full = shape if mode == "L" else (*shape, len(mode))
    pixels = RANDOM.integers(0, 256, full, np.uint8)
    if value is not None:
        pixels[...] = value
    Image.fromarray(pixels).save(place, **options)
    return pixels


def test_flat(tmp_path):
    painted = [paint(tmp_path / f"{name}.png") for name in "cab"]
    read, test = read_pictures(tmp_path)
    assert test is None
    assert read.labels is None
    assert read.schema.classes is None
    assert read.shape == (3, 6, 5)
    assert read.schema.name == tmp_path.name
    for pixels, expected in zip(read.pixels, (painted[1], painted[2], painted[0]), strict=True):
        assert np.array_equal(pixels.permute(1, 2, 0).numpy(), expected)


def test_sub_folders_are_classes(tmp_path):
    for place in ("dog/1.png", "cat/2.png", "cat/deeper/3.png", "cat/1.png"):
        paint(tmp_path / place)
    read, _ = read_pictures(tmp_path)
    assert read.schema.classes == ("cat", "dog")
    assert read.labels.tolist() == [0, 0, 0, 1]


def test_train_and_test(tmp_path):
    for place in ("train/dog/1.png", "train/cat/2.png", "test/cat/3.png", "test/dog/4.png"):
        paint(tmp_path / place, value=int(place[-5]))
    train, test = load(tmp_path)
    assert train.pixels[:, 0, 0, 0].tolist() == [2, 1]
    assert test.pixels[:, 0, 0, 0].tolist() == [3, 4]
    assert test.labels.tolist() == [0, 1]
    with pytest.raises(DataError, match="has its own test set"):
        load(tmp_path, test=0.5)


def test_train_and_test_without_classes(tmp_path):
    for place in ("train/1.png", "train/2.png", "test/3.png"):
        paint(tmp_path / place)
    train, test = load(tmp_path)
    assert (len(train), len(test), train.labels) == (2, 1, None)


@pytest.mark.parametrize(
    ("places", "telling"),
    [
        ([], "holds no pictures"),
        (["notes.txt", ".hidden.png", ".git/1.png", "cat/.DS_Store"], "holds no pictures"),
        (
            ["1.png", "cat/2.png"],
            r"both beside and inside its sub-folders \(1.png and cat/2.png\)",
        ),
        (["train/a/1.png", "test/b/1.png"], r"same classes \(a and b\)"),
        (["train/a/1.png", "test/1.png"], r"same classes \(a and none\)"),
        (["train/1.png", "test/1.png", "val/1.png"], "pictures in val that belong to neither"),
        (["train/1.png", "test/1.png", "1.png"], "pictures in itself that belong to neither"),
        (["train/1.png", "test/notes.txt"], "test holds no pictures"),
    ],
)
def test_folders_refused(tmp_path, places, telling):
    for place in places:
        if place.endswith("png"):
            paint(tmp_path / place)
        else:
            (tmp_path / place).parent.mkdir(exist_ok=True)
            (tmp_path / place).write_text("text")
    with pytest.raises(DataError, match=telling):
        read_pictures(tmp_path)


def test_what_is_no_picture_is_passed_over(tmp_path):
    paint(tmp_path / "1.png")
    paint(tmp_path / ".hidden.png", shape=(9, 9))
    (tmp_path / "README.txt").write_text("text")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX/._1.png").write_bytes(b"no picture")
    assert len(read_pictures(tmp_path)[0]) == 1


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPEG", "webp", "bmp", "tif", "TIFF"])
def test_formats(tmp_path, suffix):
    paint(tmp_path / f"1.{suffix}", value=120)
    (read, _) = read_pictures(tmp_path)
    assert read.shape == (3, 6, 5)
    assert (read.pixels.float() - 120).abs().max() <= 2


def test_grey_only_where_all_are_grey(tmp_path):
    paint(tmp_path / "1.png", mode="L", value=7)
    Image.new("1", (5, 6), 1).save(tmp_path / "2.png")
    Image.new("LA", (5, 6), (9, 255)).save(tmp_path / "3.png")
    read, _ = read_pictures(tmp_path)
    assert read.shape == (1, 6, 5)
    assert read.pixels[:, 0, 0, 0].tolist() == [7, 255, 9]
    paint(tmp_path / "4.png", mode="RGB")
    read, _ = read_pictures(tmp_path)
    assert read.shape == (3, 6, 5)
    assert read.pixels[0].unique().tolist() == [7]


def test_sixteen_bits(tmp_path):
    numbers = np.array([[0, 65535], [257, 32896]], np.uint16)
    for name in ("1.png", "2.tif"):
        Image.fromarray(numbers).save(tmp_path / name)
    read, _ = read_pictures(tmp_path)
    for pixels in read.pixels:
        assert pixels.flatten().tolist() == [0, 255, 1, 128]


def test_thirty_two_bits_are_refused(tmp_path):
    Image.fromarray(np.zeros((2, 2), np.float32)).save(tmp_path / "1.tif")
    with pytest.raises(DataError, match=r"1.tif \(its pixels have 32 bits"):
        read_pictures(tmp_path)


def test_transparency_becomes_white(tmp_path):
    picture = Image.new("RGBA", (2, 1), (10, 20, 30, 255))
    picture.putpixel((1, 0), (10, 20, 30, 0))
    picture.save(tmp_path / "1.png")
    palette = Image.new("P", (2, 1), 0)
    palette.putpalette([10, 20, 30, 1, 2, 3])
    palette.putpixel((1, 0), 1)
    palette.save(tmp_path / "2.png", transparency=1)
    read, _ = read_pictures(tmp_path)
    for pixels in read.pixels:
        assert pixels[:, 0, 0].tolist() == [10, 20, 30]
        assert pixels[:, 0, 1].tolist() == [255, 255, 255]


def test_a_palette_gives_its_colours(tmp_path):
    palette = Image.new("P", (3, 2), 1)
    palette.putpalette([0, 0, 0, 200, 100, 50])
    palette.save(tmp_path / "1.png")
    read, _ = read_pictures(tmp_path)
    assert read.pixels[0, :, 1, 2].tolist() == [200, 100, 50]


def test_exif_orientation(tmp_path):
    painted = RANDOM.integers(0, 256, (4, 7, 3), np.uint8)
    upright = Image.fromarray(painted)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise
    upright.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    upright.save(tmp_path / "upright.png")
    read, _ = read_pictures(tmp_path)
    assert read.shape == (3, 4, 7)
    for pixels in read.pixels:
        assert np.array_equal(pixels.permute(1, 2, 0).numpy(), painted)


def test_mixed_sizes_name_two_files_and_the_usual_size(tmp_path):
    for name, shape in (("a", (6, 5)), ("b", (9, 4)), ("c", (9, 4)), ("d", (2, 2))):
        paint(tmp_path / f"{name}.png", shape=shape)
    telling = r"3 sizes, such as 9 x 4 .*b.png\) and 6 x 5 \(.*a.png\).*--size 9 4 .*size=\(9, 4\)"
    with pytest.raises(DataError, match=telling):
        read_pictures(tmp_path)
    read, _ = read_pictures(tmp_path, size=(9, 4))
    assert read.shape == (3, 9, 4)
    assert read.schema.options == {"size": (9, 4)}


def test_stretching_averages(tmp_path):
    board = (np.indices((40, 40)).sum(0) % 2 * 255).astype(np.uint8)
    Image.fromarray(board).save(tmp_path / "1.png")
    read, _ = read_pictures(tmp_path, size=(5, 5))
    assert (read.pixels.float() - 127.5).abs().max() < 12


@pytest.mark.parametrize("size", [(0, 5), (5,), (5, 5, 3)])
def test_sizes_refused(tmp_path, size):
    paint(tmp_path / "1.png")
    with pytest.raises(DataError, match="give the height and the width in pixels"):
        read_pictures(tmp_path, size=size)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp", "tif"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.6])
def test_broken_files_are_named(tmp_path, suffix, kept):
    paint(tmp_path / "good.png", shape=(64, 64))
    for name in ("bad", "worse"):
        bad = tmp_path / f"{name}.{suffix}"
        paint(bad, shape=(64, 64))
        content = bad.read_bytes()
        bad.write_bytes(content[: int(kept * len(content))])
    telling = rf"2 of 3 pictures in .* cannot be read: bad.{suffix} \(.+\), worse.{suffix} \(.+\)"
    with pytest.raises(DataError, match=telling):
        read_pictures(tmp_path)
    with pytest.warns(UserWarning, match="2 of 3 pictures .* are left out"):
        read, _ = read_pictures(tmp_path, strict=False)
    assert len(read) == 1


def test_an_empty_file_says_so(tmp_path):
    (tmp_path / "1.jpg").touch()
    with pytest.raises(DataError, match=r"1.jpg \(it is empty\)"):
        read_pictures(tmp_path)


def test_text_by_the_name_of_a_picture(tmp_path):
    (tmp_path / "1.jpg").write_text("<html>")
    with pytest.raises(DataError, match=r"1.jpg \(it is no picture of a kind"):
        read_pictures(tmp_path)


def chunk(kind, content):
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


@pytest.mark.parametrize("side", [10_000, 60_000])
def test_decompression_bombs(tmp_path, side):
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    with pytest.raises(DataError, match=r"bomb.png \(it has more than 89,478,485 pixels"):
        read_pictures(tmp_path)


def test_links_stay_within_the_folder(tmp_path):
    outside = tmp_path / "outside"
    paint(outside / "secret.png", shape=(9, 9))
    folder = tmp_path / "inside"
    paint(folder / "1.png")
    os.symlink(outside / "secret.png", folder / "2.png")
    os.symlink(outside, folder / "more")
    os.symlink(folder / "1.png", folder / "3.png")
    os.symlink(folder / "gone.png", folder / "4.png")
    read, _ = read_pictures(folder)
    assert len(read) == 2
    linked = tmp_path / "linked"
    linked.symlink_to(folder)
    assert len(read_pictures(linked)[0]) == 2


def test_all_broken_is_refused_even_if_some_may_be_left_out(tmp_path):
    (tmp_path / "1.png").touch()
    with pytest.raises(DataError, match=r"1 of 1 pictures .* 1.png \(it is empty\)"):
        read_pictures(tmp_path, strict=False)


def test_labels_and_parts_follow_what_is_left_out(tmp_path):
    for place in (
        "train/a/1.png",
        "train/b/2.png",
        "train/b/3.png",
        "test/a/4.png",
        "test/b/5.png",
    ):
        paint(tmp_path / place, value=int(place[-5]))
    (tmp_path / "train/b/2.png").write_bytes(b"")
    with pytest.warns(UserWarning, match=r"train/b/2.png \(it is empty\)"):
        train, test = read_pictures(tmp_path, strict=False)
    assert train.pixels[:, 0, 0, 0].tolist() == [1, 3]
    assert train.labels.tolist() == [0, 1]
    assert test.pixels[:, 0, 0, 0].tolist() == [4, 5]


def stripes(place, shape, *, upright):
    """Dark in the middle third, light around it."""
    pixels = np.full((*shape, 3), 255, np.uint8)
    axis = pixels.swapaxes(0, 1) if upright else pixels
    third = len(axis) // 3
    axis[third : 2 * third] = 0
    Image.fromarray(pixels).save(place)


def test_the_three_fits(tmp_path):
    stripes(tmp_path / "wide.png", (10, 30), upright=True)
    crop, pad, stretch = (
        read_pictures(tmp_path, size=(10, 10), fit=fit, background="#ff0000")[0].pixels[0]
        for fit in ("crop", "pad", "stretch")
    )
    assert crop.max() == 0  # the middle third is all that is left
    assert pad[:, 0, 0].tolist() == [255, 0, 0]  # red above
    assert pad[:, 5, 0].tolist() == [255, 255, 255]
    assert pad[:, 5, 5].tolist() == [0, 0, 0]
    assert stretch[0, 5, 0] == 255
    assert stretch[0, 5, 5] == 0
    default = read_pictures(tmp_path, size=(10, 10))[0].pixels[0]
    assert default.equal(stretch)


def test_a_grey_background(tmp_path):
    Image.new("LA", (4, 2), (9, 0)).save(tmp_path / "1.png")
    read, _ = read_pictures(tmp_path, size=(4, 4), fit="pad", background="black")
    assert read.shape == (1, 4, 4)
    assert read.pixels.max() == 0


@pytest.mark.parametrize(
    ("how", "telling"),
    [
        ({"fit": "crop"}, r"fit='crop' has no effect without a size"),
        ({"fit": "squeeze", "size": (4, 4)}, "there is no fit 'squeeze': give one of crop, pad"),
        ({"background": "transparent-ish"}, "there is no colour 'transparent-ish'"),
    ],
)
def test_decodings_refused(how, telling):
    with pytest.raises(DataError, match=telling):
        Decoding(**how)

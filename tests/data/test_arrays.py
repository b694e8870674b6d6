import numpy as np
import pytest
import torch

from reparam.data import load
from reparam.data.arrays import from_array
from reparam.data.layout import resolve
from reparam.errors import DataError


def zeros(*shape, dtype=np.uint8):
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    ("shape", "layout", "last", "axes"),
    [
        ((9, 28, 28), None, True, "NHW"),
        ((9, 37, 50, 3), None, True, "NHWC"),
        ((9, 37, 50, 1), None, True, "NHWC"),
        ((9, 3, 37, 50), None, False, "NCHW"),
        ((9, 1, 37, 50), None, False, "NCHW"),
        ((9, 784), None, True, "ND"),
        ((9, 3, 37, 50), "NCHW", True, "NCHW"),
        ((9, 37, 50, 3), "NHWC", False, "NHWC"),
        ((9, 3, 32, 3), "NCHW", True, "NCHW"),
        ((9, 3, 32, 3), "NHWC", True, "NHWC"),
        ((9, 3, 32), "NHW", False, "NHW"),
    ],
)
def test_axes(shape, layout, last, axes):
    assert resolve(shape, layout, channels_last=last) == axes


@pytest.mark.parametrize(
    ("shape", "layout", "last", "telling"),
    [
        ((9, 3, 32, 3), None, True, "may be NHWC or NCHW"),
        ((9, 1, 32, 3), None, False, "may be NHWC or NCHW"),
        ((9, 3, 37, 50), None, True, "looks like NCHW: say layout='NCHW'"),
        ((9, 37, 50, 3), None, False, "looks like NHWC: say layout='NHWC'"),
        ((9, 37, 50, 4), None, True, r"4 channels: drop the transparency first \(x\[..., :3\]\)"),
        ((9, 4, 37, 50), None, False, r"4 channels: drop the transparency first \(x\[:, :3\]\)"),
        ((9, 37, 50, 4), "NHWC", True, "drop the transparency"),
        ((9, 37, 50, 7), None, True, "7 channels: give 1 channel for grey or 3"),
        ((9, 37, 50, 7), "NHWC", True, "7 channels"),
        ((9, 37, 50, 3), "NCHW", True, "37 channels"),
        ((9, 28, 28), "NHWC", True, "has 4 axes and the array's shape is"),
        ((9, 784), "NHW", True, "has 3 axes"),
        ((9, 28, 28), "HWN", True, "no layout 'HWN': give one of NHW, NHWC, NCHW"),
        ((9,), None, True, r"shape is \(9,\)"),
        ((), None, True, r"shape is \(\)"),
        ((1, 2, 3, 4, 5), None, True, "give"),
    ],
)
def test_axes_that_cannot_be_told(shape, layout, last, telling):
    with pytest.raises(DataError, match=telling):
        resolve(shape, layout, channels_last=last)


def test_pixels_keep_their_places():
    numbers = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
    read = from_array(numbers)
    assert read.shape == (3, 4, 5)
    assert read.pixels[1, 2, 3, 4] == numbers[1, 3, 4, 2]
    first = from_array(torch.from_numpy(numbers.transpose(0, 3, 1, 2).copy()))
    assert torch.equal(first.pixels, read.pixels)
    told = from_array(numbers.transpose(0, 3, 1, 2), layout="NCHW")
    assert torch.equal(told.pixels, read.pixels)


def test_kinds_of_numbers():
    assert from_array(zeros(2, 4, 4)).schema.dtype == "uint8"
    for dtype in (np.float16, np.float32, np.float64):
        read = from_array(np.full((2, 4, 4), 0.5, dtype))
        assert read.schema.dtype == "float32"
        assert read.tensor().unique().item() == 0.5
    assert from_array(np.eye(4, dtype=bool)[None]).tensor().sum() == 4
    assert from_array(torch.eye(4, dtype=torch.bool)[None]).tensor().sum() == 4
    assert from_array(torch.full((2, 4, 4), 0.5, dtype=torch.bfloat16)).tensor().max() == 0.5
    assert from_array(torch.full((2, 3), 0.5, requires_grad=True)).pixels.requires_grad is False


def test_vectors():
    read = from_array(np.linspace(0, 1, 12).reshape(4, 3))
    assert (read.schema.kind, read.shape) == ("vectors", (3,))


def test_arrays_that_torch_would_not_take():
    backwards = zeros(3, 4, 4)[::-1, :, ::-1]
    assert len(from_array(backwards)) == 3
    frozen = zeros(3, 4, 4)
    frozen.flags.writeable = False
    assert len(from_array(frozen)) == 3
    big_endian = np.full((3, 4, 4), 0.25, ">f8")
    assert from_array(big_endian).tensor().max() == 0.25


@pytest.mark.parametrize(
    ("array", "telling"),
    [
        (zeros(3, 4, 4, dtype=np.int64), r"pixels are int64: .* x.astype\('uint8'\)"),
        (torch.zeros(3, 4, 4, dtype=torch.int32), r"torch.int32: .* x.to\(torch.uint8\)"),
        (torch.zeros(3, 4, 4, dtype=torch.uint16), r"x.to\(torch.uint8\)"),
        (zeros(3, 4, 4, dtype=np.complex64), "pixels are complex64: give uint8, or floats"),
        (torch.zeros(3, 4, 4, dtype=torch.complex64), "complex64: give uint8, or floats"),
        (zeros(3, 4, 4, dtype="U1"), "give uint8, or floats"),
        (zeros(3, 4, 4, dtype=object), "holds objects"),
        (zeros(0, 4, 4), "at least one item"),
        (zeros(3, 0, 4), "at least one item"),
        (np.full((3, 4, 4), 255.0), r"pixel \(0, 0, 0, 0\) is 255"),
        (np.full((3, 4, 4), 1e300), r"pixel \(0, 0, 0, 0\) is inf"),
        (np.full((3, 4, 4), np.nan), r"pixel \(0, 0, 0, 0\) is nan"),
    ],
)
def test_pixels_refused(array, telling):
    with pytest.raises(DataError, match=telling):
        load(array)


def test_the_offending_pixel_is_named():
    array = np.zeros((5, 6, 7))
    array[3, 2, 1] = -0.125
    with pytest.raises(DataError, match=r"pixel \(3, 0, 2, 1\) is -0.125"):
        load(array)


@pytest.mark.parametrize("labels", [[0, 1, 2], (0, 1, 2), np.arange(3, dtype=np.uint8)])
def test_labels(labels):
    assert from_array(zeros(3, 4, 4), labels).labels.tolist() == [0, 1, 2]
    assert from_array(zeros(3, 4, 4), torch.tensor([2, -1, 0])).labels.tolist() == [2, -1, 0]


@pytest.mark.parametrize(
    ("labels", "telling"),
    [
        ([0.0, 1.0, 2.0], "labels are float64"),
        (torch.zeros(3), "labels are torch.float32"),
        (["a", "b", "c"], "labels are <U1"),
        ([0, 1], r"3 items and labels of shape \(2,\)"),
        (np.eye(3, dtype=int), r"3 items and labels of shape \(3, 3\)"),
    ],
)
def test_labels_refused(labels, telling):
    with pytest.raises(DataError, match=telling):
        load(zeros(3, 4, 4), labels=labels)

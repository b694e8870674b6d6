"""Figures of planes, tiles, networks and numbers show what they are given."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from reparam.plots.numbers import bars, histograms
from reparam.plots.plane import apart, limits, overlay, planes
from reparam.plots.sheet import sheet
from reparam.plots.tiles import decoded_grids, mosaic
from reparam.plots.transposed import transposed_steps


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_the_last_step_is_torchs_transposed_convolution(stride):
    torch.manual_seed(0)
    x, kernel = torch.randn(3, 4), torch.randn(3, 3)
    theirs = F.conv_transpose2d(x[None, None], kernel[None, None], stride=stride)[0, 0]
    steps = transposed_steps(x.numpy(), kernel.numpy(), stride)
    assert len(steps) == 12
    np.testing.assert_allclose(steps[-1], theirs, atol=1e-5)


def test_each_step_adds_one_kernel():
    x, kernel = np.arange(1.0, 5.0).reshape(2, 2), np.ones((3, 3))
    steps = transposed_steps(x, kernel, 2)
    sizes = [(b - a).sum() for a, b in zip([0 * steps[0], *steps], steps, strict=False)]
    assert sizes == [9, 18, 27, 36]


def test_a_mosaic_has_its_first_row_at_the_bottom():
    tiles = np.zeros((2, 3, 1, 4, 5))
    tiles[0, 2] = 1
    whole = mosaic(tiles)
    assert whole[4:, 10:].all()
    assert whole.sum() == 20


def test_planes_share_a_frame_if_asked_to():
    z = np.random.default_rng(0).normal(size=(100, 2))
    frame = limits(np.concatenate([z, 9 * z]))
    one = planes([z, 9 * z], ["a", "b"], frame=frame)
    assert one.axes[0].get_xlim() == one.axes[1].get_xlim() == frame[0]
    own = planes([z, 9 * z], ["a", "b"])
    assert own.axes[0].get_xlim() != own.axes[1].get_xlim()


def test_limits_are_square_and_hold_the_codes():
    z = np.random.default_rng(0).normal(size=(5000, 2)) * [9, 1] + [100, 0]
    (left, right), (low, high) = limits(z)
    assert right - left == pytest.approx(high - low)
    inside = (z[:, 0] > left) & (z[:, 0] < right) & (z[:, 1] > low) & (z[:, 1] < high)
    assert inside.mean() > 0.99


def test_overlaid_pictures_lie_at_their_coordinates():
    z = np.random.default_rng(0).normal(size=(50, 2))
    figure = overlay(z, z[:4], np.zeros((4, 1, 3, 3)), np.zeros(50, int), "four")
    for picture, place in zip(figure.axes[0].images, z[:4], strict=True):
        left, right, low, high = picture.get_extent()
        np.testing.assert_allclose([(left + right) / 2, (low + high) / 2], place)


def test_words_do_not_lie_on_each_other():
    places = np.array([[0.0, 0.0], [0.1, 0.01], [0.2, -0.01], [5.0, 0.0]])
    moved = apart(places, 0.1)
    heights = np.sort(moved[:3, 1])
    assert np.diff(heights).min() > 0.099
    assert moved[3].tolist() == [5.0, 0.0]


def test_ticks_of_a_grid_are_its_coordinates():
    at = np.array([-1.0, 0.0, 2.5])
    figure = decoded_grids([np.zeros((3, 3, 1, 2, 2))], [(at, at)], ["one"], ["z{}"])
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["-1", "0", "2.5"]


def test_bars_show_values_and_intervals():
    figure = bars({"a": {"x": (2.0, 1.5, 3.0)}, "b": {"x": (1.0, 1.0, 1.0)}}, "size", "two")
    assert [patch.get_height() for patch in figure.axes[0].patches] == [2.0, 1.0]
    (segment,) = figure.axes[0].collections[0].get_segments()
    assert segment[:, 1].tolist() == [1.5, 3.0]


def test_histograms_share_their_axis():
    rng = np.random.default_rng(0)
    figure = histograms({"a": rng.normal(size=(99, 2)), "b": 9 * rng.normal(size=(99, 3))})
    shown = [axes for axes in figure.axes if axes.axison]
    assert len({axes.get_xlim() for axes in shown}) == 1
    assert len(shown) == 5


def test_a_sheet_names_rows_and_columns():
    figure = sheet({"up": np.zeros((2, 1, 3, 3)), "down": np.ones((2, 1, 3, 3))}, "ab", "four")
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["up", "down"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a", "b"]
    assert len(axes.images) == 4

"""Errors, sharpness and detail of pictures whose answers are known."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from reparam.metrics.neighbours import nearest_error
from reparam.metrics.pictures import (
    fine_detail,
    greyness,
    pca_reconstructions,
    sharpness,
    squared_error,
)


@pytest.fixture
def pictures():
    return np.random.default_rng(0).random((40, 1, 8, 8))


def test_pca_is_scikit_learns_clipped(pictures):
    flat = pictures.reshape(40, -1)
    model = PCA(5, random_state=0).fit(flat)
    ours = pca_reconstructions(pictures, pictures, 5)
    theirs = model.inverse_transform(model.transform(flat)).clip(0, 1)
    np.testing.assert_allclose(ours.reshape(40, -1), theirs, atol=1e-9)


def test_more_components_lose_less(pictures):
    errors = [
        squared_error(pictures, pca_reconstructions(pictures, pictures, n)).mean()
        for n in (1, 5, 20)
    ]
    assert errors[0] > errors[1] > errors[2]


def test_blurring_takes_sharpness_and_detail():
    board = np.kron(np.indices((7, 7)).sum(0) % 2, np.ones((4, 4)))[None, None]
    soft = (board + np.roll(board, 1, 2) + np.roll(board, 1, 3) + np.roll(board, 2, 2)) / 4
    assert sharpness(soft) < 0.8 * sharpness(board)
    assert fine_detail(soft) < 0.8 * fine_detail(board)
    assert greyness(soft) > greyness(board) == 0


def test_fine_detail_is_parsevals(pictures):
    """All frequencies together are the root mean square; fine ones and coarse ones add up."""
    rows = np.fft.fftfreq(8)
    coarse = np.hypot(rows[:, None], rows) <= 0.25
    spectrum = np.fft.fft2(pictures) * coarse
    smooth = np.fft.ifft2(spectrum).real
    assert np.allclose(fine_detail(smooth), 0, atol=1e-12)
    total = np.square(pictures).mean((1, 2, 3))
    parts = np.square(fine_detail(pictures)) + np.square(smooth).mean((1, 2, 3))
    np.testing.assert_allclose(parts, total)


def test_the_nearest_picture_is_found(pictures):
    found = nearest_error(pictures[:3] + 0.01, pictures)
    np.testing.assert_allclose(found, 0.01)

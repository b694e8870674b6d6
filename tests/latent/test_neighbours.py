"""The nearest of some codes to others."""

import pytest
import torch

from reparam.errors import CompositionError
from reparam.latent import nearest


def test_neighbours_are_those_of_all_distances():
    z, reference = torch.randn(20, 3), torch.randn(50, 3)
    distances, which = nearest(z, reference, k=7)
    expected = torch.cdist(z, reference).sort(1)
    assert torch.equal(which, expected.indices[:, :7])
    torch.testing.assert_close(distances.float(), expected.values[:, :7], atol=1e-5, rtol=1e-5)


def test_a_code_is_its_own_nearest():
    z = torch.randn(30, 40)
    distances, which = nearest(z, z, k=2)
    assert torch.equal(which[:, 0], torch.arange(30))
    assert distances[:, 0].max() < 1e-3 < distances[:, 1].min()


def test_codes_of_several_axes_are_compared_whole():
    z, reference = torch.randn(4, 2, 3), torch.randn(9, 2, 3)
    found, flat = nearest(z, reference, 3), nearest(z.flatten(1), reference.flatten(1), 3)
    assert torch.equal(found[1], flat[1])


@pytest.mark.parametrize(
    ("shape", "k", "sentence"),
    [
        ((3, 4), 2, r"codes of \(5, 2\) have no neighbours among codes of \(3, 4\)"),
        ((3, 2), 4, "a reference of 3 items has no 4 nearest: give more"),
        ((3, 2), 0, "0 nearest were asked for"),
    ],
)
def test_what_has_no_neighbours_is_refused(shape, k, sentence):
    with pytest.raises(CompositionError, match=sentence):
        nearest(torch.zeros(5, 2), torch.zeros(shape), k)

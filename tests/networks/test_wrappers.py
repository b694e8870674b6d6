"""Networks around networks, noise before them and what a critic shows, against their formulas."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from reparam.errors import CompositionError
from reparam.networks import (
    MLP,
    ConvolutionalDecoder,
    GaussianNoise,
    LabelTable,
    MaskingNoise,
    PictureCritic,
    SpectralNorm,
    TopK,
    WithLabels,
)
from reparam.objectives import frozen
from reparam.registry import build, describe
from reparam.zoo import k_sparse_autoencoder, rae_sn


@pytest.mark.parametrize("active", [1, 3, 7, 20])
def test_only_the_largest_are_kept_with_their_signs(active):
    x = torch.randn(50, 7)
    found = TopK(nn.Identity(), active)(x).numpy()
    expected = np.zeros_like(found)
    for row, values in zip(expected, x.numpy(), strict=True):
        largest = np.argsort(values)[::-1][:active]
        row[largest] = values[largest]
    np.testing.assert_array_equal(found, expected)


def test_the_kept_ones_alone_have_gradients():
    x = torch.tensor([[1.0, 3.0, -2.0, 2.0]], requires_grad=True)
    (TopK(nn.Identity(), 2)(x) * torch.tensor([2.0, 3, 4, 5])).sum().backward()
    assert x.grad.tolist() == [[0, 3, 0, 5]]
    with pytest.raises(CompositionError, match="active must be at least 1, not 0"):
        TopK(nn.Identity(), 0)


def test_a_k_sparse_autoencoders_codes_are_few():
    model, _ = k_sparse_autoencoder((6,), latent=8, active=3, widths=[5])
    codes = model.encode(torch.rand(20, 6))
    assert ((codes != 0).sum(1) == 3).all()


def settled(module):
    """After many training passes the norm has caught up with weights that stand still."""
    module.train()
    for _ in range(200):
        for layer in module.modules():
            if hasattr(layer, "parametrizations"):
                _ = layer.weight
    return module.eval()


def test_each_layer_is_divided_by_its_largest_singular_value():
    network = MLP(5, 3, hidden=[7, 4]).double()
    before = [layer.weight.detach().clone() for layer in network if isinstance(layer, nn.Linear)]
    biases = [layer.bias for layer in network if isinstance(layer, nn.Linear)]
    wrapped = settled(SpectralNorm(network))
    layers = [layer for layer in wrapped.network if isinstance(layer, nn.Linear)]
    for layer, weight, bias in zip(layers, before, biases, strict=True):
        torch.testing.assert_close(layer.weight, weight / torch.linalg.matrix_norm(weight, 2))
        assert layer.bias is bias


def test_convolutions_are_divided_by_the_norm_of_their_weights_as_a_matrix():
    """With the channels that go out for rows, of a transposed one too."""
    torch.manual_seed(1)
    wrapped = settled(SpectralNorm(ConvolutionalDecoder(2, (1, 9, 8), widths=[4, 6])).double())
    found = 0
    for layer in wrapped.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            rows = 1 if isinstance(layer, nn.ConvTranspose2d) else 0
            matrix = layer.weight.movedim(rows, 0).flatten(1)
            assert torch.linalg.matrix_norm(matrix, 2).item() == pytest.approx(1, abs=1e-4)
            found += 1
    assert found > 1


def test_a_network_of_dense_layers_stretches_nothing():
    wrapped = settled(SpectralNorm(MLP(5, 3, hidden=[7])).double())
    a, b = torch.randn(2, 500, 5).double()
    stretch = (wrapped(a) - wrapped(b)).norm(dim=1) / (a - b).norm(dim=1)
    assert stretch.max() <= 1 + 1e-6
    assert stretch.max() > 0.3


def test_the_norm_follows_the_weights_while_training_and_stands_still_otherwise():
    wrapped = SpectralNorm(nn.Linear(4, 4, bias=False))
    x = torch.randn(3, 4)
    settled(wrapped)
    with torch.no_grad():
        wrapped.network.parametrizations.weight.original.add_(torch.randn(4, 4))
    first, second = wrapped(x), wrapped(x)
    assert torch.equal(first, second)
    wrapped.train()(x)
    assert not torch.equal(wrapped.eval()(x), first)


def test_the_norm_lets_gradients_through_and_frozen_weights_stay_as_they_are():
    wrapped, x = SpectralNorm(nn.Linear(4, 4)), torch.randn(3, 4, requires_grad=True)
    frozen(wrapped, x).sum().backward()
    assert x.grad.any()
    assert all(p.grad is None for p in wrapped.parameters())
    wrapped(x).sum().backward()
    assert all(p.grad.any() for p in wrapped.parameters())


def test_a_spectral_norm_needs_a_layer_and_is_built_again():
    with pytest.raises(CompositionError, match="needs a network with dense"):
        SpectralNorm(nn.Sequential(nn.ReLU()))
    model = rae_sn((6,), latent=2, widths=[4]).model
    again = build(json.loads(json.dumps(describe(model))))
    again.load_state_dict(model.state_dict())
    x = torch.rand(3, 6)
    assert torch.equal(again.reconstruct(x), model.reconstruct(x))


class Beside(nn.Module):
    """The input and what comes with it, side by side."""

    def forward(self, x, y):
        return torch.cat([x, y], 1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_labels_become_ones_among_zeros(dtype):
    x, labels = torch.rand(4, 2, dtype=dtype), torch.tensor([2, 0, 1, 2])
    found = WithLabels(Beside(), 3)(x, labels)
    expected = [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert found.dtype is dtype
    torch.testing.assert_close(found, torch.cat([x, torch.tensor(expected, dtype=dtype)], 1))


def test_a_table_gives_each_label_its_row_and_the_row_its_gradient():
    table = LabelTable(4, 3)
    labels = torch.tensor([2, 0, 2])
    rows = table(labels)
    for row, label in zip(rows, labels, strict=True):
        assert torch.equal(row, table.table[label])
    assert not torch.equal(rows[0], rows[1])
    rows.sum().backward()
    assert table.table.grad.tolist() == [[1.0] * 3, [0.0] * 3, [2.0] * 3, [0.0] * 3]


@pytest.mark.parametrize("part", [0.1, 0.25, 0.8])
def test_masking_sets_its_share_of_the_pixels_to_zero(part):
    noise, x = MaskingNoise(part), torch.rand(40, 3, 20, 20) + 0.5
    seen = noise(x)
    gone = seen == 0
    assert torch.equal(seen[~gone], x[~gone])
    error = (part * (1 - part) / x.numel()) ** 0.5
    assert (gone.double().mean().item() - part) == pytest.approx(0, abs=4 * error)
    assert (gone.float().flatten(1).mean(1) - part).abs().max() < 0.07
    assert not torch.equal(noise(x), seen)
    assert noise.eval()(x) is x


@pytest.mark.parametrize("sigma", [0.1, 0.5])
def test_gaussian_noise_has_its_spread(sigma):
    noise, x = GaussianNoise(sigma), torch.rand(40, 3, 20, 20).double()
    added = noise(x) - x
    error = sigma / x.numel() ** 0.5
    assert added.mean().abs() < 4 * error
    assert (added.std() - sigma).abs() < 4 * error
    assert added.dtype is torch.float64
    assert noise.eval()(x) is x


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.5, 2.0])
def test_noise_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(CompositionError, match=f"between 0 and 1, not {wrong}"):
        MaskingNoise(wrong)
    with pytest.raises(CompositionError, match="sigma must be positive"):
        GaussianNoise(-abs(wrong))


@pytest.mark.parametrize(
    ("shape", "widths", "features"),
    [((1, 9, 8), (4, 6), (6, 3, 2)), ((3, 28, 28), (8,), (8, 14, 14)), ((7,), (5, 4), (4,))],
)
def test_a_critics_logits_are_linear_in_the_features_that_it_shows(shape, widths, features):
    critic, x = PictureCritic(shape, widths), torch.rand(6, *shape)
    logits, shown = critic(x)
    assert (logits.shape, shown.shape) == ((6, 1), (6, *features))
    dense = critic.judge[-1]
    expected = shown.flatten(1) @ dense.weight.T + dense.bias
    torch.testing.assert_close(logits, expected)
    assert shown.min() < 0 < shown.max()
    each = torch.cat([critic(one[None])[0] for one in x])
    torch.testing.assert_close(each, logits, rtol=1e-4, atol=1e-5)

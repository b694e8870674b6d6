"""Our arrangement of convolutions against torch's own."""

import pytest
import torch
from torch import nn

from reparam.networks import ConvolutionalDecoder, ConvolutionalEncoder
from reparam.networks.convolution import Convolution, TransposedConvolution, patches

SIZES = [(1, 16, 28, 28), (3, 8, 37, 50), (32, 64, 7, 7), (12, 1, 5, 9)]


def both(kind, before, after, *size):
    """Ours and torch's with the same weights, and an input for each."""
    if kind == "convolution":
        ours, theirs = Convolution(before, after), nn.Conv2d(before, after, 3, 2, 1)
    else:
        ours = TransposedConvolution(before, after, (1, 0))
        theirs = nn.ConvTranspose2d(before, after, 3, 2, 1, (1, 0))
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(6, before, *size)
    return ours, theirs, x.clone().requires_grad_(), x.clone().requires_grad_()


def gradients(layer, x, short=False):
    with torch.autocast("cpu", torch.bfloat16, enabled=short):
        y = layer(x)
    weights = torch.linspace(0.5, 1.5, y.numel()).reshape(y.shape)
    (y.float() * weights).mean().backward()
    return y, {"x": x.grad, **{name: p.grad for name, p in layer.named_parameters()}}


@pytest.mark.parametrize("kind", ["convolution", "transposed"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_values_and_gradients_are_torchs(kind, sizes):
    ours, theirs, left, right = both(kind, *sizes)
    y, found = gradients(ours, left)
    expected, wanted = gradients(theirs, right)
    torch.testing.assert_close(y, expected, rtol=1e-4, atol=1e-5)
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-3, atol=1e-5, msg=name)


@pytest.mark.parametrize("kind", ["convolution", "transposed"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_in_bfloat16_they_are_rounded(kind, sizes):
    ours, theirs, left, right = both(kind, *sizes)
    y, found = gradients(ours, left, short=True)
    expected, wanted = gradients(theirs, right)
    assert y.dtype == torch.bfloat16
    assert (y - expected).norm() < 0.01 * expected.norm()
    for name, gradient in wanted.items():
        assert found[name].dtype == torch.float32
        assert (found[name] - gradient).norm() < 0.02 * gradient.norm(), name


def test_patches_are_torchs():
    x = torch.rand(2, 5, 7, 9)
    found = patches(x.contiguous(memory_format=torch.channels_last), 4, 5, 2)
    expected = nn.functional.unfold(x, 3, padding=1, stride=2)
    expected = expected.unflatten(1, (5, 9)).permute(0, 3, 2, 1).reshape(2 * 4 * 5, 9 * 5)
    assert torch.equal(found, expected)


def test_weights_lie_channels_last_and_are_saved_as_ever(tmp_path):
    from reparam import load, save, zoo

    model, _ = zoo.vae((1, 28, 28), latent=2)
    weight = model.posterior.network.levels[2].weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    again = load(save(tmp_path, model)).model
    assert torch.equal(again.posterior.network.levels[2].weight, weight)
    assert again.posterior.network.levels[2].weight.stride() == weight.stride()


def test_double_gradients_in_float32_and_a_refusal_in_bfloat16():
    layer, x = Convolution(9, 4), torch.rand(2, 9, 6, 6, requires_grad=True)
    (slope,) = torch.autograd.grad(layer(x).square().sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert layer.weight.grad.abs().sum() > 0
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x).float().square().sum()
    (slope,) = torch.autograd.grad(y, x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        slope.square().sum().backward()


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 37, 50)])
def test_a_network_in_bfloat16_sees_what_it_sees_in_float32(shape):
    encoder, decoder = ConvolutionalEncoder(shape, 8), ConvolutionalDecoder(8, shape)
    x = torch.rand(4, *shape)
    whole = decoder(encoder(x))
    with torch.autocast("cpu", torch.bfloat16):
        short = decoder(encoder(x))
    assert short.shape == whole.shape == x.shape
    assert (short - whole).norm() < 0.03 * whole.norm()

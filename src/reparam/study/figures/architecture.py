"""The two models' networks, drawn from their own layers, and a transposed convolution."""

import math
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor, nn

from reparam.conditional import Conditional
from reparam.inference import inference
from reparam.plots.schematic import Block, schematic
from reparam.plots.transposed import transposed_convolution
from reparam.study.drawing import Drawing
from reparam.study.evidence import Evidence

SECTION = "Networks"
COLOURS = {nn.Conv2d: "sky blue", nn.ConvTranspose2d: "orange", nn.Linear: "green"}
NAMES = {nn.Conv2d: "conv", nn.ConvTranspose2d: "transposed\nconv", nn.Linear: "dense"}


def blocks(network: nn.Module, x: Tensor) -> list[Block]:
    """The arrays that a network's layers put out for one input, in order.

    Args:
        network: Convolutions, transposed convolutions and dense layers are drawn.
        x: One input, (1, ...).
    """
    found: list[Block] = []

    def keep(layer: nn.Module, given: Any, out: Tensor) -> None:  # noqa: ANN401
        kind = type(layer)
        name = NAMES[kind]
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            size, stride = layer.kernel_size[0], layer.stride[0]
            name += f" {size}x{size}\nstride {stride}"
        found.append(Block(name, tuple(out.shape[1:]), COLOURS[kind]))

    hooks = [
        layer.register_forward_hook(keep) for layer in network.modules() if type(layer) in NAMES
    ]
    try:
        with inference(network):
            network(x)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def model_schematic(evidence: Evidence, name: str, title: str) -> Figure:
    """A model from its input to its output.

    Args:
        evidence: The models.
        name: Which.
        title: A line above.
    """
    model = evidence.model(name)
    posterior = cast("Conditional", model.posterior)
    likelihood = cast("Conditional", model.likelihood)
    x = evidence.test.take(1).tensor()
    z = model.encode(x)
    *encoder, last = blocks(posterior.network, x)
    decoder = blocks(likelihood.network, z)
    shape, latent = tuple(x.shape[1:]), z.shape[1]
    row: list[Block | tuple[Block, Block]] = [Block("picture x", shape, "black"), *encoder]
    if math.prod(last.shape) == 2 * latent:
        row.append((Block("mean", (latent,), "green"), Block("log-variance", (latent,), "purple")))
        row.append(Block("z", (latent,), "vermilion", drawn=True))
    else:
        row.append(Block("z", (latent,), "vermilion"))
    row += decoder
    row.append(Block("sigmoid:\noutput", shape, "black"))
    return schematic(row, title)


def draw_autoencoder(evidence: Evidence) -> Figure:
    """The autoencoder."""
    return model_schematic(
        evidence, "autoencoder-bce-2", "Autoencoder: a picture, one point, a picture"
    )


def draw_vae(evidence: Evidence) -> Figure:
    """The variational autoencoder."""
    return model_schematic(
        evidence,
        "vae-bce-2",
        "Variational autoencoder: a picture, a normal distribution, a draw, a picture",
    )


def draw_transposed(evidence: Evidence) -> Figure:
    """A transposed convolution of four numbers."""
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    kernel = np.array([[1.0, 0.0, 1.0], [0.0, 2.0, 0.0], [1.0, 0.0, 1.0]])
    return transposed_convolution(x, kernel, 2)


ARCHITECTURE = [
    Drawing(
        "autoencoder",
        SECTION,
        "autoencoder-bce-2, from its own layers and their shapes.",
        draw_autoencoder,
    ),
    Drawing(
        "vae",
        SECTION,
        "vae-bce-2: the last dense layer gives a mean and a log-variance, from which z is drawn.",
        draw_vae,
    ),
    Drawing(
        "transposed-convolution",
        SECTION,
        "Each number of the input lays down the kernel, multiplied by it, two places further than "
        "the last; where kernels overlap they add up.",
        draw_transposed,
    ),
]

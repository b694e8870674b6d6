"""A transposed convolution, step by step, with its numbers."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from reparam.plots.style import COLOURS, INK, style


def transposed_steps(
    x: Float[NDArray, "h w"], kernel: Float[NDArray, "k k"], stride: int
) -> list[Float[NDArray, "H W"]]:
    r"""The output after each input number has been added, without padding.

    Each number of the input lays down the kernel, multiplied by it, `stride` places further:

    .. math:: y[s i + a, s j + b] \mathrel{+}= x[i, j] \, k[a, b]

    Args:
        x: The input.
        kernel: The weights.
        stride: How far the kernel moves in the output.

    Example:
        >>> transposed_steps(np.ones((1, 2)), np.ones((2, 2)), 1)[-1].tolist()
        [[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]
    """
    size = kernel.shape[0]
    out = np.zeros([(n - 1) * stride + size for n in x.shape])
    steps = []
    for i, j in np.ndindex(*x.shape):
        out = out.copy()
        out[i * stride : i * stride + size, j * stride : j * stride + size] += x[i, j] * kernel
        steps.append(out)
    return steps


def transposed_convolution(
    x: Float[NDArray, "h w"], kernel: Float[NDArray, "k k"], stride: int
) -> Figure:
    """Draw the input, the kernel, and the output as it grows.

    Args:
        x: The input, few numbers.
        kernel: The weights.
        stride: How far the kernel moves in the output.

    Example:
        >>> len(transposed_convolution(np.ones((2, 2)), np.ones((3, 3)), 2).axes)
        6
    """
    steps = transposed_steps(x, kernel, stride)
    with style():
        many = len(steps) + 2
        columns = 3
        rows = -(-many // columns)
        figure = Figure(figsize=(3.5 * columns, 3.5 * rows), layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        high = float(np.abs(steps[-1]).max())
        _numbers(panels[0], x, f"input, {x.shape[0]} x {x.shape[1]}", high)
        _numbers(panels[1], kernel, f"kernel, {len(kernel)} x {len(kernel)}", high)
        for number, ((i, j), out) in enumerate(
            zip(np.ndindex(*x.shape), steps, strict=True), start=2
        ):
            title = f"+ {x[i, j]:g} times the kernel"
            _numbers(panels[number], out, title, high)
            corner = (j * stride - 0.5, i * stride - 0.5)
            panels[number].add_patch(
                Rectangle(
                    corner, len(kernel), len(kernel), fill=False,
                    edgecolor=COLOURS["vermilion"], linewidth=2.2,
                )
            )  # fmt: skip
        for panel in panels[many:]:
            panel.remove()
        figure.suptitle(
            f"A transposed convolution of stride {stride}: {x.shape[0]} x {x.shape[1]} numbers "
            f"become {steps[-1].shape[0]} x {steps[-1].shape[1]}",
            x=0.01, ha="left", fontsize=11, fontweight="bold",
        )  # fmt: skip
    return figure


def _numbers(axes: Axes, values: NDArray, title: str, high: float) -> None:
    axes.imshow(values, cmap="Blues", vmin=0, vmax=1.6 * high)
    for (i, j), value in np.ndenumerate(values):
        axes.text(j, i, f"{value:g}", ha="center", va="center", fontsize=9, color=INK)
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    axes.set_title(title, fontsize=9.5)

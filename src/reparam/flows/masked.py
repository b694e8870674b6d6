r"""Masked autoregressive maps: each dimension is moved by what the earlier ones say.

.. math:: z_i = f(x_i; \, \phi_i(x_{<i}, c))

A network whose weights are masked gives the parameters :math:`\phi_i` of all dimensions at once,
so that a map is one pass forward and as many passes backward as dimensions wait for one another: D
of them, or two where only the second half waits for the first (coupling). f is an affine function,
or a monotone rational-quadratic spline on [-5, 5] that leaves what lies outside as it is. The
context c says which posterior it is; it reaches every map. The order of the dimensions is reversed
between maps.

The maps are zuko's. Importing zuko turns torch's argument validation off for the whole process;
`zuko` below turns it on again, and nothing else here may import it.

Source: Kingma et al. 2016, https://arxiv.org/abs/1606.04934; Papamakarios et al. 2017,
https://arxiv.org/abs/1705.07057; Durkan et al. 2019, https://arxiv.org/abs/1906.04032
"""

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Distribution, Transform

from reparam.alone import alone
from reparam.errors import CompositionError

SWITCHES = ("_validate_args", "arg_constraints")
KINDS = ("affine", "spline")
QUIET = 0.03
"""What the last layer's first weights are multiplied by: near the identity, and not at it."""
SLOPE = 0.01
"""No map is flatter anywhere, and none steeper than its inverse."""
LIMIT = 30.0


def zuko() -> ModuleType:
    """The library zuko, with torch's argument validation left as it was.

    zuko's own distributions keep the state that they were written for.

    Example:
        >>> before = Distribution._validate_args
        >>> _ = zuko()
        >>> Distribution._validate_args is before
        True
    """
    with alone():  # two threads that import it would take each other's switch for the old one
        before: dict[str, Any] = {name: vars(Distribution)[name] for name in SWITCHES}
        found = importlib.import_module("zuko")
        for name, value in before.items():
            if vars(Distribution)[name] is not value:
                within = {name: vars(Distribution)[name]}
                setattr(Distribution, name, value)
                _keep(found.distributions, within)
    return found


def _keep(module: ModuleType, switches: dict[str, Any]) -> None:
    for cls in vars(module).values():
        own = isinstance(cls, type) and issubclass(cls, Distribution)
        if own and cls.__module__ == module.__name__:
            for name, value in switches.items():
                if name not in vars(cls):
                    setattr(cls, name, value)


class Squash(nn.Module):
    r"""What a map's network sees of its input, and how far an affine map shifts.

    .. math:: 30 \tanh(x / 30)

    Example:
        >>> Squash()(torch.tensor([1.0, 1e9]))
        tensor([ 0.9996, 30.0000])
    """

    def forward(self, x: Tensor) -> Tensor:
        """Squash numbers of any shape."""
        return LIMIT * (x / LIMIT).tanh()


def _affine(build: Callable[..., Transform], shift: Tensor, scale: Tensor) -> Transform:
    return build(Squash()(shift), scale, slope=SLOPE)


@torch.no_grad()
def _prepared(step: Any) -> nn.Module:  # noqa: ANN401
    """One of zuko's maps with quiet first parameters and a squashed input."""
    has_network = hasattr(step, "hyper")  # one dimension without a context has none
    for parameter in (step.hyper[-1] if has_network else step.phi).parameters():
        parameter.mul_(QUIET)
    if has_network:
        step.hyper.insert(0, Squash())
    module: nn.Module = step
    return module


class MaskedFlow(nn.Module):
    r"""Maps that are fast forward: a context to transforms.

    Args:
        dim: D.
        kind: `"affine"` or `"spline"`.
        transforms: How many maps.
        hidden: The widths of each map's network.
        context: How many numbers the context has; 0 for none.
        passes: How many passes an inverse takes; `None` for D.
        bins: How many pieces a spline has.

    Raises:
        CompositionError: If the kind is unknown or a number is too small.

    Example:
        >>> flow = MaskedFlow(3, "affine", transforms=2, hidden=(16,), context=4)
        >>> x, (first, _) = torch.randn(3), flow(torch.zeros(5, 4))
        >>> first(x).shape
        torch.Size([5, 3])
    """

    def __init__(
        self,
        dim: int,
        kind: str,
        transforms: int,
        hidden: Sequence[int],
        context: int = 0,
        passes: int | None = None,
        bins: int = 8,
    ) -> None:
        super().__init__()
        if kind not in KINDS:
            raise CompositionError(f"a masked flow is one of {', '.join(KINDS)}, not {kind!r}")
        if min(dim, transforms, bins - 1, *hidden) < 1 or context < 0:
            raise CompositionError(
                "a flow needs at least one dimension, one transform, one unit in each hidden "
                f"layer and two bins, not {dim}, {transforms}, {tuple(hidden)} and {bins}"
            )
        library = zuko()
        univariate = partial(_affine, library.transforms.MonotonicAffineTransform)
        shapes: list[tuple[int, ...]] = [(), ()]
        if kind == "spline":
            univariate = partial(library.transforms.MonotonicRQSTransform, slope=SLOPE)
            shapes = [(bins,), (bins,), (bins - 1,)]
        options = {"univariate": univariate, "shapes": shapes}
        options |= {"hidden_features": tuple(hidden), "activation": nn.ELU}
        orders = [torch.arange(dim), torch.arange(dim).flip(0)]
        build = partial(library.flows.MaskedAutoregressiveTransform, dim, context, passes=passes)
        self.maps = nn.ModuleList(
            _prepared(build(order=orders[i % 2], **options)) for i in range(transforms)
        )

    def forward(self, context: Float[Tensor, "*batch C"] | None = None) -> list[Transform]:
        r"""The transforms given a context (\*batch, C), or `None` where there is none."""
        return [step(context) for step in self.maps]

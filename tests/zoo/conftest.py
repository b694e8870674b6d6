from typing import NamedTuple

import pytest
import torch

from reparam.zoo import ZOO
from reparam.zoo.parts import LOSSES

GREY, COLOUR, VECTOR = (1, 16, 16), (3, 13, 10), (7,)
SHAPES = [
    (GREY, "convolutional"),
    (COLOUR, "convolutional"),
    (COLOUR, "mlp"),
    (VECTOR, "mlp"),
]
SMALL = {
    "latent": 4,
    "widths": [4, 8],
    "draws": 3,
    "groups": 2,
    "critic": [6, 6],
    "components": 3,
    "categories": 2,
    "classes": 3,
    "active": 3,
}
OPTIONS = [
    ("vae", {"free_bits": 0.01}),
    ("vae", {"warmup": 10, "beta": 2.0}),
    ("chapter", {"variational": False}),
    ("chapter", {"loss": "mse", "beta": 1.0}),
    ("vae", {"posterior": "isotropic"}),
    ("iwae", {"posterior": "von_mises_fisher", "prior": "vamp"}),
    ("dreg", {"posterior": "autoregressive", "prior": "flow"}),
]
"""Beside the variants, which have every other posterior and prior among them."""


class Case(NamedTuple):
    """A variant of the zoo, with arguments."""

    name: str
    shape: tuple[int, ...]
    arguments: dict[str, object]

    def build(self, **more):
        return ZOO[self.name].make(self.shape, **self.arguments, **more)

    def pictures(self, n=8):
        return torch.rand(n, *self.shape, generator=torch.Generator().manual_seed(1))

    def labels(self, n=8):
        return (torch.arange(n) % 3,) if self.name == "conditional_vae" else ()

    def inputs(self, n=8):
        return (self.pictures(n), *self.labels(n))

    def __str__(self):
        said = [f"{k}={v}" for k, v in self.arguments.items() if SMALL.get(k) != v]
        return " ".join([self.name, "x".join(map(str, self.shape)), *said])


def small(name, shape, network, **arguments):
    """Few channels and latents, where the variant lets one choose."""
    known = ZOO[name].defaults
    chosen = SMALL | {"network": network} | arguments
    return Case(name, shape, {key: value for key, value in chosen.items() if key in known})


def fits(name, shape, network="convolutional", loss=None):
    if name == "chapter":
        return network == "convolutional"
    return len(shape) == 3 or (name != "ms_ssim_vae" and loss != "ms_ssim")


def cases():
    """Every variant, every loss of the plain ones, and every other part."""
    found = [
        small(name, shape, network)
        for name in ZOO
        for shape, network in SHAPES
        if fits(name, shape, network)
    ]
    found += [
        small(name, shape, network, loss=loss)
        for name in ("vae", "chapter")
        for shape, network in SHAPES
        for loss in LOSSES
        if loss != "bce" and fits(name, shape, network, loss)
    ]
    return found + [small(name, GREY, "convolutional", **more) for name, more in OPTIONS]


def pytest_generate_tests(metafunc):
    """`case` runs over everything, `variant` over one shape of every variant."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", cases(), ids=str)
    if "variant" in metafunc.fixturenames:
        some = [small(name, GREY, "convolutional") for name in ZOO]
        some += [small(name, GREY, "convolutional", **more) for name, more in OPTIONS]
        metafunc.parametrize("variant", some, ids=str)


@pytest.fixture(scope="session")
def all_cases():
    return cases()

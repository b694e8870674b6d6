from typing import NamedTuple

import pytest
import torch

from reparam.zoo import ZOO
from reparam.zoo.parts import LOSSES

SHAPES = [
    ((1, 28, 28), "convolutional"),
    ((3, 13, 10), "convolutional"),
    ((3, 13, 10), "mlp"),
    ((7,), "mlp"),
]
OPTIONS = [
    ("vae", {"posterior": "isotropic"}),
    ("vae", {"posterior": "full"}),
    ("vae", {"free_bits": 0.01}),
    ("vae", {"warmup": 10, "beta": 2.0}),
    ("chapter", {"variational": False}),
    ("chapter", {"loss": "mse", "beta": 1.0}),
]


class Case(NamedTuple):
    """A variant of the zoo, with arguments."""

    name: str
    shape: tuple[int, ...]
    arguments: dict[str, object]

    def build(self, **more):
        return ZOO[self.name].make(self.shape, **self.arguments, **more)

    def pictures(self, n=8):
        return torch.rand(n, *self.shape, generator=torch.Generator().manual_seed(1))

    def __str__(self):
        said = [f"{key}={value}" for key, value in self.arguments.items() if key != "widths"]
        return " ".join([self.name, "x".join(map(str, self.shape)), *said])


def small(name, shape, network, **arguments):
    """Few channels and two latents, where the variant lets one choose."""
    known = ZOO[name].defaults
    chosen = {"latent": 2, "network": network, "widths": [4, 8]} | arguments
    return Case(name, shape, {key: value for key, value in chosen.items() if key in known})


def cases():
    found = [
        small(name, shape, network, loss=loss)
        for name, entry in ZOO.items()
        for shape, network in SHAPES
        for loss in LOSSES
        if "network" in entry.defaults or network == "convolutional"
    ]
    return found + [small(name, (1, 28, 28), "convolutional", **more) for name, more in OPTIONS]


def pytest_generate_tests(metafunc):
    """`case` runs over everything, `variant` over one shape of everything."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", cases(), ids=str)
    if "variant" in metafunc.fixturenames:
        some = [case for case in cases() if case.shape == (1, 28, 28)]
        metafunc.parametrize("variant", some, ids=str)


@pytest.fixture(scope="session")
def all_cases():
    return cases()

"""A variant counts only if it differs: by its values, or by its gradients, on the same weights."""

import ast
import inspect
import itertools

import pytest
import torch

from reparam.randomness import seeded
from reparam.training import Step
from reparam.zoo import ZOO

SHAPE = (1, 16, 16)
SMALL = {
    "latent": 4, "network": "convolutional", "widths": [4, 8], "draws": 3, "groups": 2,
    "critic": [6, 6], "components": 3, "categories": 2, "classes": 3, "active": 3,
}  # fmt: skip
NOISE = ("rand", "randn", "rand_like", "randn_like", "randint_like", "bernoulli")


@pytest.fixture
def same_noise(monkeypatch):
    """Every call that draws a shape draws the same numbers, whatever was drawn before."""

    def always(draw):
        def drawn(*args, **kwargs):
            with seeded(7):
                return draw(*args, **kwargs)

        return drawn

    for name in NOISE:
        monkeypatch.setattr(torch, name, always(getattr(torch, name)))


def fixed(module):
    """Tensors of one shape get the same numbers in every variant."""
    with torch.no_grad():
        for p in module.parameters():
            source = torch.Generator().manual_seed(p.numel())
            fan = max(p[0].numel(), 1) if p.ndim > 1 else 1
            p.copy_(torch.randn(p.shape, generator=source, dtype=p.dtype) / fan**0.5)


def fingerprint(name):
    """The loss at the first step and at the end, the gradients, and a critic's loss."""
    known = {key: value for key, value in SMALL.items() if key in ZOO[name].defaults}
    step = Step(*ZOO[name].make(SHAPE, **known)).double()
    fixed(step)
    step.objective.prepare(examples=100, steps=100)
    source = torch.Generator().manual_seed(1)
    x = torch.rand(8, *SHAPE, generator=source, dtype=torch.float64)
    inputs = (x, *[torch.arange(8) % 3] * step.model.conditions)
    found = []
    for at in (0, 10, 100):
        step.objective.advance(at)
        step.zero_grad()
        values = step(*inputs)
        values["loss"].backward()
        grads = [p.grad.norm() for p in step.model.parameters() if p.grad is not None]
        found += [values["loss"], torch.stack(grads).norm(), values.get("critic", torch.zeros(()))]
    return torch.stack([value.detach().double() for value in found])


def test_every_variant_differs_from_every_other(same_noise):
    prints = {name: fingerprint(name) for name in ZOO}
    for (one, a), (other, b) in itertools.combinations(prints.items(), 2):
        difference = (a - b).abs() / (a.abs() + b.abs() + 1e-9)
        assert difference.max() > 1e-6, f"{one} is {other}"
    assert len(prints) >= 40


def test_a_variant_under_another_name_would_be_found(same_noise):
    """Guards the test above: the fingerprint is the variant's, and nothing else's."""
    torch.testing.assert_close(fingerprint("vae"), fingerprint("vae"), rtol=0, atol=0)
    renamed = ZOO["beta_vae"].make(SHAPE, beta=1.0, latent=4, widths=[4, 8])
    plain = ZOO["vae"].make(SHAPE, latent=4, widths=[4, 8])
    x = torch.rand(8, *SHAPE)
    with seeded(0):
        first = Step(*renamed)(x)["loss"]
    with seeded(0):
        assert torch.equal(first, Step(*plain)(x)["loss"])


@pytest.mark.parametrize("name", ZOO)
def test_a_variant_is_a_few_lines(name):
    """From `def` to its end, without its docstring."""
    make = inspect.unwrap(ZOO[name].make)
    (function,) = ast.parse(inspect.getsource(make)).body
    doc = function.body[0]
    lines = function.end_lineno - function.lineno + 1 - (doc.end_lineno - doc.lineno + 1)
    assert lines <= 26
    assert make.__doc__.split("\n")[0].endswith(".")
    assert ".. math::" in make.__doc__

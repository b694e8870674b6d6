"""Scoring through a module without training it."""

import torch
from torch import nn

from reparam.objectives import frozen


class Tied(nn.Module):
    """One matrix used twice, and a buffer."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3, bias=False)
        self.second = nn.Linear(3, 3, bias=False)
        self.second.weight = self.first.weight
        self.register_buffer("scale", torch.tensor(2.0))

    def forward(self, x, y):
        return self.second(torch.tanh(self.first(x))) * self.scale + y


def test_the_value_and_the_inputs_gradients_are_the_modules():
    module, grads = Tied(), []
    x, y = torch.randn(2, 4, 3)
    for call in (module, lambda *inputs: frozen(module, *inputs)):
        a, b = x.clone().requires_grad_(), y.clone().requires_grad_()
        out = call(a, b)
        grads.append((out.detach(), *torch.autograd.grad(out.square().sum(), (a, b))))
    for plain, held in zip(*grads, strict=True):
        torch.testing.assert_close(plain, held)
    assert bool(grads[0][1].any())


def test_no_parameter_gets_a_gradient():
    module = Tied()
    frozen(module, torch.randn(4, 3, requires_grad=True), torch.zeros(4, 3)).sum().backward()
    assert all(p.grad is None for p in module.parameters())
    module(torch.randn(4, 3), torch.zeros(4, 3)).sum().backward()
    assert all(p.grad is not None and p.requires_grad for p in module.parameters())


def test_the_module_still_learns_from_the_same_graph():
    """A frozen and a plain call in one loss: the parameters see the plain one alone."""
    module, x, y = Tied(), torch.randn(4, 3), torch.zeros(4, 3)
    (module(x, y).square().sum() + frozen(module, x, y).square().sum()).backward()
    both = module.first.weight.grad.clone()
    module.zero_grad()
    module(x, y).square().sum().backward()
    torch.testing.assert_close(both, module.first.weight.grad)

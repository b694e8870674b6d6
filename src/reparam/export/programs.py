"""A trained model as three programs: tensors in, tensors out, and nothing drawn inside.

========  ======================================  ==========================================
encoder   x, a picture                            the posterior's mean and what else it says
decoder   z, a latent                             the likelihood's mean, in pixel units
sampler   normal_noise and uniform_noise          a new picture's mean
========  ======================================  ==========================================

A model that takes labels takes them last, as whole numbers. The best-known fault of an exported
variational autoencoder is an encoder that draws: run twice it gives two codes. Here noise is an
input, of the sampler alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from reparam.data import Schema
from reparam.errors import ArtifactError, CompositionError
from reparam.export.facts import facts
from reparam.export.noise import drawn, needs
from reparam.inference import inference
from reparam.models import VAE
from reparam.randomness import seeded

WITHOUT_PRIOR = (
    "this model has no prior, so that there is nothing to draw its latents from: fit one to its "
    "codes, model.prior = samplers.normal(codes), save it and export that"
)


@dataclass(frozen=True)
class Port:
    """One tensor that goes into a program or comes out of it.

    Args:
        name: What it is called in the file.
        dtype: float32 or int64.
        shape: Without the batch's axis.
        meaning: What its numbers are, with their units.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    meaning: str


@dataclass(frozen=True)
class Program:
    """A function of tensors that can be written to a file.

    Args:
        name: encoder, decoder or sampler.
        module: What computes it: tensors (B, ...) to a tuple of tensors (B, ...).
        inputs: What goes in, in order.
        outputs: What comes out, in order.
        examples: Inputs for a batch of a given size, the same for the same size.
    """

    name: str
    module: nn.Module
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    examples: Callable[[int], tuple[Tensor, ...]]


class Encoder(nn.Module):
    """Pictures, and labels where the model takes some, to what the posterior says.

    Args:
        model: The model.
    """

    def __init__(self, model: VAE) -> None:
        super().__init__()
        self.posterior = model.posterior

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """The mean first."""
        return tuple(tensor for tensor, _ in facts(self.posterior(*given)).values())


class Decoder(nn.Module):
    """Latents, and labels where the model takes some, to the likelihood's mean.

    Args:
        model: The model.
    """

    def __init__(self, model: VAE) -> None:
        super().__init__()
        self.likelihood = model.likelihood

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """The mean alone."""
        return (self.likelihood(*given).mean,)


class Sampler(nn.Module):
    """Noise, and labels where the model takes some, to the mean pictures of new latents.

    Args:
        model: A model with a prior.

    Raises:
        CompositionError: If the prior's draws are not known as a function of noise.
    """

    def __init__(self, model: VAE) -> None:
        super().__init__()
        self.prior, self.likelihood = model.prior, model.likelihood
        # A prior that is given nothing is the same at every call: it is made once, so that the
        # pseudo-inputs of a VampPrior are not encoded again and again.
        self.p = None if model.conditions else self._prior()
        known = [torch.zeros(1, dtype=torch.long)] * model.conditions
        self.noise = needs(self._prior(*known))

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """The mean alone."""
        kinds = sum(size > 0 for size in self.noise)
        noise, labels = given[:kinds], given[kinds:]
        empty = noise[0][:, :0]
        normal = noise[0] if self.noise.normal else empty
        uniform = noise[-1] if self.noise.uniform else empty
        p = self._prior(*labels) if self.p is None else self.p
        return (self.likelihood(drawn(p, normal, uniform), *labels).mean,)

    def _prior(self, *labels: Tensor) -> Any:  # noqa: ANN401
        assert self.prior is not None
        return self.prior(*labels)


def programs(model: VAE, schema: Schema) -> tuple[list[Program], dict[str, str]]:
    """The programs of a model, and for each that it cannot have a sentence that says why.

    Args:
        model: A model on the CPU, in float32 and in evaluation mode.
        schema: What data it takes.

    Raises:
        ArtifactError: If it takes conditions other than labels.
    """
    if model.conditions > 1 or (model.conditions and model.classes is None):
        raise ArtifactError(
            "a model whose conditions are not labels cannot be exported: it has no description of "
            "what they are"
        )
    with inference(model):
        encoder = _encoder(model, schema)
        made = [encoder, _decoder(model, schema, encoder)]
        if model.prior is None:
            return made, {"sampler": WITHOUT_PRIOR}
        try:
            return [*made, _sampler(model, made[1])], {}
        except CompositionError as error:
            return made, {"sampler": str(error)}


def _encoder(model: VAE, schema: Schema) -> Program:
    def examples(n: int) -> tuple[Tensor, ...]:
        with seeded(n):
            draw = torch.rand if schema.values == "unit" else torch.randn
            return (draw(n, *schema.shape), *_labels(model, n))

    meaning = (
        "pixels in [0, 1], channels first"
        if schema.kind == "pictures"
        else ("numbers in [0, 1]" if schema.values == "unit" else "numbers in the data's units")
    )
    found = facts(model.posterior(*examples(2)))
    inputs = (Port("x", "float32", schema.shape, meaning), *_label_port(model))
    outputs = [_port(name, tensor, said) for name, (tensor, said) in found.items()]
    return Program("encoder", Encoder(model), inputs, tuple(outputs), examples)


def _decoder(model: VAE, schema: Schema, encoder: Program) -> Program:
    def examples(n: int) -> tuple[Tensor, ...]:
        x, *labels = encoder.examples(n)
        with inference(model), seeded(n):
            q = model.posterior(x, *labels)
            return (q.sample(), *labels)

    z, *labels = examples(2)
    meaning = "a code, in latent units: an encoder's mean, a draw around it or from the prior"
    inputs = (_port("z", z, meaning), *_label_port(model))
    units = "pixel units" if schema.kind == "pictures" else "the data's units"
    x = _port("x", model.likelihood(z, *labels).mean, f"the likelihood's mean, in {units}")
    return Program("decoder", Decoder(model), inputs, (x,), examples)


def _sampler(model: VAE, decoder: Program) -> Program:
    module = Sampler(model)
    kinds = [
        ("normal_noise", module.noise.normal, torch.randn, "standard normal numbers"),
        ("uniform_noise", module.noise.uniform, torch.rand, "uniform numbers in [0, 1)"),
    ]
    kinds = [kind for kind in kinds if kind[1]]

    def examples(n: int) -> tuple[Tensor, ...]:
        with seeded(n):
            noise = [draw(n, size) for _, size, draw, _ in kinds]
            return (*noise, *_labels(model, n))

    ports = [
        Port(name, "float32", (size,), f"independent {said}") for name, size, _, said in kinds
    ]
    inputs = (*ports, *_label_port(model))
    return Program("sampler", module, inputs, decoder.outputs, examples)


def _labels(model: VAE, n: int) -> list[Tensor]:
    return [torch.arange(n) % (model.classes or 1)] * model.conditions


def _label_port(model: VAE) -> list[Port]:
    if not model.conditions:
        return []
    return [Port("labels", "int64", (), f"classes, 0 to {(model.classes or 1) - 1}")]


def _port(name: str, tensor: Tensor, meaning: str) -> Port:
    dtype = str(tensor.dtype).removeprefix("torch.")
    return Port(name, dtype, tuple(tensor.shape[1:]), meaning)

"""How each kept run was made: its model, its data, its recipe, and what is asked of it.

What stands here has made files that never change: add recipes, and leave those that are there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from reparam import data, zoo
from reparam.conditional import Conditional
from reparam.data import Dataset, Schema
from reparam.families import (
    DiagonalNormal,
    InverseAutoregressiveFlow,
    Joint,
    NeuralSplineFlow,
    PowerSpherical,
    StudentT,
)
from reparam.models import VAE
from reparam.networks import MLP
from reparam.objectives import CosineSchedule, Distortion, Objective, Rate
from reparam.priors import FlowPrior, JointPrior, UniformSphere
from reparam.randomness import seeded
from reparam.report import evaluated
from reparam.training import flip, noise
from reparam.training.step import Step

TRAIN, VALIDATION = 48, 16
USUAL = {"epochs": 4, "batch_size": 12, "device": "cpu", "progress": False}


def clothes(labels=False, colour=False):
    """Every fourth pixel of a few images of the package's own subset: (1 or 3, 7, 7) bytes."""
    found = data.load("fashion-mnist-subset")[0][: TRAIN + VALIDATION]
    shifts = [(0, 0), (0, 1), (1, 0)] if colour else [(0, 0)]
    parts = [found.pixels[:, :, i::4, j::4] for i, j in shifts]
    both = Dataset(torch.cat(parts, 1).contiguous(), found.labels if labels else None)
    return both[:TRAIN], both[TRAIN:]


def vectors(values="unit", shift=0):
    """Seven numbers that hang together, as sixty-fourths, which every processor has exactly.

    A shift of the validation set makes an epoch before the last the best one.
    """
    random = np.random.default_rng(7)
    causes = random.integers(0, 8, (TRAIN + VALIDATION, 2))
    found = causes @ random.integers(0, 4, (2, 7)) + random.integers(0, 8, (len(causes), 7))
    found[TRAIN:] = (found[TRAIN:] + shift).clip(0, 63)
    both = torch.from_numpy(found.astype(np.float32)) / 64
    if values == "real":
        both = 8 * both - 4
    schema = Schema("array", "all", "vectors", (7,), "float32", values=values)
    return Dataset(both[:TRAIN], schema=schema), Dataset(both[TRAIN:], schema=schema)


def alike(variant):
    """The same with channels that begin alike, and so stay alike: a wide network packs small."""
    with torch.no_grad(), seeded(1):
        for p in variant.model.parameters():
            if p.ndim == 4:
                p.copy_(p[:2, :2].repeat(-(-p.shape[0] // 2), -(-p.shape[1] // 2), 1, 1)[
                    : p.shape[0], : p.shape[1]
                ])  # fmt: skip
    return variant


def joint_of_two_spaces(shape):
    """A composition of one's own: a sphere and a line, under a Student's t of real values."""
    q = Joint([PowerSpherical(3), DiagonalNormal()], [3, 2])
    p = StudentT(link="identity", variance="scalar", tails="fixed", event_dims=1)
    with seeded(5):
        model = VAE(
            Conditional(MLP(7, *q.features((5,)), hidden=(8,)), q, [1]),
            JointPrior([UniformSphere(3), FlowPrior(2, hidden=(8,))]),
            Conditional(MLP(5, p.features(shape), hidden=(8,)), p, [1]),
        )
    return model, Objective(Distortion(), Rate(CosineSchedule(0.0, 1.0, steps=8)))


@dataclass(frozen=True)
class Kept:
    """How one run was made.

    Args:
        build: A function of an item's shape: the model and its objective.
        sets: A function that gives the training and the validation set.
        fit: What `fit` was given beside them.
        sets_options: What that function is given.
        killed_at: The step that the unfinished run was killed at.
    """

    build: Callable[..., tuple[nn.Module, Objective]]
    sets: Callable[..., tuple[Dataset, Dataset]] = clothes
    fit: dict[str, object] = field(default_factory=dict)
    sets_options: dict[str, object] = field(default_factory=dict)
    killed_at: int = 7

    def parts(self):
        """The model, its objective, the training and the validation set."""
        train, validation = self.sets(**self.sets_options)
        return *self.build(train.shape), train, validation

    @property
    def options(self):
        """All that `fit` was given; never a learning rate, which is the recorded recipe's."""
        return USUAL | self.fit


def made(name, **arguments):
    """A variant of the zoo with arguments, as a function of the shape."""
    return lambda shape: zoo.ZOO[name].make(shape, **arguments)


def flow(family, **options):
    """A flow with a narrow network for its posterior, as a function of the shape."""

    def build(shape):
        with seeded(6):
            q = family(3, transforms=1, context=2, hidden=(6,), **options)
            return zoo.compose(shape, 3, Rate(), posterior=q, widths=(2, 3))

    return build


FEW = {"latent": 3, "widths": (2, 3)}
KEPT = {
    "vae": Kept(made("vae", **FEW, beta=2.0, free_bits=0.05, warmup=10)),
    "iwae": Kept(made("iwae", **FEW, draws=3, loss="continuous_bernoulli"), fit={"clip": 5.0}),
    "vamp_vae": Kept(made("vamp_vae", **FEW, components=3), fit={"augmentation": flip}),
    "mixture_vae": Kept(made("mixture_vae", **FEW, components=3), sets=vectors),
    "iaf": Kept(flow(InverseAutoregressiveFlow), sets=vectors),
    "spline": Kept(flow(NeuralSplineFlow, bins=4)),
    "hyperspherical_vae": Kept(made("hyperspherical_vae", **FEW)),
    "concrete_vae": Kept(made("concrete_vae", latent=6, categories=3, widths=(2, 3))),
    "categorical_vae": Kept(made("categorical_vae", latent=6, categories=3, widths=(2, 3))),
    "poincare_vae": Kept(made("poincare_vae", **FEW), fit={"schedule": "constant"}),
    "logistic_mixture_vae": Kept(
        made("logistic_mixture_vae", **FEW), sets_options={"colour": True}
    ),
    "learned_sigma_vae": Kept(made("learned_sigma_vae", **FEW), sets_options={"colour": True}),
    "laplace_vae": Kept(made("laplace_vae", **FEW), sets=vectors),
    "optimal_sigma_vae": Kept(made("optimal_sigma_vae", **FEW), fit={"augmentation": noise(0.1)}),
    "factor_vae": Kept(
        made("factor_vae", **FEW, critic=(8, 8)), fit={"critic_learning_rate": 1e-3}
    ),
    "beta_tcvae": Kept(made("beta_tcvae", **FEW), fit={"optimizer": "Adam"}),
    "wae_mmd": Kept(made("wae_mmd", **FEW, loss="mse")),
    "conditional_vae": Kept(
        made("conditional_vae", **FEW, classes=10), sets_options={"labels": True}
    ),
    "autoencoder": Kept(made("autoencoder", **FEW, loss="rmse")),
    "rae_l2": Kept(made("rae_l2", **FEW)),
    "joint_vae": Kept(made("joint_vae", latent=5, categories=3, widths=(2, 3), steps=0.5)),
    "chapter": Kept(lambda shape: alike(zoo.chapter(shape)), fit={"schedule": "constant"}),
    "average_and_best": Kept(
        made("vae", latent=2, widths=(8,), loss="learned_sigma"),
        sets=vectors,
        sets_options={"shift": 14},
        killed_at=11,  # after the best epoch, which only the checkpoint then has
        fit={
            "ema": 0.7, "select": "best", "schedule": "cosine", "warmup": 0.25, "seed": 3,
            "weight_decay": 0.1, "accumulate": 2, "epochs": 6,
        },
    ),
    "two_spaces": Kept(joint_of_two_spaces, sets=vectors, sets_options={"values": "real"}),
}  # fmt: skip
"""Every kept run by name."""


def outputs(model, objective, dataset):
    """What a model says of a data set, as tensors by name, and the figures of `evaluate`.

    Args:
        model: The model.
        objective: Its objective, finished.
        dataset: A few items.
    """
    x, *y = dataset.batch(torch.arange(len(dataset)))
    y = y[: model.conditions]
    some = [each[:4] for each in y]
    z = model.encode(x, *y)
    found = {
        "encode": z,
        "encode_sample": model.encode(x, *y, sample=True, seed=1),
        "decode": model.decode(0.9 * z, *y),
        "reconstruct": model.reconstruct(x, *y),
    }
    with torch.no_grad(), seeded(2):
        terms = Step(model.eval(), objective.eval())(x, *y)
    found |= {f"objective_{name}": value for name, value in terms.items()}
    if model.prior is not None:
        found["sample"] = model.sample(4, *some, seed=3)
        found["sample_of_items"] = model.sample(4, *some, seed=3, mean=False)
    figures = evaluated(model, dataset, samples=4, seed=0)
    if "bound" in figures:
        found["log_prob"] = model.log_prob(x, *y, samples=3, seed=4)
    return {name: value.detach().contiguous() for name, value in found.items()}, figures

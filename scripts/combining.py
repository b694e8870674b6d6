"""What each combination of posterior, prior, loss and objective does: it trains, or says why not.

A combination trains if one step in float64 has a finite loss, and a finite gradient that is not
zero for every parameter, and for every number that the posterior and the likelihood read. It
refuses in one sentence, for one of the listed reasons. It may do nothing else.
"""

import re
from typing import NamedTuple

import torch
from torch import nn

from reparam.errors import CompositionError
from reparam.randomness import seeded
from reparam.training import Step
from reparam.zoo import ZOO
from reparam.zoo.parts import LOSSES, POSTERIORS, PRIORS

TRAINS = "+"
OPEN = {"posterior", "prior", "loss"}
KINDS = {
    "posterior": list(POSTERIORS),
    "prior": list(PRIORS),
    "loss": list(LOSSES),
    "objective": [name for name, entry in ZOO.items() if set(entry.arguments) >= OPEN],
}
PAIRS = [
    ("posterior", "prior"),
    ("posterior", "loss"),
    ("prior", "loss"),
    ("objective", "posterior"),
    ("objective", "prior"),
    ("objective", "loss"),
]
"""Every two kinds; rows and columns of a table."""

SMALL = {"latent": 4, "network": "mlp", "widths": [8], "draws": 2, "groups": 2, "critic": [4]}
VECTOR, PICTURE = (7,), (1, 12, 12)
ITEMS = 7
"""Not even: slopes of plus and minus one, as a Laplace density has them, do not add up to 0."""


class Reason(NamedTuple):
    """Why parts may refuse each other: what its sentences say, and its meaning."""

    pattern: str
    meaning: str


REASONS = {
    "n": Reason(
        "^this model has no prior, ",
        "there is no prior, and the objective needs one",
    ),
    "d": Reason(
        "^a point has no density, ",
        "the objective needs a density: a point posterior has none, and the losses `rmse`, "
        "`optimal_sigma` and `ms_ssim` are no log-likelihoods",
    ),
    "s": Reason(
        "^the posterior's latents lie .* and the prior's ",
        "posterior and prior lie in different spaces",
    ),
    "f": Reason(
        " does not fall into ",
        "the objective looks at each dimension alone, and the posterior or the prior does not "
        "fall into its dimensions",
    ),
    "c": Reason(
        "^the covariance of .* is not known",
        "the objective needs the posterior's covariance, which is not known",
    ),
    "p": Reason(
        " a learned prior would never learn",
        "the objective only draws from the prior, and a learned one would stay as it began",
    ),
    "l": Reason(
        " beside its mean would never learn",
        "the objective sees only the likelihood's mean, and a learned spread would stay as it "
        "began",
    ),
}


class Combination(NamedTuple):
    """One part of each kind."""

    posterior: str
    prior: str
    loss: str
    objective: str


def completed(**parts: str) -> Combination:
    """Some parts, and others that suit them.

    Args:
        **parts: Any of posterior, prior, loss and objective.
    """
    natural = {part.prior: name for name, part in reversed(POSTERIORS.items())}
    natural |= {"none": "diagonal", "standard": "diagonal"}
    posterior = parts.get("posterior") or natural.get(parts.get("prior", "standard"), "diagonal")
    own = POSTERIORS[posterior].prior
    prior = parts.get("prior") or ("standard" if own == "none" else own)
    usual = "wae_mmd" if posterior == "point" else "vae"
    return Combination(posterior, prior, parts.get("loss", "bce"), parts.get("objective", usual))


def outcome(parts: Combination) -> str:
    """`"+"` where the parts train, the reason's letter where they refuse.

    Args:
        parts: What to combine.

    Raises:
        AssertionError: If they neither train nor refuse as they should.
    """
    try:
        silent = step(parts)
    except CompositionError as refusal:
        sentence = str(refusal)
        assert "\n" not in sentence, f"{parts}: more than one line: {sentence}"
        found = [key for key, reason in REASONS.items() if re.search(reason.pattern, sentence)]
        assert len(found) == 1, f"{parts}: no listed reason: {sentence}"
        return found[0]
    assert not silent, f"{parts}: no gradient, or none that is finite: {silent}"
    return TRAINS


def step(parts: Combination) -> list[str]:
    """Train one step in float64, and name what it does not reach.

    Args:
        parts: What to combine.

    Returns:
        Values that are not finite, parameters without a finite gradient that is not zero, and the
        distributions with features of which that is so.
    """
    entry, shape = ZOO[parts.objective], PICTURE if parts.loss == "ms_ssim" else VECTOR
    small = {name: value for name, value in SMALL.items() if name in entry.arguments}
    model, objective = entry.make(shape, **small, **{kind: getattr(parts, kind) for kind in OPEN})
    module = Step(model, objective).double()
    objective.finish()
    with seeded(1):
        values = module(torch.rand(ITEMS, *shape, dtype=torch.float64))
        (values["loss"] + values.get("critic", 0)).backward()
    silent = [name for name, value in values.items() if not value.isfinite().all()]
    silent += [n for n, p in module.named_parameters() if p.requires_grad and not _reached(p)]
    for role in ("posterior", "likelihood"):
        network = getattr(model, role).network
        last = [layer for layer in network.modules() if isinstance(layer, nn.Linear)][-1]
        if last.bias.grad is not None and not last.bias.grad.all():
            silent.append(f"features of the {role}")
    return silent


def _reached(p: nn.Parameter) -> bool:
    return p.grad is not None and bool(p.grad.isfinite().all() and p.grad.any())

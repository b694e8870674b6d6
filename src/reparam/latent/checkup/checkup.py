"""The check-up: is this latent space to be trusted, what is wrong with it, what to change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.distributions import Distribution

from reparam.data import Dataset
from reparam.latent.checkup import classes, fitting, holes, pictures, shape, usage
from reparam.latent.checkup.examine import of_codes, of_model
from reparam.latent.checkup.finding import DOUBTFUL, FAULT, ORDER, Finding, Seen, graded
from reparam.latent.checkup.limits import LIMITS
from reparam.latent.checkup.subject import Subject
from reparam.metrics.progress import bar
from reparam.models import VAE

CHECKS: dict[str, tuple[str, Callable[[Subject], Seen | str]]] = {
    "collapse": ("Posterior collapse", usage.collapse),
    "rate": ("The rate (KL divergence)", usage.rate),
    "saturation": ("Saturated log-variances", usage.saturation),
    "holes": ("Holes", holes.holes),
    "aggregate": ("Codes against what one samples from", shape.aggregate),
    "symmetry": ("Symmetry and extent", shape.symmetry),
    "areas": ("Areas of classes", classes.areas),
    "overlap": ("Overlap of classes", classes.overlap),
    "sampling": ("Uneven sampling", classes.sampling),
    "overfitting": ("Overfitting", fitting.overfitting),
    "underfitting": ("Underfitting", fitting.underfitting),
    "memorisation": ("Memorisation", fitting.memorised),
    "dead": ("Dead pixels", pictures.dead),
    "blur": ("Blur", pictures.blur),
}
"""Every check: its name for people, and what looks."""


@dataclass(frozen=True, eq=False)
class Checkup:
    """What was found, the worst first.

    Args:
        findings: Every check's finding.
        codes: How many codes were checked: a random choice where there were more.
        dimensions: How many dimensions they have.
        source: What one would sample from.
        features: The feature space in which decoded items were compared; empty without any.

    Example:
        >>> import torch
        >>> found = checkup_codes(torch.randn(500, 2) + 9)
        >>> [finding.id for finding in found.faults]
        ['symmetry']
    """

    findings: Sequence[Finding]
    codes: int
    dimensions: int
    source: str
    features: str

    @property
    def faults(self) -> list[Finding]:
        """The findings that are faults."""
        return [finding for finding in self.findings if finding.grade == FAULT]

    @property
    def verdict(self) -> str:
        """The answer in one sentence."""
        counts = {g: [f for f in self.findings if f.grade == g] for g in ORDER}
        doubts = _listed(counts[DOUBTFUL])
        if counts[FAULT]:
            many = len(counts[FAULT])
            more = f" Doubtful: {doubts}." if doubts else ""
            return f"{many} fault{'s' * (many > 1)}: {_listed(counts[FAULT])}.{more}"
        judged = len(counts["sound"]) + len(counts[DOUBTFUL])
        if doubts:
            return f"No fault in {judged} checks; doubtful: {doubts}."
        return f"No fault in {judged} checks."

    def __getitem__(self, identity: str) -> Finding:
        return next(finding for finding in self.findings if finding.id == identity)

    def __str__(self) -> str:
        lines = [self.verdict]
        for finding in self.findings:
            lines.append(f"{finding.grade:>10}  {finding.title}: {finding.meaning}")
            if finding.advice:
                lines.append(f"{'':>10}  {finding.advice}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Everything but the figures, as plain values."""
        return {
            "verdict": self.verdict,
            "codes": self.codes,
            "dimensions": self.dimensions,
            "sampled_from": self.source,
            "features": self.features,
            "findings": [finding.to_json() for finding in self.findings],
        }


def checkup(
    model: VAE,
    data: Dataset,
    train: Dataset | None = None,
    features: nn.Module | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Checkup:
    """Check a trained model's latent space.

    Args:
        model: The model.
        data: Items that it was not trained on, such as the test set, of which a random choice of
            10,000 at most is encoded; labels let classes be checked.
        train: Items that it was trained on: without them overfitting and memorisation cannot be
            judged.
        features: A module of items to features, in which decoded items are compared with real
            ones; principal components by default.
        seed: Of every choice and draw: the same each time.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Raises:
        CompositionError: If the model needs conditions, or there are fewer than 50 items.

    Example:
        >>> from reparam import data, zoo
        >>> train, test = data.load("fashion-mnist-subset")
        >>> found = checkup(zoo.vae(test.shape, latent=2).model, test[:200], train[:200])
        >>> found["collapse"].grade  # it was not trained
        'fault'
    """
    return _checked(of_model(model, data, train, features, seed), progress)


def checkup_codes(
    z: Float[Tensor, "N D"],
    decode: Callable[[Tensor], Tensor] | None = None,
    labels: Int[Tensor, "N"] | None = None,
    prior: Distribution | None = None,
    classes: Sequence[str] = (),
    means: Float[Tensor, "N D"] | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Checkup:
    """Check codes that came from elsewhere, such as another library's model.

    Args:
        z: Codes, as they are decoded: for a variational autoencoder, draws from its posteriors. A
            random choice of 10,000 at most is checked.
        decode: Codes (n, D) to items: without it nothing is known of what draws decode to.
        labels: The codes' classes, from 0 on, -1 where there is none.
        prior: What one samples from; a normal distribution fitted to the codes by default.
        classes: The classes' names.
        means: The means of the codes' posteriors, where the codes are draws from them: without
            these, collapse cannot be judged.
        seed: Of every choice and draw: the same each time.
        progress: Whether to show progress on standard error once it takes more than two seconds.

    Raises:
        CompositionError: If these are no codes, fewer than 50, not finite, or the labels do not
            fit.

    Example:
        >>> import torch
        >>> from torch.distributions import Independent, Normal
        >>> prior = Independent(Normal(torch.zeros(8), torch.ones(8)), 1)
        >>> checkup_codes(torch.randn(1000, 8), prior=prior).faults
        []
    """
    return _checked(of_codes(z, decode, labels, prior, classes, means, seed), progress)


def _checked(subject: Subject, progress: bool) -> Checkup:
    findings = []
    for identity, (title, look) in bar(CHECKS.items(), len(CHECKS), "checks", progress):
        findings.append(graded(identity, title, LIMITS[identity], look(subject)))
    findings.sort(key=lambda finding: ORDER.index(finding.grade))
    return Checkup(
        findings,
        len(subject.z),
        subject.z.shape[1],
        subject.source,
        subject.feature_space if subject.decode is not None else "",
    )


def _listed(findings: Sequence[Finding]) -> str:
    return ", ".join(finding.title[0].lower() + finding.title[1:] for finding in findings)

"""The second waist: what one pass through any model leaves behind.

A trace states facts (what was drawn, under which distributions); an objective states losses over
them. K counts draws of z an example, B examples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from types import MethodType
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Distribution, Transform, kl_divergence

from reparam.distributions import kl_per_dimension
from reparam.errors import CompositionError, NoDensityError

REAL = "anywhere in space"
"""Where the latents of a distribution lie that says nothing else as its `space`."""


@dataclass
class Latent:
    r"""One latent variable of one pass.

    Args:
        z: What was drawn, (K, B, \*Z).
        q: The posterior q(z | x), with batches (B,).
        p: The prior p(z), or `None` where the model has none.
        log_q: log q(z | x) in nats, (K, B), where drawing already gave it.
        untouched: Whether z is still as it was drawn from q. Once it has been moved (by a flow, by
            Hamiltonian dynamics), a closed-form KL divergence would be wrong.
    """

    z: Float[Tensor, "K B *Z"]
    q: Distribution
    p: Distribution | None
    log_q: Float[Tensor, "K B"] | None = None
    untouched: bool = True

    @classmethod
    def draw(cls, q: Distribution, p: Distribution | None, samples: int) -> "Latent":
        """Draw K samples from the posterior, with gradients.

        Args:
            q: The posterior, with batches (B,).
            p: The prior or `None`.
            samples: K.
        """
        if hasattr(q, "rsample_and_log_prob"):
            z, log_q = q.rsample_and_log_prob((samples,))
            return cls(z, q, p, log_q)
        if samples == 1:
            return cls(q.rsample().unsqueeze(0), q, p)  # an axis is cheaper than a broadcast
        return cls(q.rsample(torch.Size((samples,))), q, p)

    @property
    def q_detached(self) -> Distribution:
        """The posterior with its parameters stopped: only z carries gradients to its density."""
        return detached(self.q)

    @property
    def prior(self) -> Distribution:
        """The prior, where there is one."""
        if self.p is None:
            raise NoDensityError(
                "this model has no prior, so it has no rate (KL divergence): "
                "give it one, or use an objective without a rate"
            )
        if space(self.q) != space(self.p):
            raise CompositionError(
                f"the posterior's latents lie {space(self.q)} and the prior's {space(self.p)}, so "
                "that no rate (KL divergence) is defined: give the two the same space"
            )
        return self.p

    @property
    def has_rate(self) -> bool:
        """Whether there is a prior in the posterior's space, and the posterior has a density."""
        if self.p is None or not getattr(self.q, "has_density", True):
            return False
        return space(self.q) == space(self.p)

    @property
    def log_ratio(self) -> Float[Tensor, "K B"]:
        """Log q(z | x) - log p(z) at what was drawn, in nats."""
        log_q = self.q.log_prob(self.z) if self.log_q is None else self.log_q
        log_p = self.prior.log_prob(self.z)
        self._check(log_q, "posterior's log-density", self.q)
        self._check(log_p, "prior's log-density", self.prior)
        return log_q - log_p

    @property
    def exact(self) -> bool:
        """Whether `kl` is the divergence itself and not its one-sample estimate."""
        return self.untouched and self._closed_form() is not None

    @property
    def kl(self) -> Float[Tensor, "K B"]:
        """KL(q || p) in nats: exact where the families know it and z is untouched."""
        closed = self._closed_form() if self.untouched else None
        if closed is None:
            return self.log_ratio
        if closed.ndim == 1:  # the posterior is the same for every draw
            closed = closed.expand(len(self.z), *closed.shape)
        self._check(closed, "rate (KL divergence)", self.q)
        return closed

    @property
    def kl_per_dimension(self) -> Float[Tensor, "B *Z"]:
        """KL(q || p) of each dimension in nats, where both factorise and z is untouched.

        Where q or p depends on the draw of another latent, it is averaged over the K draws.
        """
        if not self.untouched:
            raise CompositionError(
                "z was moved after it was drawn, so its rate (KL divergence) is known only as a "
                "whole: use a rate without free bits"
            )
        found = kl_per_dimension(self.q, self.prior)
        if found.shape == self.z.shape:
            return found.mean(0)
        if found.shape != self.z.shape[1:]:
            check_shape(found, self.z.shape[1:], "rate of each dimension", self.q)
        return found

    def _check(self, value: Tensor, what: str, of: Distribution) -> None:
        """Refuse what is not one number for each draw of each example."""
        check_event(of, self.z.shape[2:], what)
        check_shape(value, self.z.shape[:2], what, of)

    def _closed_form(self) -> Tensor | None:
        try:
            return kl_divergence(self.q, self.prior)
        except NotImplementedError:
            return None


def check_event(distribution: Distribution, event: Sequence[int], what: str) -> None:
    """Refuse a distribution whose events have another shape than what it scores.

    Args:
        distribution: Any.
        event: The shape of one item or latent.
        what: What is scored, for the message.

    Raises:
        CompositionError: If the shapes differ.

    Example:
        >>> from torch.distributions import Normal
        >>> check_event(Normal(torch.zeros(5, 2), 1.0), (2,), "likelihood's log-density")
        Traceback (most recent call last):
        reparam.errors.CompositionError: the likelihood's log-density would not be one number ...
    """
    if tuple(distribution.event_shape) != tuple(event):
        name, own = type(distribution).__name__, tuple(distribution.event_shape)
        raise CompositionError(
            f"the {what} would not be one number for each draw of each example, because one event "
            f"of its {name} has the shape {own} and what it scores has {tuple(event)}: make it "
            "one event, as a family without event_dims or torch's Independent does"
        )


def check_shape(value: Tensor, shape: Sequence[int], what: str, of: Distribution) -> None:
    """Refuse a value of another shape than its law says.

    Args:
        value: The value.
        shape: What it must be: (K, B), draws by examples, for a log-density or a rate.
        what: What the value is, for the message.
        of: The distribution that gave it.

    Raises:
        CompositionError: If the shapes differ.

    Example:
        >>> from torch.distributions import Normal
        >>> check_shape(torch.zeros(1, 5, 2), (1, 5), "likelihood's log-density", Normal(0.0, 1.0))
        Traceback (most recent call last):
        reparam.errors.CompositionError: the likelihood's log-density of Normal has the shape ...
    """
    if tuple(value.shape) != tuple(shape):
        raise CompositionError(
            f"the {what} of {type(of).__name__} has the shape {tuple(value.shape)} where "
            f"{tuple(shape)} is needed: it must sum over one event's axes and keep those of draws "
            "and examples, as a family without event_dims or torch's Independent does"
        )


def space(distribution: Distribution) -> str:
    """Where a distribution's events lie, in words.

    Args:
        distribution: Any.

    Example:
        >>> from reparam.distributions import StandardNormal, UniformSphere
        >>> space(StandardNormal(torch.zeros(2))), space(UniformSphere(torch.zeros(2)))
        ('anywhere in space', 'on the unit sphere')
    """
    return getattr(distribution, "space", REAL)


def detached(distribution: Distribution) -> Distribution:
    """A distribution whose parameters carry no gradients.

    Args:
        distribution: Any distribution that keeps its parameters as attributes, its own or those of
            distributions, transforms and modules within it, or bound to functions.

    Example:
        >>> from torch.distributions import Normal
        >>> detached(Normal(torch.ones(2, requires_grad=True), 1.0)).loc.requires_grad
        False
    """
    stopped: Distribution = _stopped(distribution, {})
    return stopped


def _stopped(value: Any, seen: dict[int, Any]) -> Any:  # noqa: ANN401
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, list | tuple):
        return type(value)(_stopped(inner, seen) for inner in value)
    if isinstance(value, dict):
        return {name: _stopped(inner, seen) for name, inner in value.items()}
    if isinstance(value, partial):
        given, named = _stopped(value.args, seen), _stopped(value.keywords, seen)
        return partial(_stopped(value.func, seen), *given, **named)
    if isinstance(value, MethodType):
        return getattr(_stopped(value.__self__, seen), value.__name__)
    if not isinstance(value, Distribution | Transform | nn.Module):
        return value
    if id(value) not in seen:  # a transform and its inverse know each other
        seen[id(value)] = stopped = object.__new__(type(value))
        vars(stopped).update({name: _stopped(part, seen) for name, part in vars(value).items()})
    return seen[id(value)]


@dataclass
class Trace:
    r"""What one pass leaves.

    Args:
        x: The target, (B, \*X).
        seen: What the encoder saw, (B, \*X): differs from x for denoising and masking.
        latents: Each latent variable, in the order of drawing.
        likelihood: p(x | z), with batches (K, B).
        model: What made the trace; a term may score again through it.
        given: The conditions that posterior, prior and likelihood were given, each (B, \*Y).
    """

    x: Float[Tensor, "B *X"]
    seen: Float[Tensor, "B *X"]
    latents: tuple[Latent, ...]
    likelihood: Distribution
    model: nn.Module
    given: tuple[Tensor, ...] = ()

    @property
    def has_distortion(self) -> bool:
        """Whether the likelihood has a density."""
        return getattr(self.likelihood, "has_density", True)

    @property
    def has_rate(self) -> bool:
        """Whether every latent has a prior in its space and a posterior with a density."""
        return all(latent.has_rate for latent in self.latents)

    @property
    def log_likelihood(self) -> Float[Tensor, "K B"]:
        """Log p(x | z) in nats."""
        return self.score(self.likelihood)

    def score(self, likelihood: Distribution) -> Float[Tensor, "K B"]:
        """The log-density of the target under a likelihood of its draws, in nats.

        Args:
            likelihood: p(x | z) for every draw: the trace's own, or one decoded again.

        Raises:
            CompositionError: If it is not one number for each draw of each example.
            NoDensityError: If the likelihood has no density.
        """
        what = "likelihood's log-density"
        if getattr(likelihood, "has_density", True):
            check_event(likelihood, self.x.shape[1:], what)
        found: Tensor = likelihood.log_prob(self.x)
        check_shape(found, self.latents[0].z.shape[:2], what, likelihood)
        return found

    @property
    def latent(self) -> Latent:
        """The one latent variable.

        Raises:
            CompositionError: If there are several.
        """
        if len(self.latents) != 1:
            raise CompositionError(
                f"this model has {len(self.latents)} latent variables, and a term of the "
                "objective is defined for one: use terms of several, such as Distortion and Rate"
            )
        return self.latents[0]

    @property
    def kl(self) -> Float[Tensor, "K B"]:
        """The rate of each draw: KL(q || p) in nats, over all latents."""
        return reduce(add, [latent.kl for latent in self.latents])

    @property
    def log_weight(self) -> Float[Tensor, "K B"]:
        """Log p(x, z) - log q(z | x) in nats."""
        return self.log_likelihood - reduce(add, [latent.log_ratio for latent in self.latents])

r"""Bounds from many draws, weighted by how well each explains the picture.

With K draws and log-weights :math:`\log w_k = \log p(x, z_k) - \log q(z_k | x)`,

.. math:: \log p(x) \ge E\left[\log \frac1K \sum_k w_k\right] \ge E[\log w_1],

tighter with K. The tighter the bound, the less its gradient says to the encoder: its signal falls
faster than its noise. So the M K draws of a picture may be split into M groups, whose bounds are
averaged; encoder and decoder may climb different bounds; or the encoder's gradient may be
estimated with less noise.
"""

from jaxtyping import Float
from torch import Tensor

from reparam.divergences import log_mean_exp
from reparam.errors import CompositionError
from reparam.objectives.frozen import frozen
from reparam.objectives.schedules import Schedule
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Latent, Trace, detached

GRADIENTS = ("plain", "path", "doubly")


@register
class ImportanceWeighted(Term):
    r"""Minus the importance-weighted bound.

    .. math:: -\frac1M \sum_m \log \frac1K \sum_k w_{mk}, \quad
        \log w = \log p(x | z) + \log p(z) - \log q(z | x)

    With M K draws for each example. One group of K is the importance-weighted autoencoder's bound
    (IWAE), groups of one draw are the plain evidence bound, and between them lies the MIWAE's.
    The value is the bound, whichever way its gradient is estimated.

    Args:
        groups: M, how many groups the draws are split into.
        gradient: `"plain"`; `"path"`: without the posterior's score, whose mean is zero ("sticking
            the landing"; for more than one draw in a group it leaves a bias); `"doubly"`: the
            encoder's gradient doubly reparameterised (DReG), without bias and with less noise.
        weight: What it is multiplied by.
        name: What it is called in results.

    Raises:
        CompositionError: If there is no group, the draws do not fall into the groups, or the
            gradient is none of these.

    Source: Burda, Grosse & Salakhutdinov 2016, https://arxiv.org/abs/1509.00519; groups: Rainforth
        et al. 2018, https://arxiv.org/abs/1802.04537; path: Roeder, Wu & Duvenaud 2017,
        https://arxiv.org/abs/1703.09194; doubly: Tucker et al. 2019,
        https://arxiv.org/abs/1810.04152

    Example:
        >>> from reparam import zoo
        >>> from reparam.objectives import Objective
        >>> model, _ = zoo.vae((1, 28, 28), latent=2)
        >>> iwae = Objective(ImportanceWeighted(), samples=50)
    """

    name = "importance_weighted_bound"
    scores = ("prior", "likelihood")

    def __init__(
        self,
        groups: int = 1,
        gradient: str = "plain",
        weight: float | Schedule = 1.0,
        name: str | None = None,
    ) -> None:
        if gradient not in GRADIENTS:
            raise CompositionError(f"gradient is one of {', '.join(GRADIENTS)}, not {gradient!r}")
        super().__init__(weight, name)
        self.groups, self.gradient = check_groups(groups), gradient

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """Minus the bound of each example, in nats."""
        if self.gradient == "plain":
            return -bound(trace.log_weight, self.groups)
        if self.gradient == "path":
            latent = only(trace)
            log_q = latent.q_detached.log_prob(latent.z)
            log_weight = trace.log_likelihood + latent.prior.log_prob(latent.z) - log_q
            return -bound(log_weight, self.groups)
        encoders = encoders_log_weight(trace, path=True)
        decoders = decoders_log_weight(trace)
        share = split(decoders.detach(), self.groups).softmax(1)
        squared = (share.square() * split(encoders, self.groups)).sum(1).mean(0)
        return -bound(decoders, self.groups) - without_value(squared)


@register
class PartiallyImportanceWeighted(Term):
    r"""Minus the bound over all draws for the decoder, minus the mean of M bounds for the encoder.

    .. math:: \text{decoder: } -\log \frac1{M K} \sum_{m,k} w_{mk}, \quad
        \text{encoder: } -\frac1M \sum_m \log \frac1K \sum_k w_{mk}

    The value is the decoder's. Each needs its own decoding of the draws.

    Args:
        groups: M, how many groups the encoder's bound splits the draws into.
        weight: What it is multiplied by.
        name: What it is called in results.

    Raises:
        CompositionError: If there is no group, or the draws do not fall into the groups.

    Source: Rainforth et al. 2018, https://arxiv.org/abs/1802.04537
    """

    name = "importance_weighted_bound"
    scores = ("prior", "likelihood")

    def __init__(
        self, groups: int = 8, weight: float | Schedule = 1.0, name: str | None = None
    ) -> None:
        super().__init__(weight, name)
        self.groups = check_groups(groups)

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """Minus the bound over all draws of each example, in nats."""
        encoder = bound(encoders_log_weight(trace), self.groups)
        return -bound(decoders_log_weight(trace), 1) - without_value(encoder)


def bound(log_weight: Float[Tensor, "MK B"], groups: int) -> Float[Tensor, "B"]:
    """The mean of the groups' importance-weighted bounds.

    Args:
        log_weight: Nats.
        groups: M.

    Example:
        >>> import torch
        >>> round(bound(torch.tensor([[0.0], [0.0], [5.0], [5.0]]), groups=2).item(), 4)
        2.5
    """
    return log_mean_exp(split(log_weight, groups), 1).mean(0)


def split(draws: Float[Tensor, "MK B"], groups: int) -> Float[Tensor, "M K B"]:
    """The draws in groups.

    Args:
        draws: What was found for each draw.
        groups: M.

    Raises:
        CompositionError: If the draws do not fall into so many groups.
    """
    if len(draws) % groups:
        raise CompositionError(
            f"{len(draws)} draws do not fall into {groups} equal groups: make samples= of the "
            "objective a multiple of groups="
        )
    return draws.unflatten(0, (groups, -1))


def encoders_log_weight(trace: Trace, path: bool = False) -> Float[Tensor, "MK B"]:
    """The log-weights with gradients to the encoder alone.

    Args:
        trace: A pass through a model with one latent.
        path: Whether the posterior's own parameters are stopped in its density.
    """
    latent, model = only(trace), trace.model
    likelihood = frozen(model.likelihood, latent.z, *trace.given)  # type: ignore[arg-type]
    prior = detached(latent.prior)
    if path or latent.log_q is None:
        log_q = (latent.q_detached if path else latent.q).log_prob(latent.z)
    else:
        log_q = latent.log_q
    return trace.score(likelihood) + prior.log_prob(latent.z) - log_q


def decoders_log_weight(trace: Trace) -> Float[Tensor, "MK B"]:
    """The log-weights with gradients to the likelihood and the prior alone.

    Args:
        trace: A pass through a model with one latent.
    """
    latent = only(trace)
    z = latent.z.detach()
    likelihood = trace.model.likelihood(z, *trace.given)  # type: ignore[operator]
    log_q = latent.q.log_prob(latent.z) if latent.log_q is None else latent.log_q
    return trace.score(likelihood) + latent.prior.log_prob(z) - log_q.detach()


def without_value(gradient: Tensor) -> Tensor:
    """Zeros that carry a gradient.

    Args:
        gradient: What to take the gradient of.
    """
    return gradient - gradient.detach()


def only(trace: Trace) -> Latent:
    """The one latent of a trace.

    Args:
        trace: A pass through a model.

    Raises:
        CompositionError: If it has more than one, or it was moved after drawing.
    """
    (latent, *others) = trace.latents
    latent.prior  # noqa: B018  a model without one is refused
    if others or not latent.untouched:
        raise CompositionError(
            "this bound splits the gradients of encoder and decoder, and needs a model with one "
            "latent that is as it was drawn: use ImportanceWeighted(gradient='plain')"
        )
    return latent


def check_groups(groups: int) -> int:
    """A number of groups, if it is one.

    Args:
        groups: At least 1.

    Raises:
        CompositionError: If it is less.
    """
    if groups < 1:
        raise CompositionError(f"groups must be at least 1, not {groups}")
    return groups

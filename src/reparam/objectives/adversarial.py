r"""Critics that judge codes: densities compared by learning to tell their draws apart.

The best judge of two densities a and b, shown as many draws of each, gives the logit
:math:`c(z) = \log a(z) - \log b(z)`. So a critic estimates a ratio of densities that nobody can
write down. It is a player of its own: it minimises its own loss on detached codes, and the term
scores codes through the frozen critic.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from reparam.objectives.frozen import frozen
from reparam.objectives.matching import codes_and_draws
from reparam.objectives.schedules import Schedule
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Trace


def telling_apart(first: Float[Tensor, "N 1"], second: Float[Tensor, "M 1"]) -> Float[Tensor, ""]:
    r"""The cross-entropy of a critic whose logits should be high for the first and low for others.

    .. math:: \frac12 E_a[\log(1 + e^{-c})] + \frac12 E_b[\log(1 + e^c)]

    Args:
        first: Logits of draws from a.
        second: Logits of draws from b.

    Example:
        >>> telling_apart(torch.zeros(3, 1), torch.zeros(2, 1))  # log 2
        tensor(0.6931)
    """
    return (F.softplus(-first).mean() + F.softplus(second).mean()) / 2


@register
class CriticTotalCorrelation(Term):
    r"""The total correlation by a critic that tells codes from codes with their latents shuffled.

    .. math:: KL(q(z) \| \prod_j q(z_j)) \approx E_{q(z)}[c(z)]

    The critic sees one half of the batch as it is, and the other half with each dimension shuffled
    over the examples.

    Args:
        critic: Codes (N, D) to logits (N, 1).
        weight: What it is multiplied by: gamma.
        name: What it is called in results.

    Source: Kim & Mnih 2018, https://arxiv.org/abs/1802.05983
    """

    name = "total_correlation"

    def __init__(
        self, critic: nn.Module, weight: float | Schedule = 1.0, name: str | None = None
    ) -> None:
        super().__init__(weight, name)
        self.critic = critic

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """The critic's logits, averaged over the K draws, in nats."""
        z = trace.latent.z
        logits: Tensor = frozen(self.critic, z.flatten(0, 1).flatten(1))
        return logits.reshape(z.shape[:2]).mean(0)

    def critic_loss(self, trace: Trace) -> Float[Tensor, ""]:
        """How badly codes are told from shuffled ones."""
        z = trace.latent.z.detach().flatten(0, 1).flatten(1)
        half = max(len(z) // 2, 1)
        return telling_apart(self.critic(z[:half]), self.critic(shuffled(z[-half:])))


def shuffled(z: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
    """Each dimension in its own random order: draws from the product of the marginals.

    Args:
        z: Codes.

    Example:
        >>> shuffled(torch.tensor([[1.0, 2.0], [1.0, 2.0]]))
        tensor([[1., 2.],
                [1., 2.]])
    """
    return z.gather(0, torch.rand_like(z).argsort(0))


@register
class AdversarialPrior(Term):
    r"""How surely a critic tells codes from draws from the prior.

    .. math:: E_{q(z)}[\log(1 + e^{-c(z)})], \quad c(z) \approx \log p(z) - \log q(z)

    the encoder's loss that does not saturate. No nats of rate: it carries a weight.

    Args:
        critic: Codes (N, D) to logits (N, 1).
        weight: What it is multiplied by.
        name: What it is called in results.

    Source: Makhzani et al. 2016, https://arxiv.org/abs/1511.05644
    """

    name = "adversarial_prior"

    def __init__(
        self, critic: nn.Module, weight: float | Schedule = 1.0, name: str | None = None
    ) -> None:
        super().__init__(weight, name)
        self.critic = critic

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """How surely each code is told, averaged over the K draws."""
        z = trace.latent.z
        logits: Tensor = frozen(self.critic, z.flatten(0, 1))
        return F.softplus(-logits).reshape(z.shape[:2]).mean(0)

    def critic_loss(self, trace: Trace) -> Float[Tensor, ""]:
        """How badly draws from the prior are told from codes."""
        z, drawn = codes_and_draws(trace)
        return telling_apart(self.critic(drawn), self.critic(z.detach()))

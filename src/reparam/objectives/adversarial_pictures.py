r"""A critic that judges pictures: the VAE-GAN.

A critic learns to tell real pictures from decoded ones. Its inner features are a better ruler than
pixels are: distances between pictures are measured in them. Three gradients must not mix: the
critic's own loss trains it alone; to fool the critic is the decoder's business and not the
encoder's, so that it sees decoded codes that are detached; and the decoder weighs the distance by
gamma, the encoder by 1, so that codes are decoded a second time with the decoder frozen.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from reparam.objectives.adversarial import telling_apart
from reparam.objectives.frozen import frozen
from reparam.objectives.schedules import Schedule, check_weight
from reparam.objectives.term import Term
from reparam.registry import register
from reparam.trace import Trace


@register
class CriticDistance(Term):
    r"""Half the squared distance of picture and reconstruction in a critic's features.

    .. math:: \frac12 \|f(x) - f(d(z))\|^2

    It trains the encoder, and with gamma times the gradient the decoder; never the critic.

    Args:
        critic: Pictures to (logits, features); the one that `AdversarialPictures` trains.
        gamma: What the decoder's gradient is multiplied by.
        weight: What it is multiplied by.
        name: What it is called in results.

    Source: Larsen et al. 2016, https://arxiv.org/abs/1512.09300
    """

    name = "critic_distance"

    def __init__(
        self,
        critic: nn.Module,
        gamma: float = 1.0,
        weight: float | Schedule = 1.0,
        name: str | None = None,
    ) -> None:
        super().__init__(weight, name)
        self.critic, self.gamma = critic, check_weight(gamma)

    def forward(self, trace: Trace) -> Float[Tensor, "B"]:
        """The distance of each example, averaged over the K draws."""
        z, likelihood = trace.latent.z, trace.model.likelihood
        encoders = self.distance(trace, frozen(likelihood, z, *trace.given).mean)  # type: ignore[arg-type]
        again: Tensor = likelihood(z.detach(), *trace.given).mean  # type: ignore[operator]
        decoders = self.distance(trace, again)
        return encoders + self.gamma * (decoders - decoders.detach())

    def distance(self, trace: Trace, decoded: Float[Tensor, "K B *X"]) -> Float[Tensor, "B"]:
        """The distance of decoded pictures from the trace's.

        Args:
            trace: A pass through a model.
            decoded: Pictures.
        """
        _, real = frozen(self.critic, trace.x)
        _, shown = frozen(self.critic, decoded.flatten(0, 1))
        difference = shown.flatten(1).unflatten(0, decoded.shape[:2]) - real.flatten(1)
        return difference.square().sum(-1).mean(0) / 2


@register
class AdversarialPictures(Term):
    r"""How surely a critic tells decoded pictures from real ones.

    .. math:: E[\log(1 + e^{-c(d(z))})]

    over reconstructions and over draws from the prior. It trains the decoder alone.

    Args:
        critic: Pictures to (logits, features).
        weight: What it is multiplied by.
        name: What it is called in results.

    Source: Larsen et al. 2016, https://arxiv.org/abs/1512.09300
    """

    name = "adversarial_pictures"

    def __init__(
        self, critic: nn.Module, weight: float | Schedule = 1.0, name: str | None = None
    ) -> None:
        super().__init__(weight, name)
        self.critic = critic

    def forward(self, trace: Trace) -> Float[Tensor, ""]:
        """How surely, averaged over what was decoded."""
        logits, _ = frozen(self.critic, self.decoded(trace))
        return F.softplus(-logits).mean()

    def critic_loss(self, trace: Trace) -> Float[Tensor, ""]:
        """How badly real pictures are told from decoded ones."""
        real, _ = self.critic(trace.x)
        shown, _ = self.critic(self.decoded(trace).detach())
        return telling_apart(real, shown)

    def decoded(self, trace: Trace) -> Float[Tensor, "N *X"]:
        """Reconstructions, and as many pictures of draws from the prior.

        Args:
            trace: A pass through a model with a prior.
        """
        latent = trace.latent
        prior = latent.prior
        lead = latent.z.shape[: 1 if prior.batch_shape else 2]
        z = torch.cat([latent.z.detach(), prior.sample(lead)])
        pictures: Tensor = trace.model.likelihood(z, *trace.given).mean  # type: ignore[operator]
        return pictures.flatten(0, 1)

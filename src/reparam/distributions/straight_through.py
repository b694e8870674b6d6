r"""Categorical variables that are drawn as such and pass a relaxed draw's gradient.

What is drawn is exact: each variable is one of its categories, written as a vector with a single
1, and mass, entropy and divergence are the categorical distribution's own. Only the gradient is
borrowed. The step to the nearest corner of the simplex has none, so the draw passes on the
gradient of the relaxed draw that it was made of, as if the step were not there: a biased estimate,
the more so the higher the temperature, and a noisier one the lower it is.
"""

import torch
from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution
from torch.distributions.kl import register_kl

from reparam.distributions.normal import excess
from reparam.distributions.relaxed_categorical import gumbel


class StraightThroughCategorical(Distribution):
    r"""N independent variables of C categories, one flat event of N C zeros and ones.

    .. math:: \log p(z) = \sum_{nk} z_{nk} \log \pi_{nk}

    It is linear in z, so that relaxed gradients pass through it too. A draw is
    :math:`z = \mathrm{onehot}(\arg\max_k y_k)` with the gradient of
    :math:`y = \mathrm{softmax}((\log \pi + g) / T)`, where g is Gumbel noise.

    Args:
        logits: (\*batch, N, C), the log-probabilities up to a constant.
        temperature: T of the relaxed draw that lends its gradient; it changes nothing else.

    Source: Jang, Gu & Poole 2017, https://arxiv.org/abs/1611.01144

    Example:
        >>> p = StraightThroughCategorical(torch.zeros(3, 4))
        >>> z = p.rsample((5,))
        >>> z.shape, z.unique(), p.log_prob(z)[0]  # -3 log 4
        (torch.Size([5, 12]), tensor([0., 1.]), tensor(-4.1589))
    """

    has_rsample = True
    arg_constraints = {}  # noqa: RUF012

    def __init__(self, logits: Float[Tensor, "*batch N C"], temperature: float = 1.0) -> None:
        self.logits, self.temperature = logits, temperature
        self.space = f"at the corners of simplices of {logits.shape[-1]} categories"
        event = logits.shape[-2] * logits.shape[-1]
        super().__init__(logits.shape[:-2], Size([event]), validate_args=False)

    @property
    def log_probabilities(self) -> Tensor:
        r"""Of each category of each variable, (\*batch, N, C)."""
        return self.logits.log_softmax(-1)

    @property
    def mean(self) -> Tensor:
        r"""The probabilities, (\*batch, N C)."""
        return self.logits.softmax(-1).flatten(-2)

    @property
    def variance(self) -> Tensor:
        r"""Of each number, p (1 - p), (\*batch, N C)."""
        return self.mean * (1 - self.mean)

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""Draw (\*sample, \*batch, N C) zeros and ones with the gradient of a relaxed draw."""
        noisy = (self.logits + gumbel(sample_shape, self.logits)) / self.temperature
        relaxed = noisy.softmax(-1)
        largest = noisy.argmax(-1, keepdim=True)
        corner = torch.zeros_like(relaxed).scatter(-1, largest, 1.0)
        return (corner + (relaxed - relaxed.detach())).flatten(-2)

    def log_prob(self, value: Tensor) -> Tensor:
        r"""The log-mass in nats, (\*batch), of events (\*, \*batch, N C)."""
        return (value * self.log_probabilities.flatten(-2)).sum(-1)

    def entropy(self) -> Tensor:
        r"""The entropy in nats, (\*batch)."""
        return -self.log_prob(self.mean)


@register_kl(StraightThroughCategorical, StraightThroughCategorical)
def kl_categorical_categorical(
    q: StraightThroughCategorical, p: StraightThroughCategorical
) -> Tensor:
    r"""The KL divergence of the categorical variables in nats, (\*batch).

    .. math:: \sum_{nk} \pi^q_{nk} (\log \pi^q_{nk} - \log \pi^p_{nk})
    """
    if q.logits.shape[-2:] != p.logits.shape[-2:]:
        raise NotImplementedError("the two have other numbers of variables or categories")
    ratio = (q.log_probabilities - p.log_probabilities).flatten(-2)
    other = p.log_probabilities.exp().flatten(-2)
    # both sum to 1, so that adding p - q changes nothing but what cancels where they are alike
    alike = ratio.abs() < 1
    near = q.mean * excess(-ratio.where(alike, torch.zeros_like(ratio)))
    return torch.where(alike, near, q.mean * ratio + other - q.mean).sum(-1)

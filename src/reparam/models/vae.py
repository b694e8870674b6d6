r"""The variational autoencoder: three conditional distributions.

The posterior q(z | x) says which latents may have made a picture, the prior p(z) where latents lie
before any picture is seen, the likelihood p(x | z) which pictures a latent makes. For any
posterior,

.. math:: \log p(x) \ge E_{q(z|x)}[\log p(x | z)] - KL(q(z | x) \| p(z))

= -(distortion + rate), the evidence lower bound. A deterministic autoencoder is the same model
with a point for its posterior and no prior.
"""

import math
from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from reparam.alone import alone
from reparam.conditional import Conditional
from reparam.data.memory import check_fits, items_at_once
from reparam.distributions import tempered
from reparam.divergences import log_mean_exp
from reparam.errors import CompositionError, DataError, NoDensityError
from reparam.inference import inference
from reparam.randomness import Stream, seeded
from reparam.registry import register
from reparam.trace import Latent, Trace

ROUNDING = 1e-3
"""By how much resized pictures may overshoot their range."""
ALWAYS, DECODED = 64, 4096
"""How many samples are decoded at once whatever their size, and at most."""


@register
class VAE(nn.Module):
    r"""q(z | x), p(z) and p(x | z); with conditions y also q(z | x, y), p(z | y) and p(x | z, y).

    Args:
        posterior: Pictures (B, \*X) to a distribution of latents.
        prior: Nothing to a distribution of latents, or `None` where the model has no prior.
        likelihood: Latents (\*, \*Z) to a distribution of pictures.
        corruption: What spoils a picture before the encoder sees it while training, or `None`.

    Source: Kingma & Welling 2014, https://arxiv.org/abs/1312.6114

    Example:
        >>> from reparam import zoo
        >>> model, _ = zoo.vae((1, 28, 28), latent=2)
        >>> x = torch.rand(5, 1, 28, 28)
        >>> model(x, samples=3).latents[0].z.shape
        torch.Size([3, 5, 2])
        >>> model.encode(x).shape, model.reconstruct(x).shape, model.sample(4).shape
        (torch.Size([5, 2]), torch.Size([5, 1, 28, 28]), torch.Size([4, 1, 28, 28]))
    """

    variant: str | None = None
    """What the zoo calls it, where a zoo function made it."""

    def __init__(
        self,
        posterior: nn.Module,
        prior: nn.Module | None,
        likelihood: nn.Module,
        corruption: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.posterior, self.prior, self.likelihood = posterior, prior, likelihood
        self.corruption = corruption

    def forward(self, x: Float[Tensor, "B *X"], *y: Tensor, samples: int = 1) -> Trace:
        r"""Encode, draw and decode.

        Args:
            x: Pictures, (B, \*X).
            *y: Conditions, each (B, \*Y).
            samples: K, how many latents to draw for each picture.
        """
        p = None if self.prior is None else self.prior(*y)
        seen = x if self.corruption is None else self.corruption(x)
        latent = Latent.draw(self.posterior(seen, *y), p, samples)
        return Trace(x, seen, (latent,), self.likelihood(latent.z, *y), self, y)

    def encode(
        self,
        x: Float[Tensor, "B *X"],
        *y: Tensor,
        sample: bool = False,
        seed: int | None = None,
    ) -> Float[Tensor, "B *Z"]:
        r"""The posterior's mean, or a draw from it if asked for.

        Args:
            x: Pictures, (B, \*X), in [0, 1].
            *y: Conditions, each (B, \*Y).
            sample: Draw instead.
            seed: Makes the draw repeatable.

        Raises:
            DataError: If x lies outside the range of the pictures that the model makes.
        """
        _draws(sample, seed)
        with inference(self), seeded(seed, self.device):
            q = self.posterior(self._item(x), *y)
            return q.sample() if sample else q.mean

    def decode(
        self,
        z: Float[Tensor, "..."],
        *y: Tensor,
        sample: bool = False,
        seed: int | None = None,
    ) -> Float[Tensor, "..."]:
        r"""The likelihood's mean, or a draw from it if asked for.

        Args:
            z: Latents, (\*batch, \*Z).
            *y: Conditions, each (B, \*Y).
            sample: Draw pixels instead.
            seed: Makes the draw repeatable.
        """
        _draws(sample, seed)
        with inference(self), seeded(seed, self.device):
            p = self.likelihood(self._here(z), *y)
            return p.sample() if sample else p.mean

    def reconstruct(self, x: Float[Tensor, "B *X"], *y: Tensor) -> Float[Tensor, "B *X"]:
        r"""Decode the posterior's mean.

        Args:
            x: Pictures, (B, \*X), in [0, 1].
            *y: Conditions, each (B, \*Y).
        """
        return self.decode(self.encode(x, *y), *y)

    def sample(
        self,
        n: int,
        *y: Tensor,
        temperature: float = 1.0,
        mean: bool = True,
        seed: int | None = None,
    ) -> Float[Tensor, "n *X"]:
        r"""Draw latents from the prior and decode them.

        Args:
            n: How many.
            *y: Conditions, each (n, \*Y).
            temperature: Multiplies the prior's standard deviations.
            mean: Show each latent's mean picture; otherwise also draw the pixels.
            seed: Makes the draw repeatable.

        Raises:
            NoDensityError: If the model has no prior.
        """
        return torch.cat(list(self.samples(n, *y, temperature=temperature, mean=mean, seed=seed)))

    def samples(
        self,
        n: int,
        *y: Tensor,
        temperature: float = 1.0,
        mean: bool = True,
        seed: int | None = None,
    ) -> Iterator[Float[Tensor, "_ *X"]]:
        r"""What `sample` gives, some at a time: memory holds n latents and a few of the images.

        Args:
            n: How many in all.
            *y: Conditions, each (n, \*Y).
            temperature: Multiplies the prior's standard deviations.
            mean: Show each latent's mean image; otherwise also draw the pixels.
            seed: Makes the draw repeatable.

        Raises:
            NoDensityError: If the model has no prior.
            DataError: If the latents do not fit into memory.

        Example:
            >>> from reparam import zoo
            >>> model, _ = zoo.vae((1, 28, 28), latent=2, widths=[4, 4])
            >>> [len(some) for some in model.samples(5000, seed=0)]
            [4096, 904]
        """
        if n < 1:
            raise CompositionError(f"the number of samples must be at least 1, not {n}")
        if self.prior is None:
            raise NoDensityError(
                "this model has no prior to sample from: fit one to its codes, "
                "model.prior = samplers.normal(codes) or samplers.box(codes), "
                "on the command line --sampler normal|box"
            )
        noise = alone() if seed is None else Stream(seed, self.device)
        with inference(self), noise:
            p = tempered(self.prior(*y), temperature)
            needed = n * math.prod(p.event_shape) * torch.get_default_dtype().itemsize
            check_fits(needed, f"the latents of {n:,} samples", "take fewer at a time")
            z = p.sample(torch.Size((n,) if not p.batch_shape else ()))
            at_once = n
            if n > ALWAYS:  # an image's shape is only known from one
                one = self.likelihood(z[:1], *(condition[:1] for condition in y))
                at_once = items_at_once(one.mean.shape[1:], DECODED)
        for start in range(0, n, at_once):
            some = slice(start, start + at_once)
            with inference(self), noise:
                x = self.likelihood(z[some], *(condition[some] for condition in y))
                made = x.mean if mean else x.sample()
            yield made

    def log_prob(
        self,
        x: Float[Tensor, "B *X"],
        *y: Tensor,
        samples: int = 1,
        seed: int | None = None,
    ) -> Float[Tensor, "B"]:
        r"""A lower bound of log p(x) in nats, tighter with more samples.

        .. math:: \log \frac1K \sum_k \frac{p(x | z_k) \, p(z_k)}{q(z_k | x)}, \quad z_k \sim q

        Args:
            x: Pictures, (B, \*X), in [0, 1].
            *y: Conditions, each (B, \*Y).
            samples: K, of which as many are decoded at a time as memory easily holds.
            seed: Makes the draws repeatable.

        Raises:
            NoDensityError: If the posterior or likelihood has no density, or there is no prior.
            DataError: If x lies outside the range of the pictures that the model makes.

        Source: Burda, Grosse & Salakhutdinov 2016, https://arxiv.org/abs/1509.00519
        """
        x = self._item(x)
        at_once = items_at_once(x.shape, max(samples, 1))
        with inference(self), seeded(seed, self.device):
            if samples <= at_once:
                return log_mean_exp(self(x, *y, samples=samples).log_weight, 0)
            parts = [
                self(x, *y, samples=min(at_once, samples - done)).log_weight
                for done in range(0, samples, at_once)
            ]
            return log_mean_exp(torch.cat(parts), 0)

    @property
    def device(self) -> torch.device:
        """Where the model's parameters live."""
        return next(self.parameters()).device

    @property
    def classes(self) -> int | None:
        """How many labels the posterior knows; `None` where it takes none."""
        network = getattr(self.posterior, "network", None)
        return getattr(network, "classes", None)

    @property
    def conditions(self) -> int:
        """How many tensors of conditions the posterior takes beside the picture."""
        return len(self.posterior.event_dims) - 1 if isinstance(self.posterior, Conditional) else 0

    @property
    def mean_range(self) -> tuple[float, float] | None:
        """Between which numbers all that it decodes lies; `None` where it can be any."""
        return getattr(self.likelihood, "mean_range", None)

    def _item(self, x: Any) -> Tensor:  # noqa: ANN401
        """Items on the model's device and in its units, refused where they cannot be those."""
        x = self._here(x)
        if self.mean_range is not None and x.numel():
            (least, most), (low, high) = self.mean_range, torch.aminmax(x)
            if not (low >= least - ROUNDING and high <= most + ROUNDING):
                raise DataError(
                    f"this model takes numbers in [{least:g}, {most:g}], and these go from "
                    f"{low:g} to {high:g}: give pictures of 0 to 255 as uint8 or divided by 255, "
                    "and scale all else as the training data were"
                )
        return x

    def _here(self, x: Any) -> Tensor:  # noqa: ANN401
        like = next(self.parameters())
        x = torch.as_tensor(x, device=like.device)
        return x.to(like.dtype) / (255 if x.dtype == torch.uint8 else 1)


def _draws(sample: bool, seed: int | None) -> None:
    if seed is not None and not sample:
        raise CompositionError(
            "seed= has no effect on a mean: ask for sample=True or leave it out"
        )

"""The point mass: what a deterministic autoencoder has for a posterior."""

from jaxtyping import Float
from torch import Size, Tensor
from torch.distributions import Distribution

from reparam.errors import NoDensityError


class PointMass(Distribution):
    r"""All probability at one value. It can be drawn from but has no density.

    Args:
        value: (\*batch, \*event).
        event_dims: How many trailing axes are one event.

    Raises:
        NoDensityError: From `log_prob`.

    Example:
        >>> import torch
        >>> PointMass(torch.ones(3, 2)).rsample((5,)).shape
        torch.Size([5, 3, 2])
    """

    has_density = False
    has_rsample = True
    arg_constraints = {}  # noqa: RUF012

    def __init__(self, value: Float[Tensor, "*shape"], event_dims: int = 1) -> None:
        self.value = value
        split = value.ndim - event_dims
        super().__init__(value.shape[:split], value.shape[split:], validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The value."""
        return self.value

    def rsample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        r"""The value again and again, (\*sample, \*batch, \*event)."""
        return self.value.expand(*sample_shape, *self.value.shape)

    def sample(self, sample_shape: Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """The same without gradients: a view would keep them even under `no_grad`."""
        return self.rsample(sample_shape).detach()

    def log_prob(self, value: Tensor) -> Tensor:
        """Refuse: a point mass has no density."""
        raise NoDensityError(
            "a point has no density, so neither a rate (KL divergence) nor a log-likelihood: use "
            "an objective without these terms, or a family with a density such as DiagonalNormal "
            "or Bernoulli"
        )

"""The uniform distribution over a box."""

from jaxtyping import Float
from torch import Tensor
from torch.distributions import Independent, Uniform


class Box(Independent):
    """The uniform distribution between two corners.

    Args:
        low: The lower corner, (D,).
        high: The upper corner, (D,).
    """

    def __init__(self, low: Float[Tensor, "D"], high: Float[Tensor, "D"]) -> None:
        self.low, self.high = low, high
        super().__init__(Uniform(low, high, validate_args=False), 1, validate_args=False)

    def tempered(self, temperature: float) -> "Box":
        """The box with its sides multiplied by a temperature about its centre."""
        centre, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        return Box(centre - temperature * half, centre + temperature * half)

"""Numbers about a trained model, its pictures and its codes."""

from reparam.metrics.bound import Bound, bound

__all__ = ["Bound", "bound"]

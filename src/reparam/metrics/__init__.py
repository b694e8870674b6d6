"""Numbers about a trained model, in nats per example."""

from reparam.metrics.bound import Bound, bound

__all__ = ["Bound", "bound"]

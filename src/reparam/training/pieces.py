"""A batch taken in pieces, one after the other, where it does not fit into memory as a whole."""

from collections.abc import Callable

import torch
from accelerate.utils.memory import should_reduce_batch_size
from torch import Tensor

from reparam.errors import TrainingError
from reparam.randomness import Stream

Values = dict[str, Tensor]


class Pieces:
    """How many pieces a batch is cut into; with `"auto"` twice as many whenever memory runs out.

    A piece's averages count by its share of the batch, so that means over examples are those of
    the whole. A term over the batch as one, such as free bits, is averaged over the pieces.

    Args:
        count: How many, or `"auto"`.
    """

    def __init__(self, count: int | str) -> None:
        self.automatic = count == "auto"
        self.count = 1 if count == "auto" else int(count)

    def run(self, gradients: Callable[..., Values], noise: Stream, *batch: Tensor) -> Values:
        """The batch's values, its gradients added to those that are there.

        Args:
            gradients: Takes a piece's share of the batch and its tensors; forgets what it has
                added when it is called for the first piece.
            noise: The stream that is entered; a second try draws the same.
            batch: Tensors of B examples.

        Raises:
            TrainingError: If one example alone does not fit.
        """
        while self.automatic:
            before = noise.live
            try:
                return self._run(gradients, *batch)
            except RuntimeError as error:
                if not should_reduce_batch_size(error):
                    raise
                if self.count >= len(batch[0]):
                    raise TrainingError(
                        "a single example does not fit into memory: use a smaller model"
                    ) from error
            self.count *= 2
            noise.live = before
        return self._run(gradients, *batch)

    def _run(self, gradients: Callable[..., Values], *batch: Tensor) -> Values:
        if self.count == 1:
            return gradients(1.0, True, *batch)
        size = len(batch[0])
        found: list[tuple[float, Values]] = []
        for piece in zip(*(tensor.tensor_split(self.count) for tensor in batch), strict=True):
            if len(piece[0]):
                share = len(piece[0]) / size
                found.append((share, gradients(share, not found, *piece)))
        return {
            name: torch.stack([share * part[name] for share, part in found]).sum()
            for name in found[0][1]
        }

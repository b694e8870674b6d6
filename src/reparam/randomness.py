"""Randomness without global state.

Torch's distributions draw from the global generator. A `Stream` lends its own state to the global
generator while it is entered and takes it back afterwards, so that what is drawn inside is
repeatable and what is drawn outside is left as it was.

The generator is the process's: while a stream is entered no other thread can enter one, and
`seeded` draws alone without a seed too. What another thread draws from torch directly, without
either, is not guarded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import torch

from reparam.alone import alone


class Stream:
    """A named source of randomness that can be entered again and again.

    Args:
        seed: Where the stream starts.
        device: Whose generator to lend to; the CPU's always goes with it.

    Example:
        >>> noise = Stream(seed=0)
        >>> with noise:
        ...     first = torch.rand(1)
        >>> with noise:
        ...     second = torch.rand(1)
        >>> with Stream(seed=0):
        ...     again = torch.rand(2)
        >>> bool((torch.cat([first, second]) == again).all())
        True
    """

    def __init__(self, seed: int, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        with alone(), torch.random.fork_rng(self._indices(), device_type=self._type()):
            torch.default_generator.manual_seed(seed)
            if self.device.type != "cpu":
                torch.get_device_module(self.device).manual_seed(seed)
            self.state = self._read()
        self._outside: list[torch.Tensor] = []

    def __enter__(self) -> "Stream":
        alone().__enter__()
        self._outside = self._read()
        self._write(self.state)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.state = self._read()
            self._write(self._outside)
        finally:
            alone().__exit__()

    @property
    def live(self) -> list[torch.Tensor]:
        """The state while the stream is entered."""
        return self._read()

    @live.setter
    def live(self, state: list[torch.Tensor]) -> None:
        self._write(state)

    def _type(self) -> str:
        return "cuda" if self.device.type == "cpu" else self.device.type

    def _indices(self) -> list[int]:
        return [self._index()] if self.device.type != "cpu" else []

    def _index(self) -> int:
        return self.device.index or 0

    def _read(self) -> list[torch.Tensor]:
        states = [torch.get_rng_state()]
        if self.device.type != "cpu":
            states.append(torch.get_device_module(self.device).get_rng_state(self._index()))
        return states

    def _write(self, states: list[torch.Tensor]) -> None:
        torch.set_rng_state(states[0])
        if self.device.type != "cpu":
            torch.get_device_module(self.device).set_rng_state(states[1], self._index())


@contextmanager
def seeded(seed: int | None, device: torch.device | str = "cpu") -> Iterator[None]:
    """Draws inside are repeatable for a seed; with `None` they come from the global generator.

    Args:
        seed: The seed, or `None` to leave things as they are.
        device: The device whose generator to seed beside the CPU's.

    Example:
        >>> with seeded(3):
        ...     a = torch.rand(2)
        >>> with seeded(3):
        ...     b = torch.rand(2)
        >>> bool((a == b).all())
        True
    """
    with alone() if seed is None else Stream(seed, device):
        yield

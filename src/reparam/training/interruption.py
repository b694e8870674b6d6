"""Ctrl-C and SIGTERM while training: the step is finished and saved first."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Interruption:
    """Whether somebody wants training to stop.

    Args:
        signal: The signal's number, or `None`.
        answered: Whether training has stopped for it.
    """

    signal: int | None = None
    answered: bool = False


@contextmanager
def finishing_the_step() -> Iterator[Interruption]:
    """Inside, the first Ctrl-C or SIGTERM only asks; a second one acts as it did before.

    One that nobody has answered by the end acts then. Where a signal was ignored it stays so, and
    outside the main thread nothing changes.

    Example:
        >>> with finishing_the_step() as interruption:
        ...     interruption.signal is None
        True
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)

    def ask(number: int, frame: FrameType | None) -> None:
        interruption.signal = number
        restore()

    for number, handler in before.items():
        if handler not in (signal.SIG_IGN, None):
            signal.signal(number, ask)
    try:
        yield interruption
    finally:
        restore()
    if interruption.signal is not None and not interruption.answered:
        signal.raise_signal(interruption.signal)

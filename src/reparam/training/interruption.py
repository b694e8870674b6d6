"""Ctrl-C and SIGTERM while training: the step is finished and saved, unless it takes too long."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from reparam import signals
from reparam.errors import Interrupted
from reparam.training.team import is_main

SIGNALS = (signal.SIGINT, signal.SIGTERM)
AT_ONCE = 0.3
"""After so many seconds it is said that the step is being finished."""
PATIENCE = 1.2
"""After so many seconds Ctrl-C no longer waits for the step: the checkpoint before is whole."""
STUCK = 0.5
"""So much later a process of the command line ends without waiting for the interpreter."""


@dataclass
class Interruption:
    """Whether somebody wants training to stop.

    Args:
        signal: The signal's number, or `None`.
        answered: Whether training has stopped for it.
        saving: Whether a checkpoint is being written, which Ctrl-C waits for.
        way_back: Says from where training goes on that stops within a step.
    """

    signal: int | None = None
    answered: bool = False
    saving: bool = False
    way_back: Callable[[], str] = lambda: "stopped before the first step"
    _late: bool = field(default=False, repr=False)
    _over: threading.Event = field(default_factory=threading.Event, repr=False)
    _came: list[int] = field(default_factory=list, repr=False)
    _deciding: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def kept_waiting(self) -> Iterator[None]:
        """Inside, a checkpoint is written."""
        self.saving = True
        try:
            yield
        finally:
            self.saving = False

    def hear(self, number: int) -> None:
        """Answer a signal, in a thread that nothing holds up.

        Args:
            number: The signal's number.
        """
        if number not in SIGNALS or self._late:
            return
        self._came.append(number)
        if len(self._came) == 1:
            threading.Thread(target=self._wait, args=(number,), daemon=True).start()
        elif signals.owned:
            signals.leave(number, self.way_back())

    def _wait(self, number: int) -> None:
        """Say what is waited for; with Ctrl-C stop waiting at last."""
        if self._over.wait(AT_ONCE):
            return
        if is_main():
            what = "the checkpoint is written" if self.saving else "this step is done"
            again = "; Ctrl-C again stops at once" if number == signal.SIGINT else ""
            print(f"stopping once {what}{again}", file=sys.stderr, flush=True)
        if number != signal.SIGINT or self._over.wait(PATIENCE - AT_ONCE):
            return
        while self.saving:
            if self._over.wait(0.05):
                return
        with self._deciding:
            if self._over.is_set():
                return
            self._late = True
            signals.wake(number)
        if signals.owned and not self._over.wait(STUCK):
            signals.leave(number, self.way_back())


@contextmanager
def finishing_the_step() -> Iterator[Interruption]:
    """Inside, the first Ctrl-C or SIGTERM only asks; a second one acts as it did before.

    A step that Ctrl-C finds too long is left unfinished. A signal that nobody has answered by the
    end acts then. Where a signal was ignored it stays so, and outside the main thread nothing
    changes.

    Raises:
        Interrupted: If Ctrl-C did not wait for the step.

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
        if interruption._late:
            if not interruption.answered and not interruption.saving:
                interruption.answered = True
                restore()
                raise Interrupted(interruption.way_back(), number)
            return
        if interruption.signal is not None:  # a second one
            restore()
            signal.raise_signal(number)
            return
        interruption.signal = number

    for number, handler in before.items():
        if handler not in (signal.SIG_IGN, None):
            signal.signal(number, ask)
    try:
        with signals.heard(interruption.hear):
            yield interruption
    finally:
        with interruption._deciding:
            interruption._over.set()
        restore()
    if interruption.signal is not None and not interruption.answered:
        signal.raise_signal(interruption.signal)

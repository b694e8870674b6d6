"""One thread at a time where others' settings hold for the whole process.

Torch's global generators, its number of threads, matplotlib's parameters and Python's warning
filters belong to the process. Whoever changes one and puts it back must not be interleaved with
another thread that does the same: the second would keep the first one's setting as the old one.
"""

import os
import threading


class Turn:
    """A lock that its holder may take again, and that goes to those who wait before it returns.

    A training takes it at every step; without the gate a thread that waits would hardly ever get
    in between.

    Example:
        >>> turn = Turn()
        >>> with turn, turn:
        ...     turn.depth
        2
        >>> turn.depth
        0
    """

    def __init__(self) -> None:
        self.depth = 0
        self._owner: int | None = None
        # Ctrl-C just here must not lock its own thread out: that one may take an RLock again.
        self._gate, self._lock = threading.Lock(), threading.RLock()

    def __enter__(self) -> "Turn":
        me = threading.get_ident()
        if self._owner != me:
            with self._gate:
                self._lock.acquire()
            self._owner = me
        self.depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.depth -= 1
        if self.depth == 0:
            self._owner = None
            self._lock.release()

    @property
    def elsewhere(self) -> bool:
        """Whether another thread is inside."""
        return self._owner not in (None, threading.get_ident())

    def forked(self) -> None:
        """In a new process: a thread that held it elsewhere does not exist here."""
        if self._owner != threading.get_ident():
            self.__init__()  # type: ignore[misc]


_TURN = Turn()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_TURN.forked)


def alone() -> Turn:
    """Inside, no other thread is inside; a thread may enter again what it is in.

    Example:
        >>> with alone(), alone():
        ...     sum(range(3))
        3
    """
    return _TURN

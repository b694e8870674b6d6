"""Ctrl-C answered at once, also while the interpreter waits for a long call.

Python runs a signal's handler only between two of its own instructions: during a backward pass of
twenty seconds there are none. The number of the signal is written to a socket at once, however,
and a thread can read it from there.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

GRACE = 2.0
"""How many seconds a command of the command line may take to end after Ctrl-C."""
SHOW_CURSOR = b"\x1b[?25h"

_OURS: list[int] = []
owned = False
"""Whether the process is the command line's, which may end it."""


@contextmanager
def heard(answer: Callable[[int], None]) -> Iterator[None]:
    """Inside, each signal that has a handler in Python is answered in a thread, at once.

    Within another one only the inner one answers. Does nothing outside the main thread.

    Args:
        answer: Takes the signal's number.

    Example:
        >>> with heard(print):
        ...     sum(range(3))
        3
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    _OURS.append(writer.fileno())

    def listen() -> None:
        while numbers := reader.recv(64):
            for number in numbers:
                answer(number)
            if before not in (-1, *_OURS):  # an event loop's, which waits for them too
                with suppress(OSError):
                    os.write(before, numbers)

    thread = threading.Thread(target=listen, name="reparam-signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        _OURS.remove(writer.fileno())
        writer.close()
        thread.join()
        reader.close()


def wake(number: int) -> None:
    """Let the main thread run a signal's handler as soon as it can, from another thread.

    Args:
        number: The signal's number.
    """
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)
    else:
        signal.raise_signal(number)


def leave(number: int, sentence: str) -> None:
    """End the process at once, without waiting for anything; its files are whole at any instant.

    Args:
        number: The signal's number.
        sentence: What to say.
    """
    with suppress(OSError):
        shown = SHOW_CURSOR if sys.__stderr__ is not None and sys.__stderr__.isatty() else b""
        os.write(2, b"\n" * bool(shown) + sentence.encode() + b"\n" + shown)
    os._exit(128 + number)


@dataclass
class Ending:
    """How a process of the command line ends.

    Args:
        status: With which status, where Python waits for its threads in vain.
    """

    status: int = 128 + signal.SIGINT


@contextmanager
def ending_soon() -> Iterator[Ending]:
    """Inside, a process that Ctrl-C has not ended after two seconds is ended; a second one does.

    Whatever threads still compute, such as a pool's, which Python waits for at its end. For the
    command line alone: nothing is cleared up.
    """
    global owned
    ending = Ending()
    came: list[int] = []
    over, leaving = threading.Event(), threading.Event()

    def answer(number: int) -> None:
        if number == signal.SIGINT:
            came.append(number)
            if len(came) > 1:
                leave(number, "stopped")
            threading.Thread(target=wait, args=(number,), daemon=True).start()

    def wait(number: int) -> None:
        if not over.wait(GRACE):
            leave(number, "stopped")
        leaving.wait()
        time.sleep(GRACE / 4)
        os._exit(ending.status)

    before, owned = owned, True
    try:
        with heard(answer):
            yield ending
    finally:
        owned = before
        over.set()
        if came and hasattr(threading, "_register_atexit"):
            threading._register_atexit(leaving.set)

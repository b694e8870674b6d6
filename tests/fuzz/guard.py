"""One command line in this process, with a clock beside it, and what came of it."""

import io
import os
import resource
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from reparam.cli import main

SECONDS = 30.0
LARGEST = 2 * 2**30
"""How many bytes a process may take."""
ROOM = 4 * 2**30
"""How much more than at its start a process is given, so that the machine survives it."""
OUTCOMES = ("success", "refusal", "traceback", "hang", "memory")


class Hang(BaseException):
    """A case that took too long."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case.

    Args:
        kind: One of `OUTCOMES`.
        said: The sentence, or where it broke.
        peak: The most bytes that the process took.
        details: The whole traceback, or what was printed.
    """

    kind: str
    said: str
    peak: int = 0
    details: str = ""


def command_line(arguments: Sequence[str]) -> Outcome:
    """Run `reparam` with arguments.

    Args:
        arguments: What stands after its name.
    """
    out, error = io.StringIO(), io.StringIO()
    before, showing = sys.argv, warnings.showwarning
    sys.argv = ["reparam", *arguments]
    try:
        with redirect_stdout(out), redirect_stderr(error), warnings.catch_warnings():
            main()
        status: object = 0
    except SystemExit as end:
        status = end.code or 0
    except Hang:
        return Outcome("hang", _where(), details=traceback.format_exc())
    except BaseException as raised:
        if not isinstance(raised, Exception) and not isinstance(raised, KeyboardInterrupt):
            raise
        return Outcome("traceback", _where(), details=traceback.format_exc())
    finally:
        sys.argv, warnings.showwarning = before, showing
    return _judged(status, error.getvalue())


def _judged(status: object, said: str) -> Outcome:
    """A refusal is one sentence on one line, and status 2."""
    if status == 0:
        return Outcome("success", "")
    lines = said.rstrip("\n").split("\n")
    refused = [i for i, line in enumerate(lines) if line.startswith("error: ")]
    if status == 2 and refused == [len(lines) - 1] and len(lines[-1]) < 10_000:
        return Outcome("refusal", lines[-1])
    if status == 130:
        return Outcome("refusal", "stopped")
    return Outcome("traceback", f"status {status} without one sentence", details=said)


def _where() -> str:
    """The error's kind and the last place of ours that it passed."""
    kind, error, trace = sys.exc_info()
    frames = traceback.extract_tb(trace)
    ours = [f for f in frames if f"{os.sep}reparam{os.sep}" in f.filename]
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}" if ours else "?"
    return f"{getattr(kind, '__name__', kind)} in {place}: {str(error)[:200]}"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Inside, what takes longer is stopped by `Hang`, if it comes back to Python at all.

    Args:
        seconds: How long it may take.
    """

    def ring(number: int, frame: FrameType | None) -> NoReturn:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def alone() -> None:
    """From now on, this process reaches no network and gets no more than so much memory."""

    def unreachable(*_: object) -> NoReturn:
        raise OSError(101, "Network is unreachable")

    socket.socket.connect = unreachable  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = unreachable  # type: ignore[assignment]
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + ROOM, resource.RLIM_INFINITY))
    os.environ |= {"COLUMNS": "100", "HF_HUB_OFFLINE": "1"}


def forget_peak() -> None:
    """Measure the largest size from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """The largest size of this process since then, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0

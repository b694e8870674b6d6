"""Saying what the study is doing, and how long it will take."""

import time

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar


class Progress:
    """A bar on a terminal, a line for each step of work elsewhere.

    Args:
        total: How much work there is, in parts of any unit.
        console: Where to write; standard error by default.

    Example:
        >>> with Progress(3, Console(quiet=True)) as progress:
        ...     progress.begin("training", work=2)
        ...     progress.begin("measuring", work=1)
    """

    def __init__(self, total: float, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self.live = self.console.is_terminal or self.console.is_jupyter
        self.total, self.done, self.current = total, 0.0, 0.0
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.live,
        )

    def __enter__(self) -> "Progress":
        self.started = time.perf_counter()
        self.task = self.bar.add_task("", total=self.total)
        self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.stop()

    def begin(self, what: str, work: float) -> None:
        """Say that the next step begins, and that the one before is done.

        Args:
            what: What is going on.
            work: How much work it is.
        """
        self.done += self.current
        self.current = work
        self.bar.update(self.task, completed=self.done, description=what)
        if not self.live:
            self.console.print(f"{what}{self._left()}", highlight=False, soft_wrap=True)

    def within(self, share: float) -> None:
        """Say how far the step has come.

        Args:
            share: From 0 to 1.
        """
        self.bar.update(self.task, completed=self.done + share * self.current)

    def skip(self) -> None:
        """Say that the step needed no work, so that it does not count for what is left."""
        self.total -= self.current
        self.current = 0.0
        self.bar.update(self.task, total=self.total)

    def _left(self) -> str:
        if not self.done:
            return ""
        elapsed = time.perf_counter() - self.started
        return f" (about {elapsed / self.done * (self.total - self.done):.0f} s left)"

"""Live progress: a bar on a terminal, a line an epoch elsewhere."""

from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from reparam.training.callbacks import Callback, Record, State

SHOWN = ("distortion", "rate", "loss")


class ShowProgress(Callback):
    """Shows epoch, distortion, rate, loss and speed on standard error.

    Args:
        console: Where to write; standard error by default.
        first: A line that comes before the others.
    """

    def __init__(self, console: Console | None = None, first: str = "") -> None:
        self.first = first
        self.console = console or Console(stderr=True)
        self.live = self.console.is_terminal or self.console.is_jupyter
        self.train: Record = {}
        self.validation: Record = {}

    def on_start(self, state: State) -> None:
        """Draw the bar."""
        if self.first:
            self.console.print(self.first, highlight=False, soft_wrap=True)
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[values]}"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.live,
        )
        self.task = self.bar.add_task(_epochs(state), total=state.steps, values="")
        self.bar.start()

    def on_record(self, state: State, record: Record) -> None:
        """Move the bar."""
        if record["split"] == "validation":
            self.validation = record
            return
        self.train = record
        values = f"{_values(record)}  {record['examples_per_second']:,.0f} examples/s"
        self.bar.update(self.task, completed=state.step, values=values, description=_epochs(state))

    def on_epoch(self, state: State) -> None:
        """Leave a line for each epoch."""
        line = f"{_epochs(state)}  train {_values(self.train)}"
        if self.validation:
            line += f"  validation {_values(self.validation)}"
        if not self.live and self.train:
            line += f"  {self.train['examples_per_second']:,.0f} examples/s"
        self.bar.console.print(line, highlight=False, soft_wrap=True)

    def on_end(self, state: State) -> None:
        """Take the bar away."""
        self.bar.stop()


def show_ending(ending: Mapping[str, str], console: Console | None = None) -> None:
    """Show what training says when it has ended, a line each.

    Args:
        ending: A sentence by the name of its rule.
        console: Where to write; standard error by default.
    """
    console = console or Console(stderr=True)
    for sentence in ending.values():
        console.print(f"Note: {sentence}", highlight=False, soft_wrap=True, markup=False)


def _epochs(state: State) -> str:
    width = len(str(state.recipe.epochs))
    now = min(-(-state.step // state.steps_per_epoch), state.recipe.epochs)
    return f"epoch {max(now, 1):{width}d}/{state.recipe.epochs}"


def _values(record: Record) -> str:
    shown = [f"{name} {record[name]:.2f}" for name in SHOWN if name in record]
    if record.get("skipped_steps"):
        shown.append(f"skipped {record['skipped_steps']}")
    return "  ".join(shown)

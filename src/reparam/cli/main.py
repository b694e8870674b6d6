"""The commands together, and how each ends.

Nothing here or above the commands' bodies imports torch: `reparam --help` answers at once.
"""

import re
import sys
import warnings
from typing import Annotated, Any

import typer
from rich.console import Console

from reparam._version import __version__
from reparam.cli.attribute import attribute
from reparam.cli.checkup import checkup
from reparam.cli.data import data
from reparam.cli.doctor import doctor
from reparam.cli.encode import encode
from reparam.cli.evaluate import evaluate
from reparam.cli.explore import explore
from reparam.cli.export import export
from reparam.cli.fit import fit
from reparam.cli.interpolate import interpolate
from reparam.cli.push import push
from reparam.cli.reconstruct import reconstruct
from reparam.cli.report import report
from reparam.cli.sample import sample
from reparam.cli.score import score
from reparam.cli.study import study
from reparam.cli.traverse import traverse
from reparam.cli.zoo import zoo
from reparam.errors import ReparamError
from reparam.signals import ending_soon

UsageError: Any = typer.BadParameter.__base__  # typer hands on only its subclasses
STOPPED = 130
FULL = re.compile("allocate memory|out of memory")  # torch has no one error for it

app = typer.Typer(
    name="reparam",
    help="Autoencoders and variational autoencoders: train one, sample from it, use its codes.",
    epilog="First steps: reparam fit fashion-mnist-subset --out runs/vae, "
    "then reparam sample runs/vae --out samples.png",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    *(fit, evaluate, checkup, report, sample, encode, reconstruct, score),
    *(interpolate, traverse, attribute, explore),
    *(export, push),
    *(zoo, data, doctor, study),
)
for command in COMMANDS:
    app.command()(command)


def _version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


@app.callback()
def reparam(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Autoencoders and variational autoencoders: train one, sample from it, use its codes."""


def main() -> None:
    """Run the command line; a user's mistake is one sentence on standard error and status 2."""
    say = Console(stderr=True)
    warnings.showwarning = lambda message, *_, **__: say.print(
        f"warning: {message}", style="yellow", highlight=False, soft_wrap=True, markup=False
    )
    try:
        with ending_soon() as ending:
            status = app(standalone_mode=False)
            ending.status = status or 0
        if status == STOPPED:  # what typer makes of Ctrl-C
            say.print("stopped")
        sys.exit(status)
    except UsageError as error:
        asked = error.ctx.command_path if error.ctx else "reparam"
        message = error.format_message().rstrip(".")
        sys.exit(_told(say, f"{message}: see {asked} --help") if message else 2)
    except typer.Abort:
        say.print("stopped")
        sys.exit(STOPPED)
    except ReparamError as error:
        sys.exit(_told(say, str(error)))
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not FULL.search(str(error)):
            raise
        sys.exit(_told(say, "there is not enough memory: ask for less at a time"))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        sys.exit(_told(say, f"{place}{error.strerror or error}"))


def _told(say: Console, sentence: str) -> int:
    say.print(f"error: {sentence}", style="red", highlight=False, soft_wrap=True, markup=False)
    return 2

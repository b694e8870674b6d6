import re
import subprocess
import sys

import pytest

from reparam import __version__

COMMANDS = (
    "fit", "evaluate", "sample", "encode", "reconstruct", "score", "interpolate", "traverse",
    "attribute", "checkup", "report", "export", "push", "zoo", "data", "doctor", "study",
)  # fmt: skip

WITHOUT_TORCH = """
import sys
from reparam.cli import main
try:
    main()
finally:
    print("torch" in sys.modules, "matplotlib" in sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example_that_calls_it(command, reparam_command):
    help_ = reparam_command(command, "--help")
    words = " ".join(help_.out.split())
    assert (help_.status, help_.err) == (0, "")
    assert f"Example: reparam {command}" in words
    assert "--json" in words
    assert "--out" in words or command == "push"


@pytest.mark.parametrize(
    ("option", "commands"),
    [
        (
            "--seed",
            {"fit", "evaluate", "sample", "reconstruct", "score", "interpolate", "attribute"}
            | {"checkup", "report", "data"},
        ),
        (
            "--device",
            {"fit", "evaluate", "sample", "encode", "reconstruct", "score", "doctor"}
            | {"interpolate", "traverse", "attribute", "checkup", "report"},
        ),
    ],
)
def test_an_option_stands_where_it_has_an_effect(option, commands, reparam_command):
    named = re.compile(rf"{option}\b")
    assert {c for c in COMMANDS if named.search(reparam_command(c, "--help").out)} == commands


def test_the_front_page_names_every_command_and_first_steps(reparam_command):
    page = reparam_command("--help")
    assert page.status == 0
    assert all(f" {command} " in page.out for command in COMMANDS)
    assert "First steps: reparam fit fashion-mnist-subset" in " ".join(page.out.split())
    assert reparam_command("-h").out == page.out


def test_without_a_command_the_front_page_shows_and_the_status_says_that_nothing_was_done(
    reparam_command,
):
    bare = reparam_command()
    assert bare.status == 2
    assert "Commands" in bare.out
    assert "Traceback" not in bare.err


def test_the_version(reparam_command):
    assert reparam_command("--version").out == f"{__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["nosuch"], *([c, "--help"] for c in COMMANDS)]
)
def test_help_answers_without_torch(arguments):
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *arguments], capture_output=True, text=True
    )
    assert ended.stderr.splitlines()[-1] == "False False"


def test_the_package_runs_as_a_module():
    ended = subprocess.run(
        [sys.executable, "-m", "reparam", "fit"], capture_output=True, text=True
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == "error: Missing argument 'DATA': see python -m reparam fit --help\n"

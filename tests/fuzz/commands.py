"""Command lines that nobody meant: wrong types and combinations of the options that there are."""

from pathlib import Path
from random import Random
from typing import Any

import typer

from reparam.cli.main import app
from reparam.zoo import ZOO

LEFT_OUT = ("study", "explore", "push", "doctor")
"""A long job, a server, the network, and a description of the machine."""
WORK = ("number", "epochs", "samples", "steps", "top", "groups", "n")
"""Options that ask for work: a large number is a wish, and no mistake."""
WORDS = (
    "", "x", "0", "1", "2", "-1", "1.5", "nan", "inf", "-inf", "1e999", "\uff11", "0x10", "1_0",
    "True", "None",
    "é", "a" * 300, "../..", "/dev/null", "hf://", "hf://a", "NHW", "NHWC", "NCHW", "train",
    "test", "all",
    "validation", "cpu", "cuda", "meta", "normal", "box", "-3..3", "..", "1..", "0,1", ",",
    "white", "#fff", "pad",
    "crop", "linear", "spherical", "cosine", "constant", "best", "bf16", "fp16", "Adam", "LBFGS",
    "auto", "html",
    "flip", "shift", "beta=4", "=", "latent=", "z.npz", "z.png", "z.svg", "z.xyz", "z",
    "nowhere/z.npz", "--", "-h",
)  # fmt: skip
NUMBERS = ("-1", "0", "1", "2", "3", "x", "1.5", "", "1e3", "nan", " 2 ", "1_000", "\uff12")
HUGE = (str(2**31), str(2**63), str(-(2**63)), "1" * 50)
FLOATS = ("-1", "0", "0.5", "1", "1e-320", "nan", "inf", "-inf", "1e308", "x", "", "1,5")
VALUES = (
    "0", "-1", "1", "2", "3", "0.5", "-0.5", "nan", "inf", "1e999", "1e308", "1e-320", "", "x",
    "True", "none", "[1]",
    "[]", "()", "(1,)", "1,2", "8,8", "0,8", "8,-1", "{}", "{1: 2}", "'x'", '"', "b'x'", "1j",
    "\uff11", "é", "10**9", "-0.0",
    "(" * 300, "[" * 99 + "]" * 99, "99999999999999999999", "1" * 5000, "__import__('os')",
    "lambda: 0", "1 if 1 else 2",
    "bce", "mse", "linear", "auto", "mlp", "convolutional", "\0", "1e3", "0.0", "1.0", "None",
    "...",
)  # fmt: skip


def commands(rng: Random, place: Path, base: Path) -> list[str]:
    """One command with some of its options."""
    tree: Any = typer.main.get_command(app)
    name = rng.choice([each for each in tree.commands if each not in LEFT_OUT])
    line = [name]
    for option in tree.commands[name].params:
        if option.param_type_name == "argument":
            if rng.random() < 0.95:
                line.append(_argument(option.name, rng, base))
        elif option.name == "help" or rng.random() < (0.9 if option.required else 0.12):
            line += [] if option.name == "help" else _option(option, rng, base)
    if name == "fit":
        line += ["--epochs", "1", "--out", "made", "--set", "widths=4"]
    if rng.random() < 0.05:
        line.insert(rng.randrange(len(line) + 1), rng.choice(WORDS))
    return line


def _argument(name: str, rng: Random, base: Path) -> str:
    good = {
        "run": [base / "run", base / "labelled", base / "autoencoder", base / "flow"],
        "data": [base / "x.npz", base / "images", base / "x.parquet"],
    }
    if rng.random() < 0.85 and name in good:
        return str(rng.choice(good[name]))
    everything = [
        base / "run",
        base / "x.npz",
        base / "images",
        base,
        base / "run" / "config.json",
    ]
    return rng.choice([str(rng.choice(everything)), rng.choice(WORDS), rng.choice(sorted(ZOO))])


def _option(option: Any, rng: Random, base: Path) -> list[str]:
    flag = rng.choice(option.opts)
    if getattr(option, "is_flag", False):
        return [flag]
    kind = _kind(option)
    pool: tuple[str, ...] = WORDS
    if rng.random() < 0.85:
        if "int" in kind:
            pool = NUMBERS if option.name in WORK else NUMBERS + HUGE
        elif "float" in kind:
            pool = FLOATS
        elif rng.random() < 0.3:
            pool = (str(base / "x.npz"), str(base / "images"), str(base / "run"), "out.npz")
    if flag == "--compile":
        return []
    return [flag, *rng.choices(pool, k=option.nargs)]


def _kind(option: Any) -> str:
    """An option's type in words; typer has moved it."""
    described = getattr(option, "type_descriptor", None)
    return str(option.type if described is None else described.annotation).lower()


def settings(rng: Random, place: Path, base: Path) -> list[str]:
    """A variant's arguments as somebody might type them."""
    name = rng.choice(sorted(ZOO))
    line = ["fit", str(base / "x.npz"), "--model", name, "--epochs", "1", "--out", "made"]
    names = [*ZOO[name].arguments]
    for _ in range(rng.choice([1, 1, 2, 3])):
        key = rng.choice(names) if rng.random() < 0.93 else rng.choice(["", "x", "Beta", "shape"])
        sign = "=" if rng.random() < 0.96 else rng.choice(["", "==", " = "])
        known = ZOO[name].arguments.get(key)
        usual = known is not None and rng.random() < 0.4
        line += ["--set", key + sign + (str(known.default) if usual else rng.choice(VALUES))]
    return line

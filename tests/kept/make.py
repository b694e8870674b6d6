"""Makes the kept runs: `python -m tests.kept.make [NAME ...]`, in the repository's root.

It writes `runs/NAME.tar.xz` with

- `final/`: the run that was never interrupted, as `fit` left it, without its picture;
- `unfinished/`: the same run killed in the middle of an epoch, with one checkpoint;
- `outputs.safetensors` and `figures.json`: what the final model says of the validation set.

It asks that the unfinished run, resumed here and now, becomes the final one bit for bit, so that
a later version is asked for what this one would have made. `runs/made.json` says what made each.

A kept run is a promise about files that exist: it is made once, by the version it stands for, and
what is there already is refused.
"""

import contextlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file
from tests.kept.recipes import KEPT, outputs

import reparam
from reparam import fit, load, samplers, save
from reparam.training import Callback

RUNS = Path(__file__).parent / "runs"
MADE = RUNS / "made.json"
LEFT_OUT = ("loss.png", "README.md", ".lock")


class Killed(Exception):
    """What ends a run as a kill would."""


class Kill(Callback):
    """Ends training as a kill would at a step: nothing is saved on the way out."""

    def __init__(self, at):
        self.at = at

    def on_record(self, state, record):
        """Kill at that step."""
        if state.step == self.at and record["split"] == "train":
            raise Killed


def make(name, here):
    """Make one run with all that is asked of it in a folder.

    Args:
        name: A key of `KEPT`.
        here: The folder.
    """
    kept = KEPT[name]
    model, objective, train, validation = kept.parts()
    fit(model, objective, train, validation, out=here / "final", **kept.options)
    model, objective, train, validation = kept.parts()
    options = kept.options | {"callbacks": [Kill(kept.killed_at)], "checkpoint_seconds": 0.0}
    with contextlib.suppress(Killed):
        fit(model, objective, train, validation, out=here / "unfinished", **options)
    older = sorted((here / "unfinished/checkpoints").glob("step-*"), key=lambda f: int(f.name[5:]))
    for folder in [*older[:-1], here / "final/checkpoints"]:
        shutil.rmtree(folder)
    again = here / "again"
    shutil.copytree(here / "unfinished", again)
    model, objective, train, validation = kept.parts()
    fit(model, objective, train, validation, out=again, resume=True, **kept.options)
    weights = [(here / f / "model.safetensors").read_bytes() for f in ("final", "again")]
    if weights[0] != weights[1]:
        sys.exit(f"{name}: what was resumed is not what was never interrupted")
    shutil.rmtree(again)
    run = load(here / "final")
    if name == "rae_l2":  # saved with the prior that was fitted to its codes
        run.model.prior = samplers.normal(run.model.encode(train.tensor()))
        recipe, schema = run.recipe, run.schema
        save(here / "sampler", run.model, run.objective, schema=schema, recipe=recipe)
        run = load(here / "sampler")
    tensors, figures = outputs(run.model, run.objective, validation)
    save_file(tensors, here / "outputs.safetensors")
    (here / "figures.json").write_text(json.dumps(figures, indent=1))


def pack(folder, file):
    """Put a folder into one small file that is the same for the same content.

    Args:
        folder: The folder.
        file: Where to.
    """
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:xz", preset=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if path.name not in LEFT_OUT:
                entry = tarfile.TarInfo(str(path.relative_to(folder)))
                entry.size = path.stat().st_size
                with path.open("rb") as opened:
                    archive.addfile(entry, opened)
    file.write_bytes(content.getvalue())


def git(*line):
    """What git says of the code that runs."""
    where = Path(reparam.__file__).parent
    done = subprocess.run(["git", "-C", where, *line], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main(names):
    """Make what is asked for, or all that is not there yet."""
    if git("status", "--porcelain", "."):
        sys.exit("the code has changes that are not committed: no commit could be named")
    RUNS.mkdir(exist_ok=True)
    about = json.loads(MADE.read_text()) if MADE.exists() else {}
    torch.set_num_threads(1)
    for name in names or [name for name in KEPT if name not in about]:
        if name in about:
            sys.exit(f"{name} is kept already, made by {about[name]['reparam']}: add another")
        with tempfile.TemporaryDirectory() as folder:
            make(name, Path(folder))
            pack(Path(folder), RUNS / f"{name}.tar.xz")
        about[name] = {
            "reparam": reparam.__version__,
            "commit": git("rev-parse", "--short", "HEAD"),
            "torch": str(torch.__version__),
            "vector_instructions": torch.backends.cpu.get_cpu_capability(),
        }
        MADE.write_text(json.dumps(about, indent=1) + "\n")
        print(f"{name}: {(RUNS / f'{name}.tar.xz').stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])

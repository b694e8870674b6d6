"""The protocol of the importance weighted autoencoder's Table 1, one stochastic layer, on MNIST.

Networks 784-200-200-50 with tanh, Glorot weights, the decoder's last bias from the training mean;
pixels drawn anew from their grey level for every minibatch, also at test; batches of 20 in a
fixed order; Adam (0.99, 0.999, 1e-4) whose second moments start at 1; stages i = 1 to 8 of 3^(i-1)
epochs at 1e-4 times 10, 7.2, 5.2, 3.7, 2.7, 1.9, 1.4, 1. The models take turns, stage by stage,
until the next stage would not fit into the hours. Then -log p(x) on the test set by 5,000 draws.

    python benchmarks/iwae.py --out runs/iwae --hours 2

Killed and started again, it goes on with the epoch it was in. `--table` prints what there is.
"""

import argparse
import json
import time
from pathlib import Path

import torch
from torch import nn

from reparam import data
from reparam.conditional import Conditional
from reparam.data import Dataset
from reparam.families import Bernoulli, DiagonalNormal
from reparam.metrics import active_units, evidence
from reparam.models import VAE
from reparam.networks import MLP
from reparam.objectives import ImportanceWeighted, Objective
from reparam.priors import StandardNormal
from reparam.randomness import seeded
from reparam.training import Step

PAPER = {("vae", 1): 86.76, ("vae", 5): 86.47, ("vae", 50): 86.35, ("iwae", 5): 85.54,
         ("iwae", 50): 84.78}  # fmt: skip
"""-log p(x) after all eight stages: Burda, Grosse & Salakhutdinov 2016, Table 1."""

RATES = [1e-4 * rate for rate in (10, 7.2, 5.2, 3.7, 2.7, 1.9, 1.4, 1.0)]
BATCH, LATENT, DRAWS = 20, 50, 5000


class Run:
    """One model on its way through the stages.

    Args:
        kind: `"vae"` or `"iwae"`.
        draws: k.
        seed: Of weights and draws.
        pixels: The training set's grey levels, (N, 784).
        out: Where the state is kept.
    """

    def __init__(self, kind: str, draws: int, seed: int, pixels: torch.Tensor, out: Path) -> None:
        self.kind, self.draws, self.seed, self.pixels = kind, draws, seed, pixels
        self.file = out / f"{kind}-{draws}-seed-{seed}.pt"
        groups = draws if kind == "vae" else 1
        with seeded(seed):
            model = network(pixels.mean(0))
        self.step = Step(model, Objective(ImportanceWeighted(groups), samples=draws))
        self.optimizer = torch.optim.Adam(
            model.parameters(), betas=(0.99, 0.999), eps=1e-4, fused=True
        )
        for p in model.parameters():
            self.optimizer.state[p] = {
                "step": torch.tensor(0.0),
                "exp_avg": torch.zeros_like(p),
                "exp_avg_sq": torch.ones_like(p),
            }
        self.epoch, self.seconds = 0, 0.0
        if self.file.exists():
            held = torch.load(self.file, weights_only=True)
            model.load_state_dict(held["model"])
            self.optimizer.load_state_dict(held["optimizer"])
            self.epoch, self.seconds = held["epoch"], held["seconds"]

    def train(self, stage: int) -> None:
        """Train to the end of a stage, counted from 1."""
        self.optimizer.param_groups[0]["lr"] = RATES[stage - 1]
        while self.epoch < last_epoch(stage):
            began = time.process_time()
            with seeded(1_000_003 * self.seed + self.epoch):
                for grey in self.pixels.split(BATCH):
                    self.optimizer.zero_grad()
                    self.step(torch.bernoulli(grey))["loss"].backward()
                    self.optimizer.step()
            self.epoch += 1
            self.seconds += time.process_time() - began
            self.save()

    def save(self) -> None:
        """Keep the state, so that a kill costs an epoch at most."""
        held = {
            "model": self.step.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "epoch": self.epoch,
            "seconds": self.seconds,
        }
        part = self.file.with_suffix(".part")
        torch.save(held, part)
        part.replace(self.file)

    def measure(self, test: torch.Tensor, stage: int) -> dict[str, float]:
        """-log p(x) by 5,000 draws, and the active units, on the test set."""
        model = self.step.model
        with seeded(self.seed):
            binary = torch.bernoulli(test)
        found = evidence(model, Dataset(binary), DRAWS, self.seed, progress=False)
        units = active_units(model.encode(binary))
        return {
            "kind": self.kind, "draws": self.draws, "seed": self.seed, "stage": stage,
            "nll": found.nats, "standard_error": found.standard_error,
            "active_units": int(units.sum()), "seconds": self.seconds,
        }  # fmt: skip


def network(mean: torch.Tensor) -> VAE:
    """The paper's networks, the decoder's last bias from the training mean."""
    encoder = MLP(784, 2 * LATENT, hidden=(200, 200), activation="tanh")
    decoder = MLP(LATENT, 784, hidden=(200, 200), activation="tanh")
    for layer in [*encoder, *decoder]:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    with torch.no_grad():
        decoder[-2].bias.copy_(torch.logit(mean.clamp(0.001, 0.999)))
    return VAE(
        Conditional(encoder, DiagonalNormal(), [1]),
        StandardNormal(LATENT),
        Conditional(decoder, Bernoulli(1), [1]),
    )


def last_epoch(stage: int) -> int:
    """How many epochs have passed once a stage has ended: 1, 4, 13, 40, 121 ..."""
    return sum(3**i for i in range(stage))


def train(runs: list[Run], hours: float) -> int:
    """Train all runs stage by stage as far as fits; the last stage that all have ended."""
    for stage in range(1, len(RATES) + 1):
        spent = sum(run.seconds for run in runs)
        ahead = sum(
            run.seconds / max(run.epoch, 1) * (last_epoch(stage) - run.epoch) for run in runs
        )
        if spent + ahead > 3600 * hours:
            return stage - 1
        for run in runs:
            run.train(stage)
            each = run.seconds / run.epoch
            print(f"stage {stage}: {run.file.stem}, {each:.1f} s an epoch", flush=True)
    return len(RATES)


def table(results: list[dict[str, float]]) -> str:
    """The results beside the paper's, as a table."""
    lines = [
        "| model | k | stage | seed | -log p(x) | active | s | paper, stage 8 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for r in results:
        nll = PAPER[r["kind"], r["draws"]]
        lines.append(
            f"| {r['kind'].upper()} | {r['draws']} | {r['stage']} | {r['seed']} "
            f"| {r['nll']:.2f} ± {r['standard_error']:.2f} | {r['active_units']} "
            f"| {r['seconds']:.0f} | {nll:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Train as far as the hours go, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("runs/iwae"))
    parser.add_argument(
        "--hours", type=float, default=2.0, help="of processor time, for all training together"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--mnist", type=Path, help="a folder or .npz file that holds MNIST")
    parser.add_argument("--table", action="store_true", help="print what was measured, no more")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    kept = options.out / "results.json"
    results = json.loads(kept.read_text()) if kept.exists() else []
    if not options.table:
        where = {"path": options.mnist} if options.mnist else {}
        pixels, test = (
            data.load_split("mnist", part, validation=0, **where).tensor().flatten(1)
            for part in ("train", "test")
        )
        runs = [
            Run(kind, draws, seed, pixels, options.out)
            for seed in options.seeds
            for kind, draws in PAPER
        ]
        stage = train(runs, options.hours)
        for run in runs:
            mine = (run.kind, run.draws, run.seed, stage)
            if mine not in [(r["kind"], r["draws"], r["seed"], r["stage"]) for r in results]:
                results.append(run.measure(test, stage))
                kept.write_text(json.dumps(results, indent=1))
                print(results[-1], flush=True)
    print(table(results))


if __name__ == "__main__":
    main()

"""What `fit` costs over a bare loop.

Both train the same network on the same pictures with the same loss, optimiser and schedule. A
shared machine drifts, so only the ratio of neighbours counts; printed is its median with a 95%
interval (bootstrap over the neighbours).

Each side has a process of its own, of which one works at a time, and whole epochs take turns, each
first every other time: fit, bare, bare, fit, ... This is what a user sees: `fit` keeps freed
memory for the next step, which in one process the bare loop would have for nothing.

In one process the two take turns every few steps: whenever `fit` has written a record, the bare
loop makes as many steps. What is left then is the cost of our Python, to a fraction of a percent.

    python benchmarks/throughput.py --rounds 24
"""

import argparse
import copy
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import bootstrap
from torch import Tensor, nn

from reparam import data, fit, zoo
from reparam.data import Dataset
from reparam.networks.convolution import Convolution, TransposedConvolution
from reparam.training import Callback, State

BATCH = 128
RATE = 1.2e-2
EPOCHS = 1


class Clock(Callback):
    """How long a training takes."""

    def on_start(self, state: State) -> None:
        """Start."""
        self.start = time.perf_counter()

    def on_end(self, state: State) -> None:
        """Stop."""
        self.seconds = time.perf_counter() - self.start


class Bare(nn.Module):
    """The default network, written as a script would: two networks and the book's formulas."""

    def __init__(self, model: nn.Module, plain: bool = False) -> None:
        super().__init__()
        self.encoder = model.posterior.network
        self.decoder = model.likelihood.network
        if plain:
            with_torchs_layers(self)

    def forward(self, x: Tensor) -> Tensor:
        """The loss of a batch, in nats per example."""
        mean, log_variance = self.encoder(x).chunk(2, -1)
        z = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        logits = self.decoder(z)
        distortion = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        rate = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
        return (distortion + rate) / len(x)


def with_torchs_layers(module: nn.Module) -> None:
    """Exchange our convolutions for torch's, with the same weights.

    Args:
        module: Whose layers to exchange.
    """
    for name, layer in module.named_children():
        if not isinstance(layer, Convolution | TransposedConvolution):
            with_torchs_layers(layer)
            continue
        channels = layer.in_channels, layer.out_channels, 3, 2, 1
        if isinstance(layer, Convolution):
            new: nn.Module = nn.Conv2d(*channels)
        else:
            new = nn.ConvTranspose2d(*channels, layer.output_padding)
        new.load_state_dict(layer.state_dict())
        setattr(module, name, new)


def bare_steps(
    model: nn.Module, train: Dataset, precision: str, epochs: int = EPOCHS, plain: bool = False
) -> Iterator[None]:
    """Training by hand, one step each time.

    Args:
        model: Whose two networks to train.
        train: The pictures.
        precision: no or bf16.
        epochs: How often to see them.
        plain: Whether with torch's own convolutions instead of ours.
    """
    bare = Bare(model, plain).train()
    steps = epochs * -(-len(train) // BATCH)
    optimizer = torch.optim.AdamW(bare.parameters(), RATE, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps)
    pixels = train.pixels
    for _ in range(epochs):
        for indices in torch.randperm(len(train)).split(BATCH):
            x = pixels[indices].float() / 255
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                loss = bare(x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            yield


def bare_loop(train: Dataset, network: str, precision: str) -> float:
    """Some epochs by hand.

    Args:
        train: The pictures.
        network: convolutional or mlp.
        precision: no or bf16.

    Returns:
        Seconds.
    """
    model, _ = zoo.vae(train.shape, latent=16, network=network)
    start = time.perf_counter()
    for _ in bare_steps(model, train, precision):
        pass
    return time.perf_counter() - start


def our_fit(train: Dataset, network: str, precision: str) -> float:
    """As many epochs by `fit`, from its first callback to its last, set-up included.

    Args:
        train: The pictures.
        network: convolutional or mlp.
        precision: no or bf16.

    Returns:
        Seconds.
    """
    model, objective = zoo.vae(train.shape, latent=16, network=network)
    clock = Clock()
    fit(
        model,
        objective,
        train,
        epochs=EPOCHS,
        batch_size=BATCH,
        learning_rate=RATE,
        precision=precision,
        progress=False,
        callbacks=[clock],
    )
    return clock.seconds


def run(kind: str, network: str, precision: str, examples: int) -> float:
    """One side's seconds.

    Args:
        kind: fit or bare.
        network: convolutional or mlp.
        precision: no or bf16.
        examples: How many pictures of the subset.
    """
    train, _ = data.load("fashion-mnist-subset")
    side = {"fit": our_fit, "bare": bare_loop}[kind]
    return side(train.take(examples), network, precision)


class TakeTurns(Callback):
    """After each record of `fit`, as many steps of the bare loop.

    Args:
        bare: The loop.
    """

    def __init__(self, bare: Iterator[None]) -> None:
        self.bare, self.step, self.pairs = bare, 0, []
        self.last = time.perf_counter()

    def on_record(self, state: State, record: dict) -> None:
        """Time both."""
        middle = time.perf_counter()
        steps = state.step - self.step
        for _ in range(steps):
            next(self.bare)
        end = time.perf_counter()
        self.pairs.append(((middle - self.last) / steps, (end - middle) / steps))
        self.step, self.last = state.step, time.perf_counter()


def in_one_process(
    network: str, examples: int, rounds: int, precision: str = "no", plain: bool = False
) -> dict:
    """Run both sides in one process, a few steps each.

    Args:
        network: convolutional or mlp.
        examples: How many pictures of the subset.
        rounds: How many epochs.
        precision: Of `fit`; the bare loop computes in float32.
        plain: Whether the bare loop has torch's own convolutions instead of ours.
    """
    train = data.load("fashion-mnist-subset")[0].take(examples // BATCH * BATCH)
    model, objective = zoo.vae(train.shape, latent=16, network=network)
    twin = copy.deepcopy(model)
    turns = TakeTurns(bare_steps(twin, train, "no", rounds, plain))
    options = {"epochs": rounds, "batch_size": BATCH, "learning_rate": RATE, "progress": False}
    options["precision"] = precision
    fit(model, objective, train, callbacks=[turns], **options)
    warm = len(turns.pairs) // rounds  # the first epoch is for warming up
    return summary(turns.pairs[warm:])


def in_two_processes(first: tuple, second: tuple, rounds: int) -> dict:
    """Run two sides in turn, an epoch each, and compare neighbours.

    Args:
        first: What to compare, as arguments of `run`.
        second: What to compare it with.
        rounds: How many pairs.
    """
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as one, context.Pool(1) as other:
        one.apply(run, first), other.apply(run, second)
        pairs = []
        for turn in range(rounds):
            if turn % 2:
                late, early = other.apply(run, second), one.apply(run, first)
                pairs.append((early, late))
            else:
                pairs.append((one.apply(run, first), other.apply(run, second)))
    return summary(pairs)


def of_processes(first: int, second: int, rounds: int) -> dict:
    """Train in turn with so many processes, which share the cores, and compare their speeds.

    Args:
        first: How many.
        second: How many to compare with.
        rounds: How many pairs.
    """
    return summary([(seconds_of(first), seconds_of(second)) for _ in range(rounds)])


def seconds_of(processes: int) -> float:
    """What a thousand examples take by `reparam fit`, from the records of its history.

    Args:
        processes: How many.
    """
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    command = [
        "-m",
        "reparam",
        "fit",
        "fashion-mnist-subset",
        "--epochs",
        "2",
        "--validation",
        "0",
    ]
    cores = torch.get_num_threads()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, *(launcher if processes > 1 else []), *command, "--out", folder],
            env={**os.environ, "OMP_NUM_THREADS": str(max(1, cores // processes))},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        lines = (Path(folder) / "history.jsonl").read_text().splitlines()
    return 1000 / float(np.median([json.loads(line)["examples_per_second"] for line in lines]))


def summary(pairs: list[tuple[float, float]]) -> dict:
    """The median ratio of neighbours with its interval, and the ratio of the fastest.

    Args:
        pairs: Seconds of the first and of the second.
    """
    ratios = np.array([a / b for a, b in pairs])
    spread = bootstrap((ratios,), np.median, method="percentile", rng=0).confidence_interval
    return {
        "ratio": float(np.median(ratios)),
        "interval": [float(spread.low), float(spread.high)],
        "of_medians": float(np.divide(*np.median(pairs, axis=0))),
        "pairs": pairs,
    }


def machine() -> dict:
    """What the figures were measured on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def main() -> None:
    """Compare, print and, if asked for, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=24, help="epochs for each comparison")
    parser.add_argument("--examples", type=int, default=10_000, help="pictures of the subset")
    parser.add_argument("--out", help="write the figures as JSON")
    options = parser.parse_args()
    n, rounds = options.examples, options.rounds
    conv, mlp = ("convolutional", "no", n), ("mlp", "no", n)
    bf16 = ("convolutional", "bf16", n)
    comparisons = {
        "fit over bare loop in one process, convolutional, fp32": lambda: in_one_process(
            "convolutional", n, rounds
        ),
        "fit over bare loop with torch's layers in one process, fp32": lambda: in_one_process(
            "convolutional", n, rounds, plain=True
        ),
        "fit in bf16 over bare loop with torch's layers in fp32": lambda: in_one_process(
            "convolutional", n, rounds, "bf16", plain=True
        ),
        "fit over bare loop in one process, mlp, fp32": lambda: in_one_process("mlp", n, rounds),
        "fit over bare loop, convolutional, fp32": lambda: in_two_processes(
            ("fit", *conv), ("bare", *conv), rounds
        ),
        "fit over bare loop, mlp, fp32": lambda: in_two_processes(
            ("fit", *mlp), ("bare", *mlp), rounds
        ),
        "fit bf16 over fit fp32, convolutional": lambda: in_two_processes(
            ("fit", *bf16), ("fit", *conv), rounds
        ),
        "two processes over one, convolutional, fp32": lambda: of_processes(
            2, 1, max(3, rounds // 4)
        ),
    }
    found = {"machine": machine(), "rounds": rounds, "batch": BATCH}
    for name, measure in comparisons.items():
        result = found[name] = measure()
        low, high = result["interval"]
        print(
            f"{name}: time ratio {result['ratio']:.3f} ({low:.3f} to {high:.3f}), of the medians "
            f"{result['of_medians']:.3f}",
            flush=True,
        )
    if options.out:
        with open(options.out, "w") as file:
            json.dump(found, file, indent=1)


if __name__ == "__main__":
    main()

"""What `fit` costs over a bare loop.

Both train the same network on the same pictures with the same loss, optimiser and schedule, in
turn and each first every other time: fit, bare, bare, fit, ... A shared machine drifts, so only
the ratio of neighbours counts. Printed are its median with a 95% interval (bootstrap over the
pairs), and the ratio of the two fastest runs, which noise can only slow.

Each side has a process of its own, and only one of them works at a time: `fit` keeps freed memory
for the next step, and in one process the bare loop would have that for nothing. It is measured as
well, as "in one process": what is left then is the cost of our Python.

    python benchmarks/throughput.py --rounds 24
"""

import argparse
import json
import multiprocessing
import platform
import statistics
import time
from contextlib import ExitStack

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import bootstrap
from torch import Tensor, nn

from reparam import data, fit, zoo
from reparam.data import Dataset
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

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.encoder = model.posterior.network
        self.decoder = model.likelihood.network

    def forward(self, x: Tensor) -> Tensor:
        """The loss of a batch, in nats per example."""
        mean, log_variance = self.encoder(x).chunk(2, -1)
        z = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        logits = self.decoder(z)
        distortion = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        rate = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
        return (distortion + rate) / len(x)


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
    bare = Bare(model).train()
    steps = EPOCHS * -(-len(train) // BATCH)
    optimizer = torch.optim.AdamW(bare.parameters(), RATE, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps)
    pixels = train.pixels
    start = time.perf_counter()
    for _ in range(EPOCHS):
        for indices in torch.randperm(len(train)).split(BATCH):
            x = pixels[indices].float() / 255
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                loss = bare(x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
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


def compare(first: tuple, second: tuple, rounds: int, processes: int) -> dict:
    """Run two sides in turn and compare neighbours.

    Args:
        first: What to compare, as arguments of `run`.
        second: What to compare it with.
        rounds: How many pairs.
        processes: 2 to give each side its own process, or 1.
    """
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pools = [stack.enter_context(context.Pool(1)) for _ in range(processes)]

        def seconds(side: tuple) -> float:
            return pools[-1 if side is second else 0].apply(run, side)

        seconds(first), seconds(second)
        pairs = []
        for turn in range(rounds):
            if turn % 2:
                late, early = seconds(second), seconds(first)
                pairs.append((early, late))
            else:
                pairs.append((seconds(first), seconds(second)))
    ratios = np.array([a / b for a, b in pairs])
    spread = bootstrap((ratios,), np.median, method="percentile", rng=0).confidence_interval
    return {
        "ratio": float(np.median(ratios)),
        "interval": [float(spread.low), float(spread.high)],
        "fastest": min(a for a, _ in pairs) / min(b for _, b in pairs),
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
    parser.add_argument("--rounds", type=int, default=24, help="pairs for each comparison")
    parser.add_argument("--examples", type=int, default=10_000, help="pictures of the subset")
    parser.add_argument("--out", help="write the figures as JSON")
    options = parser.parse_args()
    n = options.examples
    conv, mlp = ("convolutional", "no", n), ("mlp", "no", n)
    comparisons = {
        "fit over bare loop, convolutional, fp32": (("fit", *conv), ("bare", *conv), 2),
        "the same in one process": (("fit", *conv), ("bare", *conv), 1),
        "fit over bare loop, mlp, fp32": (("fit", *mlp), ("bare", *mlp), 2),
        "the same in one process, mlp": (("fit", *mlp), ("bare", *mlp), 1),
        "fit bf16 over fit fp32, convolutional": (
            ("fit", "convolutional", "bf16", n),
            ("fit", *conv),
            2,
        ),
    }
    found = {"machine": machine(), "rounds": options.rounds, "batch": BATCH}
    for name, (first, second, processes) in comparisons.items():
        result = found[name] = compare(first, second, options.rounds, processes)
        low, high = result["interval"]
        speed = EPOCHS * n / statistics.median(seconds for seconds, _ in result["pairs"])
        print(
            f"{name}: time ratio {result['ratio']:.3f} ({low:.3f} to {high:.3f}), of the fastest "
            f"runs {result['fastest']:.3f}; {speed:,.0f} examples/s",
            flush=True,
        )
    if options.out:
        with open(options.out, "w") as file:
            json.dump(found, file, indent=1)


if __name__ == "__main__":
    main()

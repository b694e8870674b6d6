"""Examples a second on a GPU: `fit` against a bare loop and Pythae.

All train the default network on Fashion-MNIST, batch 128, with the same loss. The pictures lie on
the GPU for `fit` and the bare loop; Pythae's trainer brings each batch there, as it does. Each
side trains whole epochs, of which the first is for warming up; printed is the median of the
others. Pythae takes part where it is installed: `pip install --no-deps pythae==0.1.2 cloudpickle`.

    python benchmarks/gpu.py --data fashion-mnist
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from peers import train_with_pythae
from throughput import BATCH, RATE, Bare

from reparam import data, fit, zoo
from reparam.data import Dataset
from reparam.training import Callback, State

VARIANTS = {
    "fit": {},
    "fit, bf16": {"precision": "bf16"},
    "fit, fp16": {"precision": "fp16"},
    "fit, compiled": {"compile": True},
    "fit, compiled, bf16": {"compile": True, "precision": "bf16"},
}


class Clock(Callback):
    """When each epoch ended."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_start(self, state: State) -> None:
        """Begin."""
        self.on_epoch(state)

    def on_epoch(self, state: State) -> None:
        """Look at the clock when the GPU is done."""
        torch.cuda.synchronize()
        self.times.append(time.perf_counter())


def by_fit(train: Dataset, epochs: int, **options: object) -> tuple[list[float], float]:
    """Seconds of each epoch, and the last loss, of `fit`.

    Args:
        train: The pictures.
        epochs: How many.
        **options: Of `fit`.
    """
    model, objective = zoo.vae(train.shape, latent=16)
    clock = Clock()
    options = {"batch_size": BATCH, "learning_rate": RATE, "device": "cuda"} | options
    history = fit(
        model, objective, train, epochs=epochs, callbacks=[clock], progress=False, **options
    )
    return list(np.diff(clock.times)), history.last["train"]["loss"]


def by_hand(train: Dataset, epochs: int) -> tuple[list[float], float]:
    """Seconds of each epoch, and the last loss, of a bare loop with torch's layers.

    Args:
        train: The pictures.
        epochs: How many.
    """
    torch.manual_seed(0)
    bare = Bare(zoo.vae(train.shape, latent=16)[0], plain=True).cuda().train()
    pixels = train.pixels.cuda()
    steps = epochs * -(-len(train) // BATCH)
    optimizer = torch.optim.AdamW(bare.parameters(), RATE, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps)

    def epoch() -> Iterator[torch.Tensor]:
        for indices in torch.randperm(len(train), device="cuda").split(BATCH):
            loss = bare(pixels[indices].float() / 255)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            yield loss

    seconds = []
    for _ in range(epochs):
        torch.cuda.synchronize()
        start = time.perf_counter()
        *_, last = epoch()
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return seconds, float(last.detach())


def by_pythae(train: Dataset, epochs: int) -> tuple[list[float], float]:
    """Seconds of each epoch of Pythae's trainer with the same network and batch.

    Args:
        train: The pictures.
        epochs: How many.
    """
    times: list[float] = []

    def look() -> bool:
        torch.cuda.synchronize()
        times.append(time.perf_counter())
        return False

    model, _ = zoo.vae(train.shape, latent=16)
    sizes = {"per_device_train_batch_size": BATCH}
    train_with_pythae(model, train, epochs, look, look, **sizes)
    return list(np.diff(times)), float("nan")


def main() -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default="fashion-mnist-subset")
    parser.add_argument("--epochs", type=int, default=4, help="the first is for warming up")
    parser.add_argument("--without", nargs="*", default=[], help="what to leave out")
    parser.add_argument("--out", help="write the figures as JSON")
    options = parser.parse_args()
    train, _ = data.load(options.data)
    sides: dict[str, Callable[[], tuple[list[float], float]]] = {
        "bare loop": lambda: by_hand(train, options.epochs),
        **{
            name: lambda variant=variant: by_fit(train, options.epochs, **variant)
            for name, variant in VARIANTS.items()
        },
        "bare loop again": lambda: by_hand(train, options.epochs),
        "Pythae 0.1.2": lambda: by_pythae(train, 2),
    }
    card = torch.cuda.get_device_name()
    print(f"{card}, torch {torch.__version__}, {len(train)} pictures", flush=True)
    found: dict[str, object] = {"card": card, "torch": torch.__version__}
    for name, measure in sides.items():
        if name in options.without:
            continue
        try:
            seconds, loss = measure()
        except ImportError as error:
            print(f"{name:22} left out: {error}", flush=True)
            continue
        speed = len(train) / float(np.median(seconds[1:]))
        found[name] = {"seconds": seconds, "examples_per_second": speed, "loss": loss}
        print(
            f"{name:22} {speed:10,.0f} examples/s, first epoch {seconds[0]:6.2f} s, "
            f"loss {loss:.2f}",
            flush=True,
        )
    if options.out:
        with open(options.out, "w") as file:
            json.dump(found, file, indent=1)


if __name__ == "__main__":
    main()

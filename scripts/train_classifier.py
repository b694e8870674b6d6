"""Train the classifier that judges pictures of clothes, on the whole of Fashion-MNIST.

Cross-entropy, AdamW with one cycle, mirrored and shifted pictures; the test set is read once, at
the end, and chooses nothing. The same seed on the same machine gives the same bits.

    python scripts/train_classifier.py [--epochs 12] [--target FILE]
"""

import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from reparam import data
from reparam.data import Batches, Dataset
from reparam.metrics.classifier import WEIGHTS, Classifier, judged

TARGET = Path(__file__).resolve().parents[1] / "src/reparam/metrics/weights" / WEIGHTS


def shifted(x: Tensor) -> Tensor:
    """Mirror half of the pictures and move all by up to two pixels."""
    if torch.rand(()) < 0.5:
        x = x.flip(-1)
    down, right = torch.randint(-2, 3, (2,)).tolist()
    return F.pad(x, (2, 2, 2, 2))[..., 2 + down : 30 + down, 2 + right : 30 + right]


def accuracy(judge: Classifier, dataset: Dataset) -> float:
    """The share of pictures whose class is recognised."""
    chances, _ = judged(judge, dataset.tensor())
    return (chances.argmax(1) == dataset.labels).double().mean().item()


def train(epochs: int, seed: int) -> Classifier:
    """Train a classifier on all training pictures."""
    torch.manual_seed(seed)
    pictures = data.load_split("fashion-mnist", "train", validation=0)
    batches = Batches(pictures, 128, torch.Generator().manual_seed(seed))
    judge = Classifier().train()
    optimizer = torch.optim.AdamW(judge.parameters(), 1e-2, weight_decay=1e-2, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, epochs * len(batches))
    for epoch in range(epochs):
        for x, labels in batches:
            loss = F.cross_entropy(judge(shifted(x)), labels, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}", flush=True)
    return judge.eval()


def main() -> None:
    """Train, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", type=Path, default=TARGET)
    options = parser.parse_args()
    judge = train(options.epochs, options.seed)
    reached = accuracy(judge, data.load_split("fashion-mnist", "test"))
    weights = {name: value.contiguous() for name, value in judge.state_dict().items()}
    options.target.parent.mkdir(parents=True, exist_ok=True)
    facts = {"data": "Fashion-MNIST", "test_accuracy": f"{reached:.4f}"}
    save_file(weights, options.target, facts)
    print(f"test accuracy {reached:.4f}, {options.target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

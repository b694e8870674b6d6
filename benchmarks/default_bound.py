"""The default recipe's test bound on all of Fashion-MNIST: three seeds, five epochs.

Binary cross-entropy plus KL divergence in nats, one draw of z an image, mean over the 10,000 test
images; trained on all 60,000, no validation, no selection.

    python benchmarks/default_bound.py --seeds 0 1 2
"""

import argparse
import json
import time

from reparam import data, fit, zoo
from reparam.metrics import bound


def main() -> None:
    """Train, measure, print and, if asked for, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--latent", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, help="the recipe's own by default")
    parser.add_argument("--precision", default="no", help="no or bf16")
    parser.add_argument("--out", help="write the figures as JSON")
    options = parser.parse_args()
    train, test = data.load("fashion-mnist")
    rows = []
    for seed in options.seeds:
        model, objective = zoo.vae(train.shape, latent=options.latent, seed=seed)
        start = time.perf_counter()
        fit(
            model,
            objective,
            train,
            epochs=options.epochs,
            learning_rate=options.learning_rate,
            precision=options.precision,
            seed=seed,
            progress=False,
        )
        seconds = time.perf_counter() - start
        measured = bound(model, test, seed=seed)
        rows.append({"seed": seed, "seconds": seconds, **measured.to_json()})
        print(
            f"seed {seed}: test bound {measured.total:.2f} nats (distortion "
            f"{measured.distortion:.2f}, rate {measured.rate:.2f}), {seconds:.0f} s",
            flush=True,
        )
    mean = sum(row["bound"] for row in rows) / len(rows)
    print(f"mean over {len(rows)} seeds: {mean:.2f} nats")
    if options.out:
        with open(options.out, "w") as file:
            json.dump({"mean": mean, "runs": rows}, file, indent=1)


if __name__ == "__main__":
    main()

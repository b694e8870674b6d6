"""How well each score finds the pictures of a class that a model has never seen.

For each class of Fashion-MNIST a default VAE is trained on the other nine, and every test picture
is scored; printed is the area under the ROC curve, 0.5 for chance, with the class as what is to be
found. The latent distance is to 10,000 of the pictures that were trained on.

    python benchmarks/anomalies.py --epochs 5 --out anomalies.json
"""

import argparse
import json

import numpy as np
from sklearn.metrics import roc_auc_score

from reparam import data, fit, zoo
from reparam.latent import anomaly_scores


def main() -> None:
    """Train, score and print a line for each class."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default="fashion-mnist")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--samples", type=int, default=16, help="draws of the importance weights")
    parser.add_argument("--out", help="write the figures as JSON")
    options = parser.parse_args()
    train, test = data.load(options.data)
    found: dict[str, dict[str, float]] = {}
    for label in np.unique(test.labels):
        known = train.subset((train.labels != int(label)).nonzero().flatten())
        model, objective = zoo.vae(train.shape, latent=16)
        fit(model, objective, known, epochs=options.epochs, progress=False)
        scores = anomaly_scores(model, test, known[:10_000], samples=options.samples)
        odd = (test.labels == label).numpy()
        areas = {name: roc_auc_score(odd, score.numpy()) for name, score in scores.items()}
        found[str(label)] = areas
        print(f"class {label}: " + "  ".join(f"{n} {a:.3f}" for n, a in areas.items()), flush=True)
    names = found["0"]
    means = {name: float(np.mean([areas[name] for areas in found.values()])) for name in names}
    print("mean: " + "  ".join(f"{n} {a:.3f}" for n, a in means.items()))
    if options.out:
        with open(options.out, "w") as file:
            json.dump(found | {"mean": means}, file, indent=1)


if __name__ == "__main__":
    main()

"""The scikit-learn face beside scikit-learn's and PyOD's own, on two tables of scikit-learn's.

Features: a logistic regression on k components of PCA, and on as many means of the latents of a
`VariationalAutoencoder`; its accuracy in five stratified folds, everything fitted on the other
four. Outliers: 60% of the rows, a tenth of them outliers and none labelled, are fitted, and the
other 40% are scored; ten times with other rows. In breast_cancer what is usual are the 357 benign
rows, and outliers 40 of the malignant ones; in digits one digit, each of the ten once, and of the
others a ninth as many. Printed are the area under the ROC curve and the average precision, whose
chance levels are 0.5 and 0.1: the mean and the standard deviation over folds or repetitions.

    pip install pyod    # for one row of the table, tried with 3.6.7
    python benchmarks/sklearn_face.py --out sklearn_face.json
"""

import argparse
import json
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reparam.errors import CollapseWarning
from reparam.sklearn import AutoencoderOutlierDetector, VariationalAutoencoder

TABLES = {"digits": load_digits, "breast_cancer": load_breast_cancer}
COMPONENTS = (2, 8)
PCA_COMPONENTS = 8
Scorer = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


def accuracies(X: np.ndarray, y: np.ndarray, k: int) -> dict[str, list[float]]:
    """The accuracy of a logistic regression in each fold, on each kind of features."""
    found: dict[str, list[float]] = {"all features": [], "PCA": [], "VariationalAutoencoder": []}
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for fold, (fitted, held_out) in enumerate(folds.split(X, y)):
        kinds: dict[str, list[BaseEstimator]] = {
            "all features": [],
            "PCA": [StandardScaler(), PCA(k, random_state=fold)],
            "VariationalAutoencoder": [VariationalAutoencoder(k, random_state=fold)],
        }
        for name, steps in kinds.items():
            line = make_pipeline(*steps, StandardScaler(), LogisticRegression(max_iter=5000))
            line.fit(X[fitted], y[fitted])
            found[name].append(line.score(X[held_out], y[held_out]))
    return found


def error_of_pca(fitted: np.ndarray, scored: np.ndarray, seed: int) -> np.ndarray:
    """The squared error of the reconstruction from 8 principal components."""
    scaler = StandardScaler().fit(fitted)
    pca = PCA(PCA_COMPONENTS, random_state=seed).fit(scaler.transform(fitted))
    x = scaler.transform(scored)
    return np.square(x - pca.inverse_transform(pca.transform(x))).sum(1)


def forest(fitted: np.ndarray, scored: np.ndarray, seed: int) -> np.ndarray:
    """An isolation forest as it comes."""
    return -IsolationForest(random_state=seed).fit(fitted).score_samples(scored)


def ours(fitted: np.ndarray, scored: np.ndarray, seed: int) -> np.ndarray:
    """The detector as it comes."""
    return -AutoencoderOutlierDetector(random_state=seed).fit(fitted).score_samples(scored)


def ours_shared(fitted: np.ndarray, scored: np.ndarray, seed: int) -> np.ndarray:
    """The detector with one variance for all numbers."""
    detector = AutoencoderOutlierDetector(VariationalAutoencoder(), random_state=seed)
    return -detector.fit(fitted).score_samples(scored)


def pyods(fitted: np.ndarray, scored: np.ndarray, seed: int) -> np.ndarray:
    """PyOD's autoencoder as it comes."""
    from pyod.models.auto_encoder import AutoEncoder

    return AutoEncoder(random_state=seed, verbose=0).fit(fitted).decision_function(scored)


def repetitions(name: str, X: np.ndarray, y: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Fitted and scored rows with whether they are outliers, ten times."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        usual = np.flatnonzero(y == (1 if name == "breast_cancer" else seed))
        others = np.flatnonzero(y != y[usual[0]])
        odd = rng.choice(others, round(len(usual) / 9), replace=False)
        rows, is_odd = np.r_[usual, odd], np.repeat([0, 1], [len(usual), len(odd)])
        parts = train_test_split(
            X[rows], is_odd, test_size=0.4, stratify=is_odd, random_state=seed
        )
        yield parts[0], parts[1], parts[3]


def shown(values: list[float]) -> str:
    """The mean and the standard deviation."""
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"


def main() -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", help="write the figures as JSON")
    options = parser.parse_args()
    warnings.simplefilter("ignore", CollapseWarning)
    methods: dict[str, Scorer] = {
        "AutoencoderOutlierDetector": ours,
        "the same, one variance": ours_shared,
        "IsolationForest": forest,
        "error of PCA": error_of_pca,
    }
    try:
        import pyod  # noqa: F401

        methods["PyOD's AutoEncoder"] = pyods
    except ImportError:
        print("PyOD is not installed, so that its row is left out: pip install pyod\n")
    results: dict[str, dict] = {"features": {}, "outliers": {}}
    print("| table | k | features | accuracy |\n| --- | --- | --- | --- |")
    for name, load in TABLES.items():
        X, y = load(return_X_y=True)
        for k in COMPONENTS:
            for kind, values in accuracies(X, y, k).items():
                results["features"][f"{name} {k} {kind}"] = values
                print(f"| {name} | {k} | {kind} | {shown(values)} |", flush=True)
    print("\n| table | method | ROC AUC | average precision |\n| --- | --- | --- | --- |")
    for name, load in TABLES.items():
        X, y = load(return_X_y=True)
        for method, scorer in methods.items():
            areas, precisions = [], []
            for seed, (fitted, scored, is_odd) in enumerate(repetitions(name, X, y)):
                scores = scorer(fitted, scored, seed)
                areas.append(float(roc_auc_score(is_odd, scores)))
                precisions.append(float(average_precision_score(is_odd, scores)))
            results["outliers"][f"{name} {method}"] = {"auc": areas, "precision": precisions}
            print(f"| {name} | {method} | {shown(areas)} | {shown(precisions)} |", flush=True)
    if options.out:
        with open(options.out, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()

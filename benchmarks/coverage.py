"""How often the intervals of `estimate` hold the truth, simulated: small groups beside large ones.

    python benchmarks/coverage.py --trials 1000

prints a table of the share of intervals (95% by name) that hold the truth, for five statistics of
two groups from one distribution, each halved on its own.
"""

import argparse

import numpy as np
from scipy.stats import mannwhitneyu

from reparam.metrics.estimate import estimate

SIZES = ((10, 500), (20, 500), (50, 500), (20, 20), (200, 200))


def normal(rng, count):
    """Standard normal numbers."""
    return rng.normal(size=count)


def exponential(rng, count):
    """Exponential numbers of mean 1."""
    return rng.exponential(size=count)


def of_groups(combine):
    """A statistic of both groups' numbers."""
    return lambda x, group: combine(x[group == 0], x[group == 1])


STATISTICS = {
    "difference of means, normal": (normal, lambda a, b: a.mean() - b.mean(), 0.0),
    "difference of means, exponential": (exponential, lambda a, b: a.mean() - b.mean(), 0.0),
    "difference of medians, normal": (normal, lambda a, b: np.median(a) - np.median(b), 0.0),
    "area under the ROC curve": (
        normal,
        lambda a, b: mannwhitneyu(a, b).statistic / len(a) / len(b),
        0.5,
    ),
    "ratio of standard deviations": (normal, lambda a, b: a.std(ddof=1) / b.std(ddof=1), 1.0),
}


def coverage(draw, statistic, truth, sizes, trials):
    """The share of trials whose interval holds the truth."""
    groups, held = np.repeat([0, 1], sizes), 0
    for trial in range(trials):
        x = draw(np.random.default_rng(trial), sum(sizes))
        found = estimate(of_groups(statistic), x, groups, strata=groups, seed=trial)
        low, high = found.interval
        held += low <= truth <= high
    return held / trials


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    trials = parser.parse_args().trials
    print("| statistic |", " | ".join(f"{a} and {b}" for a, b in SIZES), "|")
    print("| --- |" + " ---: |" * len(SIZES))
    for name, parts in STATISTICS.items():
        shares = [coverage(*parts, sizes, trials) for sizes in SIZES]
        print(f"| {name} |", " | ".join(f"{share:.1%}" for share in shares), "|", flush=True)


if __name__ == "__main__":
    main()

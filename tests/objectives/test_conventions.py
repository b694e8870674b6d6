"""Other people's losses are ours times a constant, for the right beta."""

import pytest

from reparam.errors import CompositionError
from reparam.objectives import Distortion, Objective, Rate, equivalent_beta

PIXELS, LATENTS, BATCH = 12, 2, 5


@pytest.mark.parametrize(
    ("theirs", "convention"),
    [
        (lambda d, r: (d + r).mean(), {}),
        (lambda d, r: (d / PIXELS + r).mean(), {"reconstruction": "mean"}),
        (
            lambda d, r: (500 * d / PIXELS + r).mean(),
            {"reconstruction": "mean", "reconstruction_weight": 500},
        ),
        (lambda d, r: (d + 3 * r / LATENTS).mean(), {"rate": "mean", "rate_weight": 3}),
        (lambda d, r: d.mean() + r.sum(), {"rate_summed_over_batch_of": BATCH}),
    ],
)
def test_the_ratio_of_the_losses_is_one_constant(make, theirs, convention):
    latents = {"latents": LATENTS} if convention.get("rate") == "mean" else {}
    beta = equivalent_beta(PIXELS, **convention, **latents)
    objective = Objective(Distortion(), Rate(weight=beta))
    ratios = []
    for seed in range(3):
        trace = make(b=BATCH, seed=seed)
        loss = theirs(Distortion()(trace), Rate()(trace))
        ratios.append((loss / objective(trace)["loss"]).item())
    assert ratios == pytest.approx([ratios[0]] * 3)


def test_nonsense_is_refused():
    with pytest.raises(CompositionError, match="rate is 'sum' or 'mean', not 'max'"):
        equivalent_beta(4, rate="max")
    with pytest.raises(CompositionError, match="must be positive"):
        equivalent_beta(0)

"""Made-up pictures, losses and gradients make the other claims say holds, partly and fails."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.study.conftest import says
from torch import nn

from reparam.metrics.estimate import Estimate
from reparam.study.claims import CLAIMS
from reparam.study.claims.draws import compare_gradients, gradients, slopes
from reparam.study.claims.losses import (
    cross_entropy,
    error_symmetry,
    lopsided,
    root_squared_error,
)
from reparam.study.claims.normals import mean_correlation, random_normals, relative_times
from reparam.study.rules import RULES
from reparam.study.verdict import verdict

BCE, RMSE = "autoencoder-bce-2", "autoencoder-rmse-2"


def with_pictures(made_up, originals, **reconstructions):
    """Evidence of test pictures and what models make of them."""
    evidence = made_up()
    evidence.__dict__["originals"] = originals
    for name, pictures in reconstructions.items():
        evidence._kept["reconstructions", name.replace("_", "-")] = pictures
    return evidence


def test_the_losses_are_those_of_torch():
    x, y = torch.rand(50, dtype=torch.float64), 0.01 + 0.98 * torch.rand(50, dtype=torch.float64)
    ours = cross_entropy(x.numpy(), y.numpy())
    np.testing.assert_allclose(ours, F.binary_cross_entropy(y, x, reduction="none").numpy())
    np.testing.assert_allclose(root_squared_error(x.numpy(), y.numpy()), (x - y).abs().numpy())


def toward_the_middle(x, y):
    """A loss that errors toward the middle cost more of."""
    return cross_entropy(x, 2 * x - y)


@pytest.mark.parametrize(
    ("lopsided_loss", "even_loss", "expected"),
    [
        (cross_entropy, root_squared_error, "holds"),
        (cross_entropy, cross_entropy, "partly"),
        (toward_the_middle, cross_entropy, "fails"),
    ],
)
def test_asymmetry(lopsided_loss, even_loss, expected):
    measured = {
        f"{name}: {what}": Estimate(value)
        for name, loss in (("bce", lopsided_loss), ("rmse", even_loss))
        for what, value in lopsided(loss).items()
    }
    assert verdict(RULES["asymmetry"], measured) == expected


def test_symmetric_errors(rng):
    even = rng.normal(size=(200, 50))
    skewed = rng.exponential(size=(200, 50)) - np.log(2)  # as many above as below
    both = rng.exponential(size=(200, 50))
    rule = RULES["symmetric-errors"]
    assert verdict(rule, error_symmetry(even)) == "holds"
    assert verdict(rule, error_symmetry(skewed)) == "partly"
    assert verdict(rule, error_symmetry(both)) == "fails"


def test_compression_and_close(made_up, rng):
    x = rng.random((60, 1, 28, 28)).astype(np.float32)
    mean = np.full_like(x, 0.5)

    def of(id_, y):
        names = {"autoencoder_bce_2": y, "autoencoder_rmse_2": y}
        names |= {"autoencoder_bce_8": y, "autoencoder_bce_32": y}
        evidence = with_pictures(made_up, x, **names)
        evidence.__dict__["items"] = evidence.train
        for latent in (2, 8, 32):
            evidence._kept["pca", latent] = x + 0.1
        claim = next(c for c in CLAIMS if c.id == id_)
        if id_ == "compression":
            evidence.__dict__["items"] = type(
                "Items", (), {"tensor": lambda _: torch.tensor(mean)}
            )()
        return claim.verdict(evidence, claim.measure(evidence))

    assert of("compression", x + 0.01) == "holds"
    assert of("compression", x + 0.5) == "partly"
    assert of("close", x + 0.05) == "holds"
    assert of("close", x + 0.2) == "fails"


def test_grey_blur_and_pixelised(made_up, rng):
    """Pictures of few strong edges, and the same toward grey, blurred and roughened."""
    sharp = 0.2 + 0.6 * np.kron(rng.random((100, 1, 7, 7)) > 0.5, np.ones((4, 4)))
    grey = 0.5 + 0.6 * (sharp - 0.5)
    rough = (sharp + 0.2 * (np.indices((28, 28)).sum(0) % 2)).clip(0, 1)

    def of(id_, bce, rmse):
        names = {"autoencoder_bce_2": bce, "autoencoder_rmse_2": rmse}
        return says(CLAIMS, id_, with_pictures(made_up, sharp, **names))

    assert of("grey", grey, sharp) == "holds"
    assert of("grey", grey, grey) == "partly"
    assert of("pixelised", grey, rough) == "holds"
    assert of("pixelised", grey, 0.5 + 0.8 * (sharp - 0.5)) == "partly"
    assert of("pixelised", sharp, grey) == "fails"


def test_blur(made_up, rng):
    x = rng.random((50, 1, 2, 2))
    soft = 0.5 + 0.5 * (x - 0.5)

    class Fixed(nn.Module):
        def __init__(self, pictures):
            super().__init__()
            self.pictures = torch.tensor(pictures).float()

        def decode(self, z):
            return self.pictures[: len(z)]

    def of(bce, rmse, drawn, other):
        z = {name: np.zeros((50, 2)) for name in ("vae-bce-2", "vae-rmse-2")}
        evidence = made_up(z, spreads={name: np.full((50, 2), -20.0) for name in z})
        evidence.__dict__["originals"] = x
        evidence._kept["reconstructions", BCE] = bce
        evidence._kept["reconstructions", RMSE] = rmse
        for name, pictures in (("vae-bce-2", drawn), ("vae-rmse-2", other)):
            object.__setattr__(evidence.trained[name], "model", Fixed(pictures))
        return says(CLAIMS, "blur", evidence)

    assert of(soft, x, soft, x) == "holds"
    assert of(soft, x, x, soft) == "partly"
    assert of(x, soft, x, soft) == "fails"


def test_both_gradients_estimate_the_same_gradient():
    """Of E[(z - 3)^2]: by the mean 2 (m - 3), by the log-variance the variance."""
    torch.manual_seed(0)
    mean, log_variance = torch.tensor([1.0, 2.0]), torch.tensor([0.0, -1.0])
    truth = torch.cat([2 * (mean - 3), log_variance.exp()]).numpy()
    for rows in gradients(lambda z: (z - 3).square().sum(1), mean, log_variance, 200_000):
        np.testing.assert_allclose(rows.mean(0), truth, atol=0.08)


def test_reparameterised(rng):
    def pairs(slope, spread):
        found = []
        for _ in range(20):
            centre = rng.normal(size=4)
            first = centre + rng.normal(size=(500, 4))
            found.append((first, slope * centre + spread * rng.normal(size=(500, 4))))
        return found

    exact = {"largest distance of distribution functions": Estimate(0.001)}
    wrong = {"largest distance of distribution functions": Estimate(0.1)}
    rule = RULES["reparameterised"]
    assert verdict(rule, exact | compare_gradients(pairs(1.0, 5))) == "holds"
    assert verdict(rule, exact | compare_gradients(pairs(1.0, 1))) == "partly"
    assert verdict(rule, wrong | compare_gradients(pairs(2.0, 1))) == "fails"


def test_the_kls_slope_by_the_variance_explodes_and_by_its_logarithm_does_not():
    by_log, by_variance = slopes(1e-6)
    assert by_log == pytest.approx(0.5, rel=1e-4)
    assert by_variance == pytest.approx(0.5e6, rel=1e-4)


def test_mean_correlation(rng):
    z = rng.normal(size=(5000, 3))
    assert mean_correlation(z) < 0.05
    assert mean_correlation(z @ np.array([[1, 1, 0], [0, 0.1, 0], [0, 0, 1.0]])) > 0.3


def test_the_normals_have_the_covariances_that_they_say():
    for name, (made, covariance) in random_normals(3, seed=1).items():
        torch.manual_seed(0)
        drawn = made.sample((100_000,)).numpy()
        np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.15, err_msg=name)


def test_times_are_ratios_above_nothing():
    found = relative_times(0)
    assert {name.split(", ")[1] for name in found} == {f"{d} dimensions" for d in (2, 32, 128)}
    assert all(value.interval[0] > 0 for value in found.values())


@pytest.mark.parametrize("id_", ["density", "asymmetry", "deterministic"])
def test_claims_about_formulas_need_no_model(made_up, id_):
    expected = {"density": "holds", "asymmetry": "holds", "deterministic": "partly"}
    assert says(CLAIMS, id_, made_up()) == expected[id_]

"""Made-up codes make each claim about latent spaces say holds, partly and fails."""

import numpy as np
import pytest
from scipy.stats import norm, qmc
from tests.study.conftest import ITEMS, judgement, says, share

from reparam.study.claims import CLAIMS

PLAIN, VARIATIONAL = "autoencoder-bce-2", "vae-bce-2"
LABELS = np.arange(ITEMS) % 10
FAR, ASIDE = np.array([4, 4]), np.array([0.9, 0.9])


def clouds(rng, scale):
    """Ten classes far apart; the first has an area `scale` times the others'."""
    z = rng.normal(size=(ITEMS, 2))
    z[LABELS == 0] *= np.sqrt(scale)
    return z + np.stack([LABELS * 100.0, LABELS * 0.0], 1)


def disc(rng, n=ITEMS):
    angle, radius = rng.random(n) * 2 * np.pi, np.sqrt(rng.random(n))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)


def ring(rng, inner, n=ITEMS):
    """Codes between an inner and an outer circle, spread evenly."""
    z = disc(rng, n)
    radius = np.linalg.norm(z, axis=1, keepdims=True)
    return z / radius * np.sqrt(inner**2 + (1 - inner**2) * radius**2)


def test_areas(made_up, rng):
    def of(scale):
        return says(CLAIMS, "areas", made_up({PLAIN: clouds(rng, scale)}))

    assert of(12) == "holds"
    assert of(1) == "fails"
    assert "partly" in (of(scale) for scale in (3.6, 4, 4.4, 4.8))


def test_off_centre(made_up, rng):
    tails = rng.standard_t(2, size=(ITEMS, 2)) + FAR
    assert says(CLAIMS, "off-centre", made_up({PLAIN: tails})) == "holds"
    assert says(CLAIMS, "off-centre", made_up({PLAIN: disc(rng) + ASIDE})) == "partly"
    assert says(CLAIMS, "off-centre", made_up({PLAIN: disc(rng)})) == "fails"


@pytest.mark.parametrize(("inner", "verdict"), [(0.8, "holds"), (0.0, "fails")])
def test_gaps(made_up, rng, inner, verdict):
    assert says(CLAIMS, "gaps", made_up({PLAIN: ring(rng, inner)})) == verdict


def test_gaps_near_the_threshold(made_up, rng):
    verdicts = (
        says(CLAIMS, "gaps", made_up({PLAIN: ring(rng, inner)}))
        for inner in np.arange(0.35, 0.6, 0.02)
    )
    assert "partly" in verdicts


def test_favoured(made_up, rng):
    def of(labels):
        return made_up({PLAIN: disc(rng)}, {(PLAIN, "box"): judgement(label=labels)})

    bags, boots = (np.where(np.arange(2000) % 2, LABELS, label) for label in (8, 9))
    assert says(CLAIMS, "favoured", of(bags)) == "holds"
    assert says(CLAIMS, "favoured", of(boots)) == "partly"
    assert says(CLAIMS, "favoured", of(LABELS)) == "fails"


def test_undefined(made_up, rng):
    normal = rng.normal(size=(ITEMS, 2))
    assert says(CLAIMS, "undefined", made_up({PLAIN: 9 * ring(rng, 0.9)})) == "holds"
    assert says(CLAIMS, "undefined", made_up({PLAIN: 5 + 3 * normal})) == "partly"
    even = norm.ppf(qmc.Sobol(2, seed=1).random(2048))  # closer to N(0, I) than draws from it
    labels = np.arange(2048) % 10
    assert says(CLAIMS, "undefined", made_up({PLAIN: even}, labels=labels)) == "fails"


def test_bad_gaps(made_up, rng):
    """Judges who recognise all of the ring and none, 9 in 10 or all pictures of its hole."""
    z = 4 * ring(rng, 0.8)

    def of(share_in_hole):
        def judge(x):
            code = x[:, 0, 0].logit().numpy()
            by_chance = np.abs(code[:, 0] * 1e4) % 1 < share_in_hole
            return judgement(recognisable=(np.linalg.norm(code, axis=1) > 3) | by_chance)

        return says(CLAIMS, "bad-gaps", made_up({PLAIN: z}, recogniser=judge))

    assert of(0.0) == "holds"
    assert of(0.9) == "partly"
    assert of(1.0) == "fails"


def test_bad_gaps_where_there_is_none(made_up, rng):
    judge = lambda x: judgement(recognisable=np.ones(len(x), bool))  # noqa: E731
    assert says(CLAIMS, "bad-gaps", made_up({PLAIN: disc(rng)}, recogniser=judge)) == "not judged"


@pytest.mark.parametrize(
    ("box", "normal", "verdict"),
    [
        ((0.9, 0.5, 0.1), (0.9, 0.5, 0.1), "holds"),
        ((0.9, 0.5, 0.1), (0.5, 0.5, 0.5), "partly"),
        ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "fails"),
    ],
)
def test_dimensions(made_up, box, normal, verdict):
    judged = {}
    for place, latent in enumerate((2, 8, 32)):
        name = f"autoencoder-bce-{latent}"
        judged |= {(name, "box"): share(box[place]), (name, "normal"): share(normal[place])}
        judged |= {(name, "prior"): share(0.5), (name, "codes"): share(0.5)}
    assert says(CLAIMS, "dimensions", made_up(judged=judged)) == verdict


def test_discontinuous(made_up, rng):
    z = rng.normal(size=(ITEMS, 2))

    def of(gain):
        evidence = made_up(
            {PLAIN: z, VARIATIONAL: z},
            gains={PLAIN: gain, VARIATIONAL: 1.0},
            spreads={VARIATIONAL: np.full(z.shape, -12.0)},
        )
        return says(CLAIMS, "discontinuous", evidence)

    assert of(3) == "holds"
    assert of(1) == "fails"
    assert "partly" in (of(gain) for gain in np.arange(1.2, 1.8, 0.01))


def both(made_up, plain, variational, judged=None):
    """Evidence of two planes; the posteriors are narrow, so that codes stay where they are."""
    spread = np.full(variational.shape, -20.0)
    codes = {PLAIN: plain, VARIATIONAL: variational}
    return made_up(codes, judged, spreads={VARIATIONAL: spread})


def test_mends_areas(made_up, rng):
    def of(plain, variational):
        evidence = both(made_up, clouds(rng, plain), clouds(rng, variational))
        return says(CLAIMS, "mends-areas", evidence)

    assert of(9, 1) == "holds"
    assert of(1, 9) == "fails"
    assert "partly" in (of(scale, 1) for scale in (1.1, 1.2, 1.3, 1.4))


def test_mends_centre(made_up, rng):
    tails = rng.standard_t(2, size=(ITEMS, 2)) + FAR
    shifted, centred = disc(rng) + ASIDE, disc(rng)
    assert says(CLAIMS, "mends-centre", both(made_up, tails, centred)) == "holds"
    assert says(CLAIMS, "mends-centre", both(made_up, shifted, centred)) == "partly"
    assert says(CLAIMS, "mends-centre", both(made_up, centred, tails)) == "fails"


def test_mends_gaps(made_up, rng):
    hollow, full = ring(rng, 0.8), disc(rng)
    assert says(CLAIMS, "mends-gaps", both(made_up, hollow, full)) == "holds"
    assert says(CLAIMS, "mends-gaps", both(made_up, full, hollow)) == "fails"
    verdicts = (
        says(CLAIMS, "mends-gaps", both(made_up, ring(rng, inner), full))
        for inner in np.arange(0.2, 0.36, 0.005)
    )
    assert "partly" in verdicts


def test_mends_favoured(made_up, rng):
    def of(plain, variational):
        judged = {
            (PLAIN, "box"): judgement(label=plain),
            (VARIATIONAL, "prior"): judgement(label=variational),
        }
        return both(made_up, disc(rng), disc(rng), judged)

    uneven, mild = np.where(rng.random(2000) < 0.5, 3, LABELS), LABELS.copy()
    mild[:110] = 3
    assert says(CLAIMS, "mends-favoured", of(uneven, LABELS)) == "holds"
    assert says(CLAIMS, "mends-favoured", of(mild, LABELS)) == "partly"
    assert says(CLAIMS, "mends-favoured", of(LABELS, LABELS)) == "fails"


def test_mends_undefined(made_up, rng):
    hollow, normal = ring(rng, 0.9), rng.normal(size=(ITEMS, 2))
    assert says(CLAIMS, "mends-undefined", both(made_up, hollow, normal)) == "holds"
    assert says(CLAIMS, "mends-undefined", both(made_up, normal, 9 * hollow)) == "fails"
    moved = (normal + offset * (rng.random((ITEMS, 1)) > 0.5) for offset in (2, 2.5, 3, 3.5))
    verdicts = (says(CLAIMS, "mends-undefined", both(made_up, z, normal)) for z in moved)
    assert "partly" in verdicts


def many(rng):
    """Codes of VAEs with 2, 8 and 32 latents, and their narrow spreads."""
    codes = {f"vae-bce-{d}": rng.normal(size=(ITEMS, d)) for d in (2, 8, 32)}
    return codes, {name: np.full(z.shape, -20.0) for name, z in codes.items()}


@pytest.mark.parametrize(
    ("plain", "variational", "verdict"),
    [
        ((0.4, 0.3, 0.2), (0.8, 0.8, 0.8), "holds"),
        ((0.4, 0.9, 0.2), (0.8, 0.8, 0.8), "partly"),
        ((0.8, 0.8, 0.8), (0.4, 0.3, 0.2), "fails"),
    ],
)
def test_mends_samples(made_up, rng, plain, variational, verdict):
    codes, spreads = many(rng)
    judged = {}
    for place, latent in enumerate((2, 8, 32)):
        judged[f"autoencoder-bce-{latent}", "normal"] = share(plain[place])
        judged[f"vae-bce-{latent}", "prior"] = share(variational[place])
    evidence = made_up(codes, judged, spreads=spreads)
    assert says(CLAIMS, "mends-samples", evidence) == verdict


def test_a_vae_that_gave_up_is_not_judged(made_up, rng):
    z = 0.01 * rng.normal(size=(ITEMS, 2))
    evidence = made_up(
        {PLAIN: ring(rng, 0.8), VARIATIONAL: z}, spreads={VARIATIONAL: np.zeros(z.shape)}
    )
    assert not evidence.alive(VARIATIONAL)
    assert says(CLAIMS, "mends-gaps", evidence) == "not judged"

"""Every pair of parts, with others that suit them, does what the rule below says of it."""

import dataclasses
import importlib.util
from pathlib import Path

import pytest
import torch

from reparam import samplers, zoo
from reparam.distributions import Joint, NormalizingFlow, StandardNormal
from reparam.errors import CompositionError
from reparam.families import RelaxedCategorical, StraightThroughCategorical, WrappedNormal

ROOT = Path(__file__).parents[2]
NORMAL = ("diagonal", "isotropic", "full")
FLOWS = ("planar", "radial", "autoregressive", "spline")
SPACES = {
    "von_mises_fisher": "sphere",
    "power_spherical": "sphere",
    "hyperbolic": "ball",
    "relaxed": "simplex",
    "categorical": "corners",
} | dict.fromkeys(("point", *NORMAL, *FLOWS), "anywhere")
PRIOR_SPACES = {
    "standard": "anywhere",
    "mixture": "anywhere",
    "flow": "anywhere",
    "sphere": "sphere",
    "hyperbolic": "ball",
    "relaxed": "simplex",
    "categorical": "corners",
}
LEARNED = ("mixture", "vamp", "flow")
NO_LIKELIHOODS = ("rmse", "optimal_sigma", "ms_ssim")
MEANS_ALONE = ("bce", "mse", "continuous_bernoulli", "laplace")
SPREADS = ("learned_sigma", "pixel_sigma", "student_t", "logistic_mixture")
RATES = ("vae", "beta_vae", "annealed_vae", "cyclical_vae", "free_bits_vae", "factor_vae")
RATES += ("dip_vae_i", "dip_vae_ii", "info_vae", "feature_vae", "vae_gan")
BOUNDS = ("iwae", "miwae", "piwae", "ciwae", "sticking_the_landing", "dreg")
DRAWS = ("mmd_vae", "wae_mmd", "sliced_wae", "adversarial_autoencoder")


def rule(posterior, prior, loss, objective):
    """Every reason why four parts may refuse each other; none where they train."""
    space = SPACES[posterior]
    applies = {
        "n": prior == "none",
        "d": (posterior == "point" and objective not in DRAWS)
        or (loss in NO_LIKELIHOODS and objective in BOUNDS),
        "s": prior not in ("none", "vamp") and PRIOR_SPACES[prior] != space,
        "f": (objective == "beta_tcvae" and posterior not in ("diagonal", "isotropic"))
        or (
            objective == "free_bits_vae"
            and not (posterior in ("diagonal", "isotropic") and prior == "standard")
        ),
        "c": objective in ("dip_vae_i", "dip_vae_ii") and posterior not in ("point", *NORMAL),
        "p": objective in DRAWS and prior in LEARNED,
        "l": objective in ("feature_vae", "vae_gan") and loss in SPREADS,
    }
    return {reason for reason, holds in applies.items() if holds}


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


combining = loaded("combining")
KINDS = combining.KINDS
ROWS = [(rows, row, columns) for rows, columns in combining.PAIRS for row in KINDS[rows]]


def test_the_rule_knows_every_part():
    assert set(KINDS["posterior"]) == set(SPACES)
    assert set(KINDS["prior"]) == {"none", "vamp", *PRIOR_SPACES}
    assert set(KINDS["loss"]) == {*NO_LIKELIHOODS, *MEANS_ALONE, *SPREADS}
    assert set(KINDS["objective"]) == {*RATES, *BOUNDS, *DRAWS, "beta_tcvae"}


@pytest.mark.parametrize(("rows", "row", "columns"), ROWS, ids=lambda value: value)
def test_every_pair_trains_or_refuses_as_the_rule_says(rows, row, columns):
    for column in KINDS[columns]:
        parts = combining.completed(**{rows: row, columns: column})
        found = combining.outcome(parts)
        expected = rule(*parts) or {combining.TRAINS}
        assert found in expected, f"{parts}: {found}, and not one of {expected}"


def test_the_page_says_what_the_rule_says():
    page = (ROOT / "docs" / "combinations.md").read_text(encoding="utf-8")
    for rows, columns in combining.PAIRS:
        (_, part) = page.split(f"## {rows.capitalize()} and {columns}\n\n")
        head, _, *lines = part.split("\n\n")[0].splitlines()
        assert cells(head) == [rows, *KINDS[columns]]
        assert [cells(line)[0] for line in lines] == KINDS[rows]
        for line in lines:
            row, *marks = cells(line)
            for column, mark in zip(KINDS[columns], marks, strict=True):
                parts = combining.completed(**{rows: row, columns: column})
                assert mark in (rule(*parts) or {combining.TRAINS}), parts


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_silent_parameter_is_found(monkeypatch):
    parts = combining.Combination("diagonal", "standard", "bce", "vae")
    entry = combining.ZOO["vae"]

    def with_one_more(*args, **kwargs):
        variant = entry.make(*args, **kwargs)
        variant.model.unused = torch.nn.Parameter(torch.zeros(1))
        return variant

    changed = dataclasses.replace(entry, make=with_one_more)
    monkeypatch.setitem(combining.ZOO, "vae", changed)
    with pytest.raises(AssertionError, match=r"model\.unused"):
        combining.outcome(parts)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_a_learned_prior_needs_a_term_that_weighs_it(weight):
    if weight:
        zoo.mixture_vae((7,), beta=weight, widths=[4])
    else:
        with pytest.raises(CompositionError, match="a learned prior would never learn"):
            zoo.mixture_vae((7,), beta=weight, widths=[4])


def test_what_is_scheduled_counts():
    zoo.vae((7,), prior="mixture", beta=1.0, warmup=10, widths=[4])
    zoo.annealed_vae((7,), prior="flow", widths=[4])


def test_spaces_differ_by_curvature_categories_and_parts():
    balls = [WrappedNormal(3, c)(torch.zeros(1, 6)).space for c in (1.0, 0.5, 1.0)]
    assert balls[0] == balls[2] != balls[1]
    corners = [StraightThroughCategorical(c)(torch.zeros(1, 12)) for c in (4, 6)]
    inside = RelaxedCategorical(4)(torch.zeros(1, 12))
    assert len({corners[0].space, corners[1].space, inside.space}) == 3
    normal = StandardNormal(torch.zeros(1, 2))
    joints = [Joint(normal, corners[0]), Joint(corners[0], normal), Joint(normal, corners[1])]
    assert len({joint.space for joint in joints}) == 3
    assert not hasattr(Joint(normal, normal), "space")
    assert NormalizingFlow(corners[0], []).space == corners[0].space
    assert not hasattr(NormalizingFlow(normal, []), "space")


def test_a_sampler_in_another_space_leaves_no_rate():
    """Codes on a sphere, and a normal distribution fitted to them: no divergence, and no error."""
    model, _ = zoo.hyperspherical_vae((7,), latent=3, widths=[4])
    x = torch.rand(5, 7)
    assert model(x).has_rate
    model.prior = samplers.normal(model.encode(x))
    assert not model(x).has_rate
    assert model.sample(2).shape == (2, 7)
    with pytest.raises(CompositionError, match="on the unit sphere and the prior's anywhere"):
        model.log_prob(x)

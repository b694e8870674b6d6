"""The check-up on models and codes of every kind, its words, figures and refusals."""

import json

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from torch.distributions import Independent, Normal

from reparam import samplers, zoo
from reparam.data import Dataset
from reparam.errors import CompositionError
from reparam.latent import checkup, checkup_codes, codes
from reparam.latent.checkup.checkup import CHECKS
from reparam.latent.checkup.examine import of_model
from reparam.latent.checkup.finding import Limit, Seen, graded
from reparam.latent.checkup.limits import LIMITS
from reparam.metrics.estimate import Estimate

WITHOUT_LABELS = {"areas", "overlap"}
WITHOUT_TRAIN = {"overfitting", "memorisation"}


def standard(dimensions):
    return Independent(Normal(torch.zeros(dimensions), torch.ones(dimensions)), 1)


def grades(found):
    return {finding.id: finding.grade for finding in found.findings}


def pictures(n, shape=(1, 8, 8), labels=True, seed=0):
    generator = torch.Generator().manual_seed(seed)
    which = torch.arange(n) % 3
    x = torch.rand(n, *shape, generator=generator) * 0.3 + 0.2 * which.view(-1, *[1] * len(shape))
    return Dataset(x.clamp(0, 1), which if labels else None)


def test_every_check_has_a_rule_and_only_those():
    assert set(CHECKS) == set(LIMITS)
    for limits in LIMITS.values():
        assert all(limit.sound != limit.fault for limit in limits)


def test_a_limit_reads_the_whole_interval():
    low = Limit("rate", sound=4, fault=2)
    around = np.array([-0.5, 0.5])
    assert low.grade(Estimate(5.0, around)) == "sound"
    assert low.grade(Estimate(4.2, around)) == "doubtful"
    assert low.grade(Estimate(2.2, around)) == "doubtful"
    assert low.grade(Estimate(1.0, around)) == "fault"
    assert str(low) == "rate: sound above 4, a fault below 2"


def test_a_finding_is_as_bad_as_its_worst_measure():
    limits = [Limit("a", 1, 2), Limit("b", 1, 2), Limit("unseen", 1, 2)]
    seen = Seen({"a": Estimate(0.0), "b": Estimate(3.0)}, "It means.", "Try.")
    assert graded("x", "X", limits, seen).grade == "fault"
    sound = graded("x", "X", limits[:1], seen)
    assert (sound.grade, sound.advice) == ("sound", "")
    assert graded("x", "X", limits, "Nothing to see.").grade == "not judged"


@pytest.mark.parametrize("dimensions", [2, 3, 64, 512])
def test_codes_like_the_prior_are_sound_in_any_dimensions(dimensions):
    z = torch.randn(600, dimensions, generator=torch.Generator().manual_seed(1))
    found = checkup_codes(z, prior=standard(dimensions), labels=torch.arange(600) % 2)
    assert {f.id for f in found.faults} <= {"overlap"}  # the labels mean nothing
    assert grades(found)["aggregate"] == "sound"
    assert grades(found)["holes"] == "sound"


def test_codes_in_two_rings_have_holes_and_do_not_follow_the_prior():
    rng = np.random.default_rng(0)
    angle, radius = rng.uniform(0, 7, 800), rng.choice([1.0, 4.0], 800)
    z = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1) + rng.normal(
        0, 0.05, (800, 2)
    )
    found = checkup_codes(torch.from_numpy(z))
    assert grades(found)["holes"] == "fault"
    assert found["holes"].measured["share of the occupied plane in gaps"].value > 0.3
    assert "A decoder would show" in found["holes"].lacks


def test_codes_with_a_decoder_need_no_items():
    z = torch.randn(600, 4, generator=torch.Generator().manual_seed(2))
    basis = torch.randn(4, 30, generator=torch.Generator().manual_seed(3))
    labels = (z[:, 0] > 0).long()
    found = checkup_codes(z, lambda codes: codes @ basis, labels, standard(4), ("low", "high"))
    assert grades(found)["sampling"] in ("sound", "doubtful")
    assert "share of draws that decode to nothing real" in found["holes"].measured
    assert found.features.endswith("principal components")
    assert "low" in found["areas"].meaning


def test_wide_classes_are_told_apart_from_narrow_ones():
    z = torch.randn(900, 6, generator=torch.Generator().manual_seed(4))
    labels = torch.arange(900) % 3
    z[labels == 2] *= 4
    found = checkup_codes(z, labels=labels, classes=("a", "b", "wide"))
    assert found["areas"].grade == "fault"
    assert "widest: wide" in found["areas"].meaning


@pytest.mark.parametrize("posterior", ["diagonal", "isotropic", "full"])
def test_every_family_of_posteriors(posterior):
    model, _ = zoo.vae((1, 8, 8), latent=3, posterior=posterior, widths=[8], network="mlp")
    found = checkup(model, pictures(120), pictures(120, seed=1))
    assert found["collapse"].grade == "fault"  # it was not trained
    assert found["rate"].measured["rate, nats"].value < 1
    assert grades(found)["saturation"] == "sound"


def test_an_autoencoder_of_pictures_without_labels():
    model, _ = zoo.autoencoder((3, 8, 8), latent=5, widths=[8], network="mlp")
    found = checkup(model, pictures(120, (3, 8, 8), labels=False))
    silent = {k for k, grade in grades(found).items() if grade == "not judged"}
    assert silent == WITHOUT_LABELS | WITHOUT_TRAIN | {"rate", "saturation"}
    assert "give data with labels" in found["areas"].meaning
    assert "Without labels" in found["sampling"].lacks
    assert found.source == "a normal distribution fitted to the codes"


def test_too_few_of_each_class_are_told_of():
    z = torch.randn(300, 3, generator=torch.Generator().manual_seed(5))
    found = checkup_codes(z, labels=torch.arange(300) % 10)
    assert found["sampling"].lacks.startswith("These are clusters of codes, not classes.")
    assert "Fewer than two classes have 50 codes" in found["sampling"].lacks


def test_a_model_of_vectors():
    model, _ = zoo.vae((12,), latent=2, loss="mse", widths=[16])
    found = checkup(model, pictures(120, (12,)), pictures(120, (12,), seed=1))
    assert found["blur"].meaning == "Only pictures can be blurred."
    for finding in found.findings:
        if finding.figure is not None:
            assert isinstance(finding.figure(), Figure)


def test_every_figure_is_drawn(checked):
    for name in ("healthy", "masked"):
        for finding in checked(name, 0).findings:
            assert finding.figure is not None, finding.id
            assert finding.figure().axes


def test_the_same_seed_finds_the_same():
    model, _ = zoo.vae((1, 8, 8), latent=2, widths=[8], network="mlp")
    both = [checkup(model, pictures(80), pictures(80, seed=1)).to_json() for _ in range(2)]
    assert both[0] == both[1]
    assert json.loads(json.dumps(both[0], allow_nan=False))["verdict"] == both[0]["verdict"]


def test_the_words_say_grade_meaning_and_advice(checked):
    said = str(checked("collapsed", 0))
    assert said.splitlines()[0].endswith(".")
    assert "4 of 4 dimensions say nothing about the item: 0, 1, 2, 3." in said
    assert "Lower beta" in said


@pytest.mark.parametrize(
    ("z", "more", "word"),
    [
        (torch.zeros(100), {}, r"\(N, D\)"),
        (torch.zeros(100, 1), {}, "two dimensions"),
        (torch.randn(49, 2), {}, "give at least 50"),
        (torch.full((100, 2), float("nan")), {}, "100 of 100 codes are not finite"),
        (torch.randn(100, 2), {"labels": torch.zeros(99)}, "100 codes and"),
        (torch.randn(100, 2), {"prior": standard(3)}, "give a prior of codes"),
        (torch.randn(100, 2), {"means": torch.zeros(99, 2)}, "one mean for each code"),
    ],
)
def test_what_is_no_codes_is_refused_in_one_sentence(z, more, word):
    with pytest.raises(CompositionError, match=word):
        checkup_codes(z, **more)


def test_too_few_items_are_refused():
    model, _ = zoo.vae((1, 8, 8), latent=2, widths=[8], network="mlp")
    with pytest.raises(CompositionError, match="49 codes are too few"):
        checkup(model, pictures(49))


def test_a_users_features_are_named():
    class Means(torch.nn.Module):
        def forward(self, x):
            return x.flatten(2).mean(2)

    model, _ = zoo.vae((3, 8, 8), latent=2, widths=[8], network="mlp")
    found = checkup(model, pictures(80, (3, 8, 8)), features=Means())
    assert found.features == "the features of Means"


def test_items_sorted_by_class_are_checked_in_random_order():
    model, _ = zoo.vae((1, 8, 8), latent=2, widths=[8], network="mlp")
    data = pictures(180)
    found = of_model(model, data.subset(data.labels.argsort())).labels
    halves = [np.bincount(half, minlength=3) for half in (found[:90], found[90:])]
    assert sum(halves).tolist() == [60, 60, 60]
    assert min(map(min, halves)) > 15


def test_a_model_of_one_latent_is_refused():
    model, _ = zoo.autoencoder((1, 8, 8), latent=1, widths=[8], network="mlp")
    with pytest.raises(CompositionError, match="at least two dimensions, not \\(80, 1\\)"):
        checkup(model, pictures(80))


def test_draws_hide_collapse_and_means_show_it():
    z = torch.randn(400, 3, generator=torch.Generator().manual_seed(5))
    hidden = checkup_codes(z, prior=standard(3))["collapse"]
    assert hidden.grade == "not judged"
    assert "give the posteriors' means" in hidden.meaning
    found = checkup_codes(z, prior=standard(3), means=torch.zeros(400, 3))["collapse"]
    assert found.grade == "fault"
    assert "3 of 3 dimensions say nothing about the item: 0, 1, 2." in found.meaning


def test_a_prior_of_any_scale_is_the_unit():
    z = 0.05 * torch.randn(400, 3, generator=torch.Generator().manual_seed(6))
    narrow = Independent(Normal(torch.zeros(3), torch.full((3,), 0.05)), 1)
    assert checkup_codes(z, prior=narrow, means=z)["collapse"].grade == "sound"


def test_a_sampler_that_came_after_training_has_no_rate():
    model, _ = zoo.vae((1, 8, 8), latent=2, widths=[8], network="mlp")
    data = pictures(120)
    for sampler in (samplers.box, samplers.normal):
        model.prior = sampler(codes(model, data).mean)
        found = checkup(model, data)
        assert found["rate"].grade == "not judged"
        json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.parametrize("dimensions", [2, 4])
def test_dimensions_that_never_move(dimensions):
    z = torch.randn(400, dimensions, generator=torch.Generator().manual_seed(7))
    z[:, 1] = 3.0
    found = checkup_codes(z, labels=torch.arange(400) % 2)
    assert grades(found)["holes"] == "sound"
    assert grades(found)["aggregate"] == "sound"


def test_codes_that_are_all_the_same_are_told_of():
    found = checkup_codes(torch.ones(200, 2), lambda z: z @ torch.ones(2, 9))
    assert found["holes"].meaning == "All codes are the same."
    json.dumps(found.to_json(), allow_nan=False)


def test_one_class_says_nothing_of_classes():
    z = torch.randn(300, 2, generator=torch.Generator().manual_seed(8))
    found = checkup_codes(z, labels=torch.zeros(300, dtype=torch.long))
    assert found["areas"].meaning.startswith("Fewer than two classes have 50 codes")
    assert found["overlap"].grade == "not judged"


def test_items_without_a_label_are_left_out():
    z = torch.randn(600, 2, generator=torch.Generator().manual_seed(9))
    labels = torch.arange(600) % 3 - 1
    found = checkup_codes(z, labels=labels, classes=("a", "b"))
    assert found["sampling"].lacks == ""
    assert "a " in found["sampling"].meaning or "b " in found["sampling"].meaning


def test_a_few_training_items_cannot_be_told_from_copies():
    model, _ = zoo.vae((1, 8, 8), latent=2, widths=[8], network="mlp")
    found = checkup(model, pictures(120), pictures(9, seed=1))
    assert found["memorisation"].grade == "not judged"
    assert "give more" in found["memorisation"].meaning


def test_a_decoder_in_double_precision():
    z = np.random.default_rng(0).normal(size=(200, 3))
    found = checkup_codes(z, torch.nn.Linear(3, 5, dtype=torch.float64))
    assert found.codes == 200

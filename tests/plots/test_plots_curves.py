import math

import numpy as np
import pytest

from reparam.errors import DataError
from reparam.plots import COLOURS, loss_curve, save

noise = np.random.default_rng(0).normal(size=101)


def history(*keys, epochs=True):
    """100 records of training, and validation after every fifth."""
    records = []
    for step in range(1, 101):
        distortion = 225 + 300 * math.exp(-step / 3) + noise[step]
        rate = 16 * (1 - math.exp(-step / 8))
        values = {"loss": distortion + rate, "distortion": distortion, "rate": rate}
        record = {"step": step * 94, "learning_rate": 1e-3} | {key: values[key] for key in keys}
        if epochs:
            record["epoch"] = step / 5
        records.append(record | {"split": "train"})
        if step % 5 == 0:
            records.append(record | {"split": "validation"})
    return records


ALL = ("loss", "distortion", "rate")
TITLES = ["Loss", "Distortion (reconstruction loss)", "Rate (KL divergence)"]


def test_three_panels_with_units():
    figure = loss_curve(history(*ALL), title="A run")
    assert figure.get_suptitle() == "A run"
    assert [axes.get_title(loc="left") for axes in figure.axes] == TITLES
    for axes in figure.axes:
        assert axes.get_xlabel() == "epoch"
        assert axes.get_ylabel() == "nats per example"


def test_training_is_a_line_and_validation_are_points():
    records = history(*ALL)
    for axes, key in zip(loss_curve(records).axes, ALL, strict=True):
        train, validation = axes.lines
        assert train.get_linestyle() == "-"
        assert train.get_color() == COLOURS["blue"]
        assert validation.get_linestyle() == "None"
        assert validation.get_marker() == "o"
        assert validation.get_color() == COLOURS["vermilion"]
        for line, split in ((train, "train"), (validation, "validation")):
            some = [r for r in records if r["split"] == split]
            np.testing.assert_array_equal(line.get_xdata(), [r["epoch"] for r in some])
            np.testing.assert_array_equal(line.get_ydata(), [r[key] for r in some])
        legend = [text.get_text() for text in axes.get_legend().get_texts()]
        assert legend[0] == f"train (last {records[-1][key]:.4g})"
        assert legend[1].startswith("validation (last ")


@pytest.mark.parametrize(
    ("keys", "titles"),
    [(["loss"], TITLES[:1]), (["distortion", "rate"], TITLES[1:]), (["rate"], TITLES[2:])],
)
def test_only_what_the_records_have(keys, titles):
    figure = loss_curve(history(*keys))
    assert [axes.get_title(loc="left") for axes in figure.axes] == titles


def test_steps_where_there_are_no_epochs():
    axes = loss_curve(history("loss", epochs=False)).axes[0]
    assert axes.get_xlabel() == "step"
    assert axes.lines[0].get_xdata()[-1] == 9400
    axes = loss_curve([{"step": 1, "loss": 3.0}]).axes[0]
    low, high = axes.get_xlim()
    assert [tick for tick in axes.get_xticks() if low <= tick <= high] == [1]  # no step 0.98


def test_records_may_lack_keys_and_come_unordered():
    records = history("loss")[:10][::-1]
    del records[3]["loss"], records[5]["epoch"], records[0]["split"]
    records.append({"split": "test", "epoch": 1.0, "loss": 5.0})
    records.append({"split": "train", "epoch": 1.0, "loss": None})
    lines = loss_curve(records).axes[0].lines
    assert sum(len(line.get_xdata()) for line in lines) == 8
    assert all((np.diff(line.get_xdata()) > 0).all() for line in lines)


def test_the_frame_is_made_for_the_later_part():
    records = history(*ALL)
    loss, _, rate = loss_curve(records).axes
    late = [r["loss"] for r in records if r["epoch"] > 2.2]
    low, high = loss.get_ylim()
    assert low < min(late)
    assert max(late) < high < 300
    assert max(late) - min(late) > 0.4 * (high - low)
    worst = max(r["loss"] for r in records)
    assert [t.get_text() for t in loss.texts] == [f"begins above the frame, at up to {worst:.4g}"]
    rates = [r["rate"] for r in records]  # begins below: nothing is hidden
    assert rate.get_ylim()[0] < min(rates)
    assert rate.get_ylim()[1] > max(rates)
    assert not rate.texts


def test_a_late_explosion_stays_in_the_frame():
    records = [{"epoch": e / 10, "loss": 250.0 + (e > 90) * 1000} for e in range(100)]
    assert loss_curve(records).axes[0].get_ylim()[1] > 1250


@pytest.mark.parametrize("number", [1, 2, 3])
def test_few_records_are_all_seen(number):
    records = [{"epoch": float(e), "loss": 500.0 / (e + 1) ** 2} for e in range(number)]
    axes = loss_curve(records).axes[0]
    low, high = axes.get_ylim()
    assert low < records[-1]["loss"] <= records[0]["loss"] < high
    assert (axes.lines[0].get_marker() == "o") == (number == 1)


def test_what_is_not_finite_is_counted():
    records = history("loss", "rate")
    records[50]["loss"] = math.nan
    records[60]["loss"] = math.inf
    axes = loss_curve(records).axes[0]
    assert axes.texts[0].get_text().endswith("not finite, not drawn: 2")
    assert np.isfinite(axes.get_ylim()).all()


def test_a_loss_that_was_never_finite_has_no_panel():
    records = [record | {"loss": math.nan} for record in history("rate")]
    assert [a.get_title(loc="left") for a in loss_curve(records).axes] == TITLES[2:]


@pytest.mark.parametrize("records", [[], [{"epoch": 1.0}], [{"loss": 1.0}]])
def test_nothing_to_draw_is_named(records):
    with pytest.raises(DataError, match=f"None of the {len(records)} records"):
        loss_curve(records)


def test_titles_and_notes_do_not_overlap(tmp_path):
    figure = loss_curve(history(*ALL), title="Costs 5 $ and $_$")
    figure.draw_without_rendering()
    page = figure.bbox
    assert figure.get_suptitle() == "Costs 5 $ and $_$"
    boxes = [axes.get_legend().get_window_extent() for axes in figure.axes]
    boxes += [axes._left_title.get_window_extent() for axes in figure.axes]
    boxes += [axes.get_window_extent() for axes in figure.axes]
    for i, box in enumerate(boxes):
        assert page.x0 <= box.x0
        assert box.x1 <= page.x1
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])
    assert save(figure, tmp_path / "a.svg").exists()

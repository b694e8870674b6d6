"""From data to a run, and from a run to pictures and codes."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import reparam
from reparam.data import load_split

MODELS = ("vae", "beta_vae", "chapter", "mse")


def arrays(path):
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def picture(path):
    with Image.open(path) as image:
        image.load()
        return image


@pytest.mark.parametrize("name", [*MODELS, "autoencoder"])
def test_a_run_holds_the_model_its_card_its_history_and_pictures(name, runs, tiny):
    folder = runs / name
    found = reparam.load(folder)
    files = {"README.md", "config.json", "model.safetensors", "history.jsonl", "loss.png"}
    files |= {"reconstructions.png"} | ({"samples.png"} if name != "autoencoder" else set())
    files |= {"checkpoints", ".lock"}
    assert {file.name for file in folder.iterdir()} == files
    assert found.schema.source == str(tiny)
    assert found.schema.shape == (1, 28, 28)
    assert set(found.figures) >= {"train", "validation", "test", "steps"}
    assert found.figures["examples"] == 162
    records = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    assert {record["split"] for record in records} == {"train", "validation"}
    for file in folder.glob("*.png"):
        assert min(picture(file).size) > 200


@pytest.mark.parametrize("name", MODELS)
def test_samples_as_a_picture_and_as_arrays_are_the_models(name, runs, done):
    expected = reparam.load(runs / name).model.sample(9, seed=4).numpy()
    told = done("sample", runs / name, "-n", 9, "--seed", 4, "--out", "x.npz", "--json").json
    assert told["shape"] == [1, 28, 28]
    assert told["samples"] == 9
    np.testing.assert_allclose(arrays("x.npz")["samples"], expected, atol=1e-6)
    assert 0 <= expected.min() <= expected.max() <= 1
    done("sample", runs / name, "-n", 9, "--seed", 4, "--out", "x.png")
    sheet = np.asarray(picture("x.png").convert("L"))
    scale = (len(sheet) - 4 * 2) // (3 * 28)
    assert sheet.shape == (3 * 28 * scale + 8,) * 2
    first = sheet[2 : 2 + 28 * scale : scale, 2 : 2 + 28 * scale : scale]
    np.testing.assert_allclose(first / 255, expected[0, 0], atol=0.51 / 255)


def test_temperature_draws_nearer_and_draw_gives_pixels(runs, done):
    def samples(*options):
        done("sample", runs / "vae", "-n", 50, "--out", "x.npz", *options)
        return arrays("x.npz")["samples"]

    plain, cold, drawn = samples(), samples("--temperature", 0.1), samples("--draw")
    assert cold.std(0).mean() < 0.5 * plain.std(0).mean()
    assert set(np.unique(drawn)) == {0.0, 1.0}


def test_drawn_pixels_outside_the_range_are_cut_off_in_a_picture_and_kept_in_arrays(runs, done):
    done("sample", runs / "mse", "--draw", "--out", "x.npz")
    assert arrays("x.npz")["samples"].max() > 1
    done("sample", runs / "mse", "--draw", "--out", "x.png")
    assert np.asarray(picture("x.png")).max() == 255


@pytest.mark.parametrize("suffix", ["jpg", "jpeg", "webp", "PNG"])
def test_other_kinds_of_pictures(suffix, runs, done):
    done("sample", runs / "vae", "-n", 4, "--out", f"new/x.{suffix}")
    assert picture(f"new/x.{suffix}").size == (174, 174)


@pytest.mark.parametrize("sampler", ["normal", "box"])
def test_an_autoencoder_samples_from_its_codes(sampler, runs, done, tiny):
    run = runs / "autoencoder"
    told = done("sample", run, "--sampler", sampler, "-n", 5, "--out", "x.npz", "--json").json
    assert told["sampler"] == sampler
    model = reparam.load(run).model
    train = load_split(str(tiny), "train")
    model.prior = getattr(reparam.samplers, sampler)(model.encode(train.tensor()))
    expected = model.sample(5, seed=0)
    np.testing.assert_allclose(arrays("x.npz")["samples"], expected, atol=1e-5)
    done("sample", run, "--sampler", sampler, "--data", tiny, "-n", 5, "--out", "y.npz")
    np.testing.assert_array_equal(arrays("y.npz")["samples"], arrays("x.npz")["samples"])


def test_a_sampler_replaces_a_prior(runs, done):
    done("sample", runs / "vae", "-n", 5, "--out", "x.npz")
    done("sample", runs / "vae", "-n", 5, "--sampler", "box", "--out", "y.npz")
    assert not np.allclose(arrays("x.npz")["samples"], arrays("y.npz")["samples"], atol=1e-4)


@pytest.mark.parametrize("name", [*MODELS, "autoencoder"])
def test_codes_of_all_items_are_the_models_in_the_sources_order(name, runs, done, tiny):
    told = done("encode", runs / name, tiny, "--out", "z.npz", "--json").json
    z, source = arrays("z.npz"), arrays(tiny)
    model = reparam.load(runs / name).model
    x = torch.from_numpy(source["x"])[:, None]
    np.testing.assert_allclose(z["mean"], model.encode(x), atol=1e-5)
    np.testing.assert_array_equal(z["labels"], source["y"])
    assert z["mean"].shape == (200, 3)
    assert told["arrays"] == list(z)
    assert ("log_variance" in z) is (name != "autoencoder")
    if "log_variance" in z:
        with torch.no_grad():
            q = model.posterior(x / 255)
        np.testing.assert_allclose(z["log_variance"], q.variance.log(), atol=1e-4)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_codes_of_a_part_are_of_the_models_own_part(split, runs, done, tiny):
    done("encode", runs / "vae", tiny, "--split", split, "--out", "z.npz")
    part = load_split(str(tiny), split)
    z = arrays("z.npz")
    np.testing.assert_array_equal(z["labels"], part.labels)
    expected = reparam.load(runs / "vae").model.encode(part.tensor())
    np.testing.assert_allclose(z["mean"], expected, atol=1e-5)


@pytest.mark.parametrize("name", [*MODELS, "autoencoder"])
def test_reconstructions_are_the_models_and_their_error_is_measured(name, runs, done, tiny):
    told = done("reconstruct", runs / name, tiny, "-n", 7, "--out", "x.npz", "--json").json
    found = arrays("x.npz")
    again = reparam.load(runs / name).model.reconstruct(found["originals"])
    np.testing.assert_allclose(found["reconstructions"], again, atol=1e-5)
    error = np.sqrt(np.square(found["originals"] - found["reconstructions"]).mean())
    assert told["root_mean_squared_error"] == pytest.approx(error, rel=1e-4)
    assert told["items"] == len(found["labels"]) == 7
    test = {row.tobytes() for row in load_split(str(tiny), "test").tensor().numpy()}
    assert all(row.tobytes() in test for row in found["originals"])


def test_reconstructions_as_pictures(runs, done, tiny):
    done("reconstruct", runs / "vae", tiny, "-n", 5, "--out", "x.png")
    assert picture("x.png").width > 5 * 28
    done("reconstruct", runs / "vae", tiny, "-n", 5, "--out", "x.svg")
    with open("x.svg") as file:
        assert "</svg>" in file.read()


def test_more_items_than_there_are_gives_all(runs, done, tiny):
    told = done("reconstruct", runs / "vae", tiny, "-n", 999, "--out", "x.npz", "--json").json
    assert told["items"] == 20


def test_set_reaches_every_argument(tiny, done):
    chosen = {
        "latent": 2, "loss": "rmse", "beta": 2.5, "free_bits": 0.1, "warmup": 1,
        "posterior": "isotropic", "prior": "standard", "network": "mlp", "widths": "[16,8]",
        "seed": 3,
    }  # fmt: skip
    assert set(chosen) == set(reparam.zoo.ZOO["vae"].defaults)
    words = [word for key, value in chosen.items() for word in ("--set", f"{key}={value}")]
    done("fit", tiny, *words, "--epochs", 1, "--out", "run")
    found = reparam.load("run")
    rate = found.objective.terms[1]
    assert [float(rate.weight), rate.free_bits] == [2.5, pytest.approx(0.1)]
    assert found.model.encode(np.zeros((1, 1, 28, 28), np.float32)).shape == (1, 2)
    assert [m.out_features for m in found.model.posterior.network if hasattr(m, "weight")] == [
        16, 8, 3,
    ]  # fmt: skip


def test_options_of_training_reach_the_recipe(tiny, done, quick):
    done(
        "fit", tiny, *quick, "--batch-size", 50, "--learning-rate", 1e-3, "--optimizer", "Adam",
        "--schedule", "constant", "--weight-decay", 0.01, "--precision", "bf16", "--seed", 8,
        "--validation", 0, "--augment", "noise=0.1", "--device", "cpu", "--out", "run",
    )  # fmt: skip
    found = reparam.load("run")
    chosen = {
        "epochs": 1, "batch_size": 50, "learning_rate": 1e-3, "optimizer": "Adam",
        "schedule": "constant", "weight_decay": 0.01, "precision": "bf16", "seed": 8,
    }  # fmt: skip
    assert {key: found.recipe[key] for key in chosen} == chosen
    assert found.figures["steps"] == 4
    assert "validation" not in found.figures


def test_the_other_options_of_training_reach_the_recipe(tiny, done, quick):
    done(
        "fit", tiny, *quick, "--epochs", 9, "--batch-size", 40, "--schedule", "cosine", "--warmup",
        0.2, "--clip", 0.5, "--accumulate", 2, "--ema", 0.9, "--select", "best", "--patience", 2,
        "--stop-unannealed", "--skip-spikes", 6, "--checkpoint-seconds", 0, "--out", "run",
    )  # fmt: skip
    chosen = {
        "schedule": "cosine", "warmup": 0.2, "clip": 0.5, "accumulate": 2, "ema": 0.9,
        "select": "best", "patience": 2, "stop_unannealed": True, "skip_spikes": 6.0,
    }  # fmt: skip
    found = reparam.load("run")
    assert {key: found.recipe[key] for key in chosen} == chosen


def test_augmentation_changes_what_is_learnt(tiny, done, quick):
    for name, options in {"plain": [], "flip": ["--augment", "flip"]}.items():
        done("fit", tiny, *quick, *options, "--out", name)
    plain, flip = (
        reparam.load(name).model.posterior.network.dense.weight for name in ("plain", "flip")
    )
    assert not torch.equal(plain, flip)


def test_without_out_a_run_lies_under_its_models_name(tiny, done, quick):
    assert (
        done("fit", tiny, *quick, "--model", "beta_vae", "--json").json["run"] == "runs/beta_vae"
    )
    assert reparam.load("runs/beta_vae").schema.name == "tiny"


def test_overwrite_replaces_a_run(tiny, done, quick):
    done("fit", tiny, *quick, "--latent", 2, "--out", "run")
    done("fit", tiny, *quick, "--latent", 5, "--out", "run", "--overwrite")
    assert reparam.load("run").model.encode(np.zeros((1, 1, 28, 28), np.float32)).shape == (1, 5)


@pytest.mark.parametrize("name", [*MODELS, "autoencoder"])
def test_an_evaluation_has_what_the_model_allows(name, runs, done, tiny):
    command = ("evaluate", runs / name, tiny, "--samples", 3, "--json")
    told = done(*command, "--out", "figures.json").json
    assert json.loads(Path("figures.json").read_text()) == told
    assert told["items"] == len(load_split(str(tiny), "test"))
    figures = json.loads((runs / name / "config.json").read_text())["figures"]["test"]
    assert {k: told[k] for k in figures} == pytest.approx(figures)
    assert 0 <= told["active_units"] <= told["latents"] == 3
    if name == "autoencoder":
        assert "importance_weighted_bound" not in told
        return
    assert told["importance_weighted_bound"] <= told["bound"] + 0.5
    assert (told["bits_per_dimension"] is None) is (name != "mse")
    assert told["mutual_information_saturated"] == (
        told["mutual_information"] > np.log(told["items"]) - 0.5
    )
    assert sum(told["rate_per_dimension"]) == pytest.approx(told["rate"], rel=1e-3)
    assert told["mutual_information"] + told["aggregate_kl"] == pytest.approx(
        told["rate"], abs=0.5
    )


@pytest.mark.parametrize("name", [*MODELS, "autoencoder"])
def test_scores_of_all_items_in_the_sources_order(name, runs, done, tiny):
    told = done("score", runs / name, tiny, "--reference", tiny, "--samples", 2, "--json").json
    found = arrays("scores.npz")
    np.testing.assert_array_equal(found["labels"], arrays(tiny)["y"])
    scores = {key: value for key, value in found.items() if key != "labels"}
    assert {"error", "latent_distance"} <= scores.keys()
    assert ("bound" in scores) is (name != "autoencoder")
    assert all(score.shape == (200,) for score in scores.values())
    for key, score in scores.items():
        assert told["oddest"][key][0] == score.argmax()

"""Every kind of data goes the whole way."""

import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

import reparam
from reparam.data import load_split


def arrays(path):
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def test_a_named_set(done, quick):
    name = "fashion-mnist-subset"
    told = done("fit", name, *quick, "--batch-size", 500, "--out", "run", "--json").json
    assert told["data"] == "Fashion-MNIST (subset)"
    assert told["test"]["examples"] == 2000
    done("sample", "run", "-n", 4, "--out", "x.png")
    done("reconstruct", "run", name, "-n", 4, "--out", "y.png")
    done("encode", "run", name, "--out", "z.npz")
    np.testing.assert_array_equal(arrays("z.npz")["labels"], load_split(name, "all").labels)


@pytest.mark.parametrize("model", ["vae", "chapter", "autoencoder"])
def test_a_colour_array_of_any_size(model, sources, done):
    source = sources / "colour.npy"
    few = ("--latent", 2, "--epochs", 1)
    done("fit", source, "--model", model, *few, "--out", "run")
    sampler = ("--sampler", "normal") if model == "autoencoder" else ()
    done("sample", "run", "-n", 3, *sampler, "--out", "x.npz")
    samples = arrays("x.npz")["samples"]
    assert samples.shape == (3, 3, 37, 50)
    assert 0 <= samples.min() <= samples.max() <= 1
    done("reconstruct", "run", source, "-n", 3, "--out", "y.png")
    done("encode", "run", source, "--out", "z.npz")
    z = arrays("z.npz")
    assert z["mean"].shape == (30, 2)
    assert "labels" not in z
    x = np.load(source).transpose(0, 3, 1, 2)
    expected = reparam.load("run").model.encode(x)
    np.testing.assert_allclose(z["mean"], expected, atol=1e-5)


def test_an_array_of_another_layout(sources, done, quick):
    np.save("first.npy", np.load(sources / "colour.npy").transpose(0, 3, 1, 2))
    done("fit", "first.npy", *quick, "--layout", "NCHW", "--out", "run")
    told = done("encode", "run", "first.npy", "--json").json
    assert told["items"] == 30
    assert reparam.load("run").schema.shape == (3, 37, 50)


def test_vectors(sources, done, quick):
    source = sources / "vectors.npy"
    told = done("fit", source, *quick, "--latent", 2, "--out", "run", "--json").json
    assert told["pictures"] == ["run/loss.png"]
    done("sample", "run", "-n", 3, "--out", "x.npz")
    assert arrays("x.npz")["samples"].shape == (3, 12)
    done("reconstruct", "run", source, "--out", "y.npz")
    assert arrays("y.npz")["reconstructions"].shape == (6, 12)


def test_a_folder_of_pictures_with_classes(sources, done, quick):
    source = sources / "pictures"
    fit = ("fit", source, "--size", 16, 20, "--model", "autoencoder", *quick, "--latent", 2)
    done(*fit, "--out", "run")
    schema = reparam.load("run").schema
    assert schema.classes == ("cat", "dog")
    assert schema.shape == (3, 16, 20)
    done("sample", "run", "--sampler", "box", "-n", 3, "--out", "x.npz")
    assert arrays("x.npz")["samples"].shape == (3, 3, 16, 20)
    done("encode", "run", source, "--out", "z.npz")
    assert arrays("z.npz")["labels"].tolist() == [0] * 12 + [1] * 12
    done("reconstruct", "run", source, "--split", "all", "-n", 24, "--out", "y.png")


def test_broken_files_are_left_out_or_refused(sources, done, reparam_command, quick):
    source = shutil.copytree(sources / "pictures", "pictures")
    Path(source, "cat", "empty.png").touch()
    Path(source, "dog", "text.jpg").write_text("text")
    how = ("--size", 16, 20, "--fit", "crop", "--background", "#204060")
    with warnings.catch_warnings(action="default"):
        told = done("fit", source, *how, *quick, "--latent", 2, "--out", "run").err
        measured = done("evaluate", "run", source, "--json")
    assert "2 of 26 pictures in pictures are left out" in told
    assert "cat/empty.png (it is empty), dog/text.jpg (it is no picture" in told
    assert told.count("are left out") == measured.err.count("are left out") == 1
    assert measured.json["items"] == 2
    options = reparam.load("run").schema.options
    assert (options["fit"], options["background"]) == ("crop", "#204060")
    refused = reparam_command("fit", source, *how, "--strict", "--out", "other")
    assert (refused.status, Path("other").exists()) == (2, False)
    assert refused.err.startswith(
        "error: 2 of 26 pictures in pictures cannot be read: cat/empty.png"
    )


def test_clearing_the_cache(sources, done, monkeypatch):
    monkeypatch.setenv("REPARAM_CACHE", "decoded")
    done("data", sources / "pictures", "--size", 8, 8)
    told = done("data", "clear", "--json").json
    assert (told["cache"], told["deleted"]) == ("decoded", 1)
    assert done("data", "clear", "--json").json["deleted"] == 0


def test_a_models_own_folder_is_known_however_its_path_is_written(
    sources, done, quick, monkeypatch
):
    monkeypatch.chdir(sources)
    run = sources / "by-name"
    done("fit", "pictures", "--size", 16, 20, *quick, "--latent", 2, "--out", run)
    for path in ("pictures/", "./pictures", sources / "pictures", "../sources0/pictures"):
        told = done("encode", run, path, "--out", run / "z.npz", "--json").json
        assert (told["items"], told["data"]) == (24, "pictures"), path


def test_other_pictures_are_stretched_only_if_asked(sources, done, quick, reparam_command):
    done("fit", sources / "pictures", "--size", 16, 20, *quick, "--out", "run")
    (sources / "others").mkdir(exist_ok=True)
    for file in (sources / "pictures" / "cat").iterdir():
        (sources / "others" / file.name).write_bytes(file.read_bytes())
    refused = reparam_command("encode", "run", sources / "others")
    assert refused.status == 2
    assert "--size" in refused.err
    told = done("encode", "run", sources / "others", "--size", 16, 20, "--json").json
    assert told["arrays"] == ["mean", "log_variance"]
    sampled = ("sample", "run", "--sampler", "normal", "--data", sources / "others")
    assert reparam_command(*sampled).status == 2
    done(*sampled, "--size", 16, 20)

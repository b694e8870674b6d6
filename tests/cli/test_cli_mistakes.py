"""A mistake is status 2 and one sentence on standard error that says what was wrong."""

import importlib
import json
import shutil
import sys

import numpy as np
import pytest

import reparam


@pytest.fixture
def wrong(runs, sources, reparam_command):
    """Run a command that must fail as a mistake does; give its sentence."""
    places = {"TINY": sources / "tiny.npz", "SOURCES": sources, "RUNS": runs}

    def run(command):
        words = command.split() if isinstance(command, str) else command
        for name, place in places.items():
            words = [str(word).replace(name, str(place)) for word in words]
        ended = reparam_command(*words)
        assert ended.status == 2
        assert ended.out == ""
        *begun, sentence = ended.err.splitlines()
        assert all(" parameters, about " in line for line in begun)  # what training says first
        assert sentence.startswith("error: ")
        assert "Traceback" not in sentence
        return sentence

    return run


FIT = {
    "fit": "Missing argument 'DATA': see reparam fit --help",
    "fit TINY more": "unexpected extra argument",
    "fit TINY --nope": "No such option: --nope",
    "fit nosuch": "there is no file or folder 'nosuch'",
    "fit fashion-mnist-subse": "did you mean 'fashion-mnist-subset'?",
    "fit TINY --model nope": "the zoo has no 'nope': `reparam zoo` lists what it has",
    "fit TINY --latent 0": "latent must be a whole number of at least 1, not 0",
    "fit TINY --latent two": "Invalid value for '--latent'",
    "fit TINY --latent 2 --set latent=3": "--latent and --set latent= differ",
    "fit TINY --set beta": "--set takes key=value, not 'beta'",
    "fit TINY --set =4": "vae has no argument ''",
    "fit TINY --set bta=4": "did you mean 'beta'?",
    "fit TINY --model autoencoder --set beta=4": "autoencoder has no argument 'beta'",
    "fit TINY --set beta=1 --set beta=1": "--set beta= is given twice",
    "fit TINY --set beta=": "beta must be a number of at least 0, not ''",
    "fit TINY --set beta=True": "beta must be a number of at least 0, not 'True'",
    "fit TINY --set beta=None": "beta must be a number of at least 0, not 'None'",
    "fit TINY --set beta=-1": "must be a number of at least 0, not '-1'",
    "fit TINY --set beta=1e999": "beta must be a number of at least 0",
    "fit TINY --set free_bits=-1": "free_bits must be a number of at least 0",
    "fit TINY --set latent=2.5": "latent must be a whole number of at least 1, not '2.5'",
    "fit TINY --set widths=4,x": "widths must be whole numbers of at least 1 with commas",
    "fit TINY --set widths=4,0.5": "widths must be whole numbers of at least 1 with commas",
    "fit TINY --set widths=()": "widths must be whole numbers of at least 1 with commas",
    "fit TINY --set loss=l1": "loss must be one of bce, rmse, mse, ",
    "fit TINY --set network=gru": "network must be one of auto, convolutional, mlp, not",
    "fit TINY --set posterior=flow": "posterior must be one of point, diagonal, isotropic, full",
    "fit TINY --set warmup=-1": "or 0 for none, not '-1'",
    "fit TINY --set warmup=999 --epochs 1": "final only after 999 steps, but training takes 2",
    "fit TINY --model chapter --set variational=maybe": "must be true or false, not 'maybe'",
    "fit TINY --model chapter --set variational=false --set beta=2": "an autoencoder has none",
    "fit TINY --model iwaee": "did you mean 'iwae'?",
    "fit TINY --model info_vae --set alpha=1.5": "of at least 0 and at most 1, not '1.5'",
    "fit TINY --model info_vae --set scale=0.2": "with alpha=0.5 scale is at least 0.5, not 0.2",
    "fit TINY --model concrete_vae --latent 7": "categories",
    "fit TINY --model joint_vae --latent 9": "latent must be more than the 10 categories",
    "fit TINY --model iwae --set loss=rmse": "a point has no density",
    "fit TINY --model vae --set prior=sphere": "lie anywhere in space and the prior's",
    "fit TINY --epochs 0": "epochs must be at least 1, not 0",
    "fit TINY --epochs 1.5": "Invalid value for '--epochs'",
    "fit TINY --batch-size 0": "batch_size must be at least 1, not 0",
    "fit TINY --learning-rate 0": "learning_rate must be positive, not 0.0",
    "fit TINY --learning-rate nan": "learning_rate must be positive, not nan",
    "fit TINY --optimizer adamm": "optimizer is one of ASGD, ",
    "fit TINY --schedule line": "schedule is one of one_cycle, cosine, constant",
    "fit TINY --precision fp8": "precision is one of no, bf16, fp16",
    "fit TINY --precision fp16 --device cpu": "needs an accelerator",
    "fit TINY --augment rotate": "--augment is flip or noise=SIGMA",
    "fit TINY --augment noise": "--augment is flip or noise=SIGMA",
    "fit TINY --augment noise=-1": "--augment is flip or noise=SIGMA",
    "fit TINY --device tpu": "device is one of auto, cpu, cuda, mps, not 'tpu'",
    "fit TINY --seed -1": "Invalid value for '--seed'",
    "fit TINY --seed 99999999999999999999": "Invalid value for '--seed'",
    "fit TINY --validation 1": "the part to hold out is 1.0: give one between 0 and 1",
    "fit TINY --validation nan": "the part to hold out is nan",
    "fit TINY --validation 0.999": "leaves none",
    "fit TINY --layout CHW": "there is no layout 'CHW'",
    "fit TINY --layout NHWC": "layout='NHWC' has 4 axes",
    "fit TINY --size 9 9": "size= has no effect on a file of arrays",
    "fit TINY --size 9": "--size",
    "fit TINY --path .": "path= has no effect on a file of arrays",
    "fit fashion-mnist-subset --path .": "path= has no effect on fashion-mnist-subset",
    "fit fashion-mnist --path SOURCES": "does not hold 'fashion-mnist'",
    "fit fashion-mnist --path nosuch": "'nosuch', which is not a folder",
    "fit SOURCES/pictures": "bring them to one with --size 20 50",
    "fit SOURCES/pictures --size 0 9": "give the height and the width in pixels",
    "fit SOURCES/pictures --layout NHW": "layout= has no effect on a folder of pictures",
    "fit SOURCES/empty": "empty holds no pictures",
    "fit SOURCES/spoilt.npy": "pixel (3, 0, 2, 1) is nan",
    "fit SOURCES/vectors.npy --model chapter": "take pictures (C, H, W), not (12,)",
    "fit SOURCES/vectors.npy --set network=convolutional": "use network='mlp'",
    "fit TINY --out TINY": "is a file: choose another name for the folder",
    "fit TINY --out TINY/run": "tiny.npz/run cannot be written",
    "fit TINY --out RUNS/vae": "already holds a run: choose another folder",
}

USE = {
    "nosuch": "No such command 'nosuch': see reparam --help",
    "sample": "Missing argument 'RUN'",
    "sample nosuch": "there is no folder nosuch: give the folder of a run",
    "sample TINY": "there is no folder ",
    "sample SOURCES": "has no config.json: it is not the folder of a trained model",
    "sample RUNS/autoencoder": "on the command line --sampler normal|box",
    "sample RUNS/autoencoder --sampler flow": "--sampler is one of normal, box, not 'flow'",
    "sample RUNS/vae --data TINY": "--data has no effect without --sampler normal|box",
    "sample RUNS/vae --size 9 9": "--size has no effect without --sampler normal|box",
    "sample RUNS/vae --sampler box --data nosuch": "error: there is no file or folder 'nosuch'",
    "sample RUNS/vae --sampler box --data SOURCES/colour.npy": "the model takes pictures of",
    "sample RUNS/vae --temperature 0": "temperature must be positive, not 0.0",
    "sample RUNS/vae --temperature nan": "temperature must be positive, not nan",
    "sample RUNS/vae --label 3": "--label has no effect: the model in ",
    "sample RUNS/vae -n 0": "Invalid value for '-n' / '--number'",
    "sample RUNS/vae -n 9999999999999": "images is too large: give a smaller -n",
    "sample RUNS/vae --seed -1": "Invalid value for '--seed'",
    "sample RUNS/vae --device tpu": "device is one of auto, cpu, cuda, mps",
    "sample RUNS/vae --out x.txt": "--out x.txt is no kind of file that this command writes",
    "sample RUNS/vae --out x": "end it in .npz for arrays or in .png, ",
    "sample RUNS/vae --out TINY/x.png": "tiny.npz/x.png cannot be written",
    "sample RUNS/vae --out TINY/x.npz": "tiny.npz/x.npz cannot be written",
    "encode RUNS/vae": "Missing argument 'DATA'",
    "encode RUNS/vae TINY --out x.png": "end it in .npz for arrays",
    "encode RUNS/vae TINY --split half": "there is no split 'half': give one of train, ",
    "encode RUNS/vae SOURCES/colour.npy": "the model takes pictures of (1, 28, 28), these are (3,",
    "encode RUNS/vae SOURCES/vectors.npy": "these are vectors of (12,)",
    "encode RUNS/vae SOURCES/empty": "empty holds no pictures",
    "encode RUNS/vae TINY --out TINY/z.npz": "tiny.npz/z.npz cannot be written",
    "reconstruct RUNS/vae TINY --out x.webp": "or in .png, .svg for a picture",
    "reconstruct RUNS/vae TINY --split half": "there is no split 'half'",
    "reconstruct RUNS/vae SOURCES/spoilt.npy": "pixel (3, 0, 2, 1) is nan",
    "export RUNS/vae": "Missing option '--out'",
    "export nosuch --out x": "there is no folder nosuch: give the folder of a run",
    "export RUNS/vae --out x --format tflite": "format is one of onnx, torch, not 'tflite'",
    "export RUNS/vae --out RUNS/vae --overwrite": "holds something else: choose another folder",
    "export RUNS/vae --out TINY": "is a file: choose another name for the folder",
    "export RUNS/vae --out TINY/x --format torch": "tiny.npz/x cannot be written",
    "push RUNS/vae": "Missing argument 'OWNER/NAME'",
    "push RUNS/vae model": "'model' is no name on the Hub: write owner/name",
    "push nosuch me/model": "there is no folder nosuch: give the folder of a run",
    "push hf://me/model you/model": "is on the Hub already: push the folder of a run",
    "sample hf://model": "is no model on the Hub: write hf://owner/name",
    "report hf://me/model": "hf://me/model has no folder to write into",
    "zoo nope": "the zoo has no 'nope': `reparam zoo` lists what it has",
    "zoo --set beta=4": "--set and --shape need the name of a variant",
    "zoo vae --shape big": "--shape takes whole numbers with commas between, not 'big'",
    "zoo vae --set bta=4": "did you mean 'beta'?",
    "zoo --out TINY/zoo.json": "tiny.npz/zoo.json cannot be written",
    "data nosuch": "there is no file or folder 'nosuch'",
    "data --out x.png": "--out has no effect on the list of data sets: name one of them",
    "data --split train": "--split has no effect on the list of data sets",
    "data -n 9": "--number has no effect on the list of data sets",
    "data TINY -n 9": "--number has no effect without a picture",
    "data TINY -n 9 --out x.npz": "--number has no effect without a picture",
    "data TINY --seed 9": "--seed has no effect on all items",
    "data TINY --split half": "there is no split 'half'",
    "data TINY --out x.csv": "is no kind of file that this command writes",
    "data SOURCES/vectors.npy --out x.png": "vectors of 12 numbers cannot be drawn",
    "data SOURCES/spoilt.npy": "pixel (3, 0, 2, 1) is nan",
    "doctor --device tpu": "device is one of auto, cpu, cuda, mps",
}  # fmt: skip


@pytest.mark.parametrize("command", [*FIT, *USE])
def test_a_mistake_is_one_sentence(command, wrong):
    assert {**FIT, **USE}[command] in wrong(command)


@pytest.mark.parametrize("command", [c for c in FIT if c.startswith("fit TINY")])
def test_a_mistake_leaves_no_run_behind(command, wrong, tmp_path):
    if "--out" not in command:
        wrong(command)
        assert not list(tmp_path.rglob("*"))


def contents(run):
    return {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    "mistake",
    [
        "--model nope", "--set bta=1", "--set beta=x", "--set beta=-1", "--set loss=l1",
        "--set latent=0", "--set warmup=999", "--epochs 0", "--optimizer nope", "--layout CHW",
        "--validation 2", "--augment nope", "--device tpu", "--precision fp16 --device cpu",
        "--seed -1",
    ],
)  # fmt: skip
def test_overwrite_keeps_the_old_run_where_the_command_line_is_wrong(
    mistake, wrong, runs, tmp_path
):
    shutil.copytree(runs / "vae", "run")
    before = contents(tmp_path / "run")
    wrong(f"fit TINY --epochs 1 --out run --overwrite {mistake}")
    assert contents(tmp_path / "run") == before


def test_a_loss_that_is_not_finite_stops_training(wrong):
    options = "--set loss=mse --set widths=4 --learning-rate 1e30 --epochs 3 --out run"
    assert "training stopped at step 2 (epoch 1) because" in wrong(f"fit TINY {options}")


def test_vectors_cannot_be_drawn(wrong, sources, done, quick):
    done("fit", sources / "vectors.npy", *quick, "--out", "run")
    sentence = "error: vectors of 12 numbers cannot be drawn: end --out in .npz"
    assert wrong("sample run --out x.png") == sentence
    assert wrong("reconstruct run SOURCES/vectors.npy --out x.png") == sentence


def test_data_that_have_gone_away(wrong, tiny, done, quick):
    shutil.copy(tiny, "mine.npz")
    done("fit", "mine.npz", "--model", "autoencoder", *quick, "--out", "run")
    shutil.move("mine.npz", "moved.npz")
    sentence = wrong("sample run --sampler normal")
    assert "what run was trained on cannot be read here, so name it with --data" in sentence
    done("sample", "run", "--sampler", "normal", "--data", "moved.npz")


def test_a_model_that_does_not_say_what_it_was_trained_on(wrong):
    model, objective = reparam.zoo.autoencoder((1, 28, 28), latent=2, widths=[4])
    reparam.save("run", model, objective)
    assert "does not say where its data came from" in wrong("sample run --sampler normal")


def _config(**changes):
    def change(run):
        config = json.loads((run / "config.json").read_text())
        (run / "config.json").write_text(json.dumps(config | changes))

    return change


def _weights(content):
    return lambda run: (run / "model.safetensors").write_bytes(content(run))


BROKEN = {
    "no weights": lambda run: (run / "model.safetensors").unlink(),
    "no config": lambda run: (run / "config.json").unlink(),
    "not JSON": lambda run: (run / "config.json").write_text("{"),
    "a list": lambda run: (run / "config.json").write_text("[]"),
    "another format": _config(format=99),
    "no model": _config(model=None),
    "an empty model": _config(model={}),
    "a model of another kind": _config(model=5),
    "an unknown part": _config(model={"part": "os.system", "arguments": {}}),
    "an empty schema": _config(schema={}),
    "cut off": _weights(lambda run: (run / "model.safetensors").read_bytes()[:-9]),
    "empty weights": _weights(lambda run: b""),
    "another run's weights": _weights(
        lambda run: (run.parent / "other" / "model.safetensors").read_bytes()
    ),
}


@pytest.mark.parametrize("damage", BROKEN)
@pytest.mark.parametrize("command", ["sample run", "encode run TINY", "reconstruct run TINY"])
def test_a_broken_run(damage, command, wrong, runs, tmp_path):
    shutil.copytree(runs / "vae", "run")
    shutil.copytree(runs / "beta_vae", "other")
    BROKEN[damage](tmp_path / "run")
    wrong(command)


def test_weights_that_are_not_finite(wrong):
    model, objective = reparam.zoo.vae((1, 8, 8), latent=2, widths=[4])
    model.likelihood.network.dense[0].bias.data[0] = np.nan
    reparam.save("run", model, objective)
    assert "NaN or infinite weights" in wrong("sample run")


def test_an_accelerator_that_is_not_here(wrong, monkeypatch):
    monkeypatch.setattr("torch.accelerator.current_accelerator", lambda *_, **__: None)
    for command in ("fit TINY", "sample RUNS/vae", "encode RUNS/vae TINY", "doctor"):
        assert "there is no cuda on this machine" in wrong(f"{command} --device cuda")


def test_a_mistake_of_ours_stays_a_traceback(monkeypatch):
    def broken(**_):
        raise RuntimeError("ours")

    monkeypatch.setattr(importlib.import_module("reparam.cli.main"), "app", broken)
    monkeypatch.setattr(sys, "argv", ["reparam"])
    with pytest.raises(RuntimeError, match="ours"):
        reparam.cli.main()

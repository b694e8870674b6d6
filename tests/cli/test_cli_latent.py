"""Going through a trained model's latent space: interpolate, traverse, attribute."""

import shutil

import numpy as np
import pytest
import torch
from PIL import Image

import reparam
from reparam import save, zoo
from reparam.cli.frame import framed
from reparam.conditional import Conditional
from reparam.data import load_split
from reparam.families import Bernoulli, DiagonalNormal
from reparam.latent import attribute, codes, linear, rates, spherical
from reparam.models import VAE
from reparam.networks import MLP
from reparam.plots.strips import strips
from reparam.priors import StandardNormal


def arrays(path):
    with np.load(path) as archive:
        return {name: torch.from_numpy(archive[name]) for name in archive.files}


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    """Labelled vectors."""
    folder = tmp_path_factory.mktemp("vectors")
    x = np.random.default_rng(0).random((120, 6), np.float32)
    np.savez(folder / "x.npz", x=x, y=np.arange(120) % 3)
    return folder / "x.npz"


@pytest.fixture
def wrong(runs, tiny, sources, reparam_command):
    """Run a command that must fail as a mistake does; give its sentence."""

    def run(command):
        places = {"RUNS": runs, "TINY": tiny, "SOURCES": sources}
        for name, place in places.items():
            command = command.replace(name, str(place))
        ended = reparam_command(*command.split())
        assert (ended.status, ended.out) == (2, "")
        (sentence,) = ended.err.splitlines()
        return sentence.removeprefix("error: ")

    return run


@pytest.mark.parametrize(("way", "go"), [("linear", linear), ("spherical", spherical)])
def test_a_way_begins_and_ends_at_the_items_that_were_named(way, go, runs, tiny, done):
    pairs = ("--from", 3, "--to", 17, "--from", 5, "--to", 0)
    told = done(
        "interpolate", runs / "vae", tiny, *pairs, "--steps", 4, "--way", way,
        "--out", "x.npz", "--json",
    )  # fmt: skip
    assert told.json["pairs"] == [[3, 17], [5, 0]]
    model, test = reparam.load(runs / "vae").model, load_split(str(tiny), "test")
    found, z = arrays("x.npz"), codes(model, test).mean
    torch.testing.assert_close(found["z"][0], go(z[3], z[17], 4))
    torch.testing.assert_close(found["z"][1], go(z[5], z[0], 4))
    torch.testing.assert_close(found["decoded"], model.decode(found["z"]))
    assert torch.equal(found["originals"][0], test.tensor()[[3, 17]])
    assert torch.equal(found["labels"], test.labels[found["items"]])


def test_without_items_pairs_are_random_and_repeatable(runs, tiny, done):
    told = [
        done("interpolate", runs / "vae", tiny, "--seed", seed, "-n", 3, "--json").json["pairs"]
        for seed in (5, 5, 6)
    ]
    assert told[0] == told[1] != told[2]
    assert len({item for pair in told[0] for item in pair}) == 6
    every = done("interpolate", runs / "vae", tiny, "-n", 99, "--json").json["pairs"]
    assert len(every) == 10  # of 20 test items


def test_traversals_are_ordered_by_rate_on_the_runs_own_data(runs, tiny, done):
    told = done("traverse", runs / "vae", "--values", "-2,0,1", "--out", "x.npz", "--json").json
    model, test = reparam.load(runs / "vae").model, load_split(str(tiny), "test")
    expected = rates(model, test)
    assert told["dimensions"] == expected.argsort(descending=True).tolist()
    assert told["rates"] == pytest.approx(expected.sort(descending=True).values.tolist())
    assert told["order"] == "by rate on tiny, test"
    found = arrays("x.npz")
    for z, dimension in zip(found["z"], told["dimensions"], strict=True):
        assert z[:, dimension].tolist() == [-2, 0, 1]
        assert z.abs().sum() == 3
    torch.testing.assert_close(found["decoded"], model.decode(found["z"]))
    some = done("traverse", runs / "vae", "--dimensions", "2,0", "--json").json
    assert (some["dimensions"], some["order"]) == ([2, 0], "as given")
    assert done("traverse", runs / "vae", "--top", 1, "--json").json["dimensions"] == [
        told["dimensions"][0]
    ]


def test_a_traversal_starts_from_an_item(runs, tiny, done):
    told = done("traverse", runs / "vae", "--item", 4, "--values", 7, "--out", "x.npz", "--json")
    assert told.json["start"].startswith("item 4, ")
    z = codes(reparam.load(runs / "vae").model, load_split(str(tiny), "test")).mean[4]
    for row, dimension in zip(arrays("x.npz")["z"], told.json["dimensions"], strict=True):
        expected = z.clone()
        expected[dimension] = 7
        torch.testing.assert_close(row[0], expected)


def test_an_autoencoder_is_measured_in_its_codes_own_spread(runs, tiny, done):
    told = done("traverse", runs / "autoencoder", "--values", "-1..1", "--steps", 3,
                "--out", "x.npz", "--json").json  # fmt: skip
    z = codes(reparam.load(runs / "autoencoder").model, load_split(str(tiny), "test")).mean
    mean, spread = z.mean(0), z.std(0, correction=0)
    found = arrays("x.npz")["z"]
    for dimension in range(3):
        expected = mean.repeat(3, 1)
        expected[:, dimension] += spread[dimension] * torch.tensor([-1.0, 0.0, 1.0])
        torch.testing.assert_close(found[dimension], expected)
    assert (told["rates"], told["unit"]) == (None, "standard deviations of the codes")
    assert told["order"] == "of dimension: a model without a prior has no rates (KL divergences)"


def test_a_fitted_prior_has_a_centre_too(runs, tiny, done):
    found = reparam.load(runs / "autoencoder")
    z = codes(found.model, load_split(str(tiny), "train")).mean
    found.model.prior = reparam.samplers.normal(z)
    frame = framed(found, None, "test", {}, None)
    torch.testing.assert_close(frame.codes(torch.zeros(3)), z.mean(0))
    torch.testing.assert_close(frame.codes(torch.ones(3)) - z.mean(0), z.std(0), rtol=1e-3, atol=0)
    assert frame.rates is None
    assert "does not fall into a sum over dimensions" in frame.order


def test_a_plane_holds_every_pair_of_values(runs, done):
    done("traverse", runs / "vae", "--plane", 2, 0, "--values", "-1..3", "--steps", 5,
         "--out", "x.npz")  # fmt: skip
    z = arrays("x.npz")["z"]
    assert z.shape == (5, 5, 3)
    assert z[1, :, 2].tolist() == [-1, 0, 1, 2, 3]
    assert z[:, 1, 0].tolist() == [-1, 0, 1, 2, 3]
    assert (z[:, :, 1] == 0).all()


@pytest.fixture
def drawn(monkeypatch):
    """What is drawn: pictures (R, K, C, H, W), and the names of rows and columns."""
    seen = []

    def spy(pictures, rows, columns, *more, **others):
        seen.append((torch.from_numpy(pictures.copy()), rows, columns))
        return strips(pictures, rows, columns, *more, **others)

    monkeypatch.setattr("reparam.plots.strips.strips", spy)
    return seen


def test_a_plane_is_drawn_as_axes_are(runs, done, drawn):
    done("traverse", runs / "vae", "--plane", 2, 0, "--values", "-1,0.5,3")
    ((pictures, rows, columns),) = drawn
    assert (rows, columns) == (["+3", "+0.5", "-1"], ["-1", "+0.5", "+3"])
    model = reparam.load(runs / "vae").model
    for row, up in enumerate([3, 0.5, -1]):
        for column, across in enumerate([-1, 0.5, 3]):
            expected = model.decode(torch.tensor([[up, 0.0, across]]))[0]
            torch.testing.assert_close(pictures[row, column], expected)


def test_a_way_is_drawn_between_its_items(runs, tiny, done, drawn):
    done("interpolate", runs / "vae", tiny, "--from", 3, "--to", 17, "--steps", 3)
    ((pictures, rows, columns),) = drawn
    assert columns == ["original", "0", "0.5", "1", "original"]
    x = load_split(str(tiny), "test").tensor()[[3, 17]]
    assert torch.equal(pictures[0, [0, -1]], x)
    torch.testing.assert_close(
        pictures[0, [1, -2]], reparam.load(runs / "vae").model.reconstruct(x)
    )
    assert rows[0].startswith("item 3\n")


def test_an_attribute_is_drawn_beside_its_items(runs, tiny, done, drawn):
    options = ("--has", "0,2", "--split", "all", "--strength", "-1..1", "--steps", 3, "-n", 2)
    done("attribute", runs / "vae", tiny, *options)
    done("attribute", runs / "vae", tiny, *options, "--out", "x.npz")
    ((pictures, rows, columns),) = drawn
    assert columns == ["original", "-1", "0", "+1"]
    found = arrays("x.npz")
    assert torch.equal(pictures[:, 0], found["originals"])
    torch.testing.assert_close(pictures[:, 1:], found["decoded"])
    assert rows == [
        f"item {item}\n{label}"
        for item, label in zip(found["items"], found["labels"], strict=True)
    ]


def test_without_data_dimensions_stay_in_their_order_and_the_result_says_why(
    tiny, done, quick, wrong
):
    shutil.copy(tiny, "mine.npz")
    for model in ("vae", "autoencoder"):
        done("fit", "mine.npz", "--model", model, *quick, "--latent", 3, "--out", model)
    shutil.move("mine.npz", "moved.npz")
    told = done("traverse", "vae", "--json").json
    assert (told["dimensions"], told["rates"]) == ([0, 1, 2], None)
    assert told["order"].startswith("of dimension: what vae was trained on cannot be read here")
    assert "so name it with --data" in wrong("traverse vae --item 3")
    assert "so name it with --data" in wrong("traverse autoencoder")
    assert "there is no file or folder 'mine.npz'" in wrong("traverse vae --data mine.npz")
    told = done("traverse", "vae", "--data", "moved.npz", "--json").json
    assert told["order"] == "by rate on moved, test"


def test_an_attribute_is_the_direction_between_classes(runs, tiny, done):
    told = done(
        "attribute", runs / "vae", tiny, "--split", "all", "--has", "2, 6", "--lacks", "0",
        "--strength", "-1,0,2", "-n", 4, "--out", "x.npz", "--json",
    ).json  # fmt: skip
    model, items = reparam.load(runs / "vae").model, load_split(str(tiny), "all")
    z = codes(model, items)
    has, lacks = torch.isin(z.labels, torch.tensor([2, 6])), z.labels == 0
    assert told["examples"] == {"has": int(has.sum()), "lacks": int(lacks.sum())}
    expected = attribute(z.mean[has | lacks], has[has | lacks])
    assert told["separation"] == expected.separation.to_json()
    found = arrays("x.npz")
    torch.testing.assert_close(found["direction"], expected.direction)
    assert (found["labels"] == 0).all()
    mine = z.mean[found["items"]]
    for i, strength in enumerate((-1, 0, 2)):
        torch.testing.assert_close(found["z"][:, i], expected.add(mine, strength))
    torch.testing.assert_close(found["decoded"], model.decode(found["z"]))
    assert torch.equal(found["originals"], items.tensor()[found["items"]])


def test_classes_go_by_name_or_number_and_all_others_lack_it(runs, done):
    subset = ("attribute", runs / "vae", "fashion-mnist-subset", "--out", "x.npz")
    told = done(*subset, "--has", "ankle boot, 7,Sneaker", "--json").json
    assert told["has"] == ["Ankle boot", "Sneaker"]
    assert len(told["lacks"]) == 8
    assert told["examples"] == {"has": 400, "lacks": 1600}


def test_vectors_go_into_arrays_alone(vectors, done, quick, reparam_command):
    done("fit", vectors, *quick, "--latent", 2, "--out", "run")
    for command in (
        ("interpolate", "run", vectors),
        ("traverse", "run"),
        ("attribute", "run", vectors, "--has", 2, "--split", "all"),
    ):
        refused = reparam_command(*command, "--out", "x.png")
        assert refused.err == "error: vectors of 6 numbers cannot be drawn: end --out in .npz\n"
        done(*command, "--out", "x.npz")
        assert arrays("x.npz")["decoded"].shape[-1] == 6


def test_colour_pictures_of_any_size_are_drawn(sources, done, quick):
    done("fit", sources / "colour.npy", *quick, "--latent", 2, "--out", "run")
    done("interpolate", "run", sources / "colour.npy", "-n", 1, "--out", "x.png")
    done("traverse", "run", "--out", "y.svg")
    with Image.open("x.png") as picture:
        red, green, _ = picture.convert("RGB").split()
        assert red.tobytes() != green.tobytes()


def test_a_model_with_conditions_is_refused(tiny, wrong):
    model = VAE(
        Conditional(MLP(784 + 10, 4, (8,)), DiagonalNormal(), [3, 1]),
        StandardNormal(2),
        Conditional(MLP(2 + 10, (1, 28, 28), (8,)), Bernoulli(3), [1, 1]),
    )
    reparam.save("run", model)
    for command in ("interpolate run TINY", "traverse run", "attribute run TINY --has 1"):
        assert wrong(command) == (
            "the model in run takes conditions beside the code, and this command has none to "
            "give: decode in Python with model.decode(z, conditions)"
        )


MISTAKES = {
    "interpolate RUNS/vae TINY --from 3": "--from is given 1 times and --to 0 times: give",
    "interpolate RUNS/vae TINY --from 3 --to 20": "--to 20 is no item of tiny, test, which has 20",
    "interpolate RUNS/vae TINY --from -1 --to 2": "Invalid value for '--from'",
    "interpolate RUNS/vae TINY --from 1 --to 2 -n 3": "--number has no effect on the items that",
    "interpolate RUNS/vae TINY --from 1 --to 2 --seed 3": "--seed has no effect on the items that",
    "interpolate RUNS/vae TINY --way curved": "--way is one of linear, spherical, not 'curved'",
    "interpolate RUNS/vae TINY --steps 1": "Invalid value for '--steps'",
    "interpolate RUNS/vae TINY --out x.webp": "or in .png, .svg for a picture",
    "interpolate RUNS/vae SOURCES/colour.npy": "the model takes pictures of (1, 28, 28)",
    "traverse RUNS/vae --top 2 --plane 0 1": "exclude each other: give one of them",
    "traverse RUNS/vae --dimensions a": "--dimensions takes whole numbers with commas between",
    "traverse RUNS/vae --dimensions 0,3": "there is no dimension 3 in a code of 3: give 0 to 2",
    "traverse RUNS/vae --plane 0 3": "there is no dimension 3 in a code of 3: give two of 0 to 2",
    "traverse RUNS/vae --plane 1 1": "a plane has two different dimensions, not 1, 1",
    "traverse RUNS/vae --values a": "--values takes numbers with commas between, or LOW..HIGH",
    "traverse RUNS/vae --values 1..nan": "--values takes numbers with commas between, or LOW..",
    "traverse RUNS/vae --values 1,2 --steps 3": "--steps has no effect on numbers with commas",
    "traverse RUNS/vae --item 20": "--item 20 is no item of tiny, test, which has 20: give 0",
    "traverse RUNS/vae --path .": "path= has no effect on a file of arrays",
    "attribute RUNS/vae TINY": "Missing option '--has'",
    "attribute RUNS/vae TINY --has 11": "takes classes of tiny, test, which has no '11' but 0, 1",
    "attribute RUNS/vae fashion-mnist-subset --has Coats": "did you mean 'Coat'?",
    "attribute RUNS/vae fashion-mnist-subset --has Bag --lacks bag,1": "'Bag' stands in --has and",
    "attribute RUNS/vae TINY --has 1,0 --lacks 2": "give at least 5 of each",
    "attribute RUNS/vae TINY --has 1 --strength x": "--strength takes numbers with commas between",
}  # fmt: skip


@pytest.mark.parametrize("command", MISTAKES)
def test_a_mistake_is_one_sentence(command, wrong):
    assert MISTAKES[command] in wrong(command)


def test_data_without_labels_have_no_attributes(sources, done, quick, wrong):
    done("fit", sources / "vectors.npy", *quick, "--out", "run")
    sentence = wrong("attribute run SOURCES/vectors.npy --has 1 --out x.npz")
    assert sentence.startswith("vectors has no labels, which say what has the attribute")


def test_a_prior_that_is_learned_can_be_traversed(done, tmp_path):
    """Its centre is computed from parameters, and is needed without their gradients."""
    np.savez("x.npz", x=np.random.default_rng(0).integers(0, 256, (36, 8, 8), dtype=np.uint8))
    made = zoo.mixture_vae((1, 8, 8), latent=2, network="mlp", widths=[4])
    save("mixture", *made)
    done("traverse", "mixture", "--data", "x.npz", "--top", 1, "--out", "x_.npz")
    with np.load("x_.npz") as found:
        assert found["decoded"].shape == (1, 9, 1, 8, 8)

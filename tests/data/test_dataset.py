import json

import numpy as np
import pytest
import torch

from reparam.data import Dataset, Schema
from reparam.errors import DataError


@pytest.fixture
def numbered():
    """A hundred vectors that carry their own index."""
    index = torch.arange(100)
    return Dataset((index / 100)[:, None].repeat(1, 3), index)


def test_bytes_become_floats_of_unit_range():
    pixels = torch.tensor([0, 51, 255, 1], dtype=torch.uint8).reshape(1, 1, 2, 2)
    (batch,) = Dataset(pixels).batch(torch.tensor([0]))
    assert batch.dtype == torch.float32
    assert torch.equal(batch.flatten(), torch.tensor([0, 51, 255, 1]) / 255)
    assert pixels.dtype == torch.uint8


def test_batch_gathers_labels_beside_pixels(numbered):
    pixels, labels = numbered.batch(torch.tensor([7, 7, 93]))
    assert labels.tolist() == [7, 7, 93]
    assert torch.allclose(pixels[:, 0] * 100, labels.float())


def test_tensor_does_not_alter_the_storage():
    stored = Dataset(torch.full((2, 1, 2, 2), 255, dtype=torch.uint8))
    assert stored.tensor().max() == 1
    assert stored.pixels.max() == 255


def test_split_is_a_function_of_seed_and_count(numbered):
    rest, held_out = numbered.split(0.1, seed=3)
    again = Dataset(torch.zeros(100, 1), torch.arange(100)).split(0.1, seed=3)[1]
    other = numbered.split(0.1, seed=4)[1]
    assert held_out.labels.tolist() == again.labels.tolist() != other.labels.tolist()
    assert len(held_out) == 10
    both = rest.labels.tolist() + held_out.labels.tolist()
    assert sorted(both) == list(range(100))
    assert rest.labels.tolist() == sorted(rest.labels.tolist())
    assert held_out.labels.tolist() == sorted(held_out.labels.tolist())


def test_split_stays_as_published():
    """Runs are compared by their held-out part: it must not move between versions."""
    held_out = Dataset(torch.zeros(20, 1), torch.arange(20)).split(0.2, seed=0)[1]
    assert held_out.labels.tolist() == [4, 5, 13, 19]


@pytest.mark.parametrize("fraction", [0, 1, -0.5, 2, float("nan")])
def test_split_refuses_what_is_no_part(numbered, fraction):
    with pytest.raises(DataError, match="between 0 and 1"):
        numbered.split(fraction, seed=0)


def test_split_refuses_to_leave_nothing():
    with pytest.raises(DataError, match="leaves none"):
        Dataset(torch.zeros(1, 1)).split(0.1, seed=0)


def test_slices_and_take(numbered):
    assert numbered[10:12].labels.tolist() == [10, 11]
    assert numbered[-1:].labels.tolist() == [99]
    assert numbered[::50].labels.tolist() == [0, 50]
    assert numbered.take(3).labels.tolist() == [0, 1, 2]
    assert len(numbered.take(1000)) == 100
    assert numbered[:] is numbered


def test_subset_keeps_the_order_asked_for(numbered):
    assert numbered.subset(torch.tensor([5, 2, -1])).labels.tolist() == [5, 2, 99]
    assert numbered.subset(numbered.labels % 40 == 1).labels.tolist() == [1, 41, 81]


def test_what_cannot_be_indexed(numbered):
    with pytest.raises(DataError, match="item 100 was asked for and there are 100"):
        numbered.subset(torch.tensor([3, 100]))
    with pytest.raises(DataError, match="item -101 was asked for"):
        numbered.subset(torch.tensor([3, -101]))
    with pytest.raises(DataError, match="no items"):
        numbered[5:5]
    with pytest.raises(DataError, match="is not a slice"):
        numbered[3]
    with pytest.raises(DataError, match="is not a slice"):
        next(iter(numbered))
    with pytest.raises(DataError, match="at least one"):
        numbered.take(0)


@pytest.mark.parametrize(
    ("pixels", "labels", "telling"),
    [
        (torch.zeros(3, 2, dtype=torch.int64), None, r"torch.int64: give torch.uint8"),
        (torch.zeros(3, 2, 2), None, r"shape \(3, 2, 2\): give \(N, C, H, W\)"),
        (torch.zeros(0, 1, 4, 4), None, "at least one item"),
        (torch.tensor([[0.0, 0.5], [0.2, 1.5]]), None, r"pixel \(1, 1\) is 1.5"),
        (torch.tensor([[0.0, -0.25]]), None, r"pixel \(0, 1\) is -0.25"),
        (torch.tensor([[0.0, float("nan")]]), None, r"pixel \(0, 1\) is nan"),
        (torch.tensor([[float("inf"), 0.0]]), None, r"pixel \(0, 0\) is inf"),
        (torch.zeros(3, 2), torch.zeros(2, dtype=torch.int64), "one label for each item"),
        (torch.zeros(3, 2), torch.zeros(3, 1, dtype=torch.int64), "one label for each item"),
        (torch.zeros(3, 2), torch.zeros(3), "labels are torch.float32"),
        (torch.zeros(2, 2), torch.tensor([0, -2]), "a label is -2"),
    ],
)
def test_refused(pixels, labels, telling):
    with pytest.raises(DataError, match=telling):
        Dataset(pixels, labels)


def test_a_schema_of_other_pixels_is_refused():
    schema = Schema("x", "all", "pictures", (1, 4, 4), "uint8")
    with pytest.raises(DataError, match=r"schema says uint8 of \(1, 4, 4\), the pixels are float"):
        Dataset(torch.zeros(2, 1, 4, 4), schema=schema)


def test_to_moves_storage_and_labels(numbered):
    moved = numbered.to("meta")
    assert moved.device.type == moved.labels.device.type == "meta"
    assert numbered.device.type == "cpu"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an accelerator")
def test_batches_are_gathered_on_the_device(numbered):
    pixels, labels = numbered.to("cuda").batch(torch.tensor([4, 2]))
    assert pixels.is_cuda
    assert labels.tolist() == [4, 2]


def test_schema_survives_json():
    schema = Schema(
        name="mine",
        split="train",
        kind="pictures",
        shape=(3, 37, 50),
        dtype="uint8",
        classes=("a", "b"),
        source="pictures",
        options={"size": (37, 50), "seed": 1},
    )
    assert Schema.from_json(json.loads(json.dumps(schema.to_json()))) == schema
    with pytest.raises(DataError, match="no description of a dataset"):
        Schema.from_json({"name": "mine"})


def test_schema_refuses_another_shape():
    schema = Schema("x", "all", "pictures", (1, 28, 28), "uint8")
    schema.check([1, 28, 28])
    with pytest.raises(
        DataError, match=r"takes pictures of \(1, 28, 28\), these are \(3, 37, 50\)"
    ):
        schema.check((3, 37, 50))
    with pytest.raises(DataError, match=r"these are vectors of \(784,\)"):
        schema.check(np.zeros((5, 784)).shape[1:])

from itertools import chain

import pytest
import torch

from reparam.data import Batches, Dataset
from reparam.errors import DataError


def numbered(count):
    return Dataset(torch.zeros(count, 1), torch.arange(count))


def order(batches):
    return [label for _, labels in batches for label in labels.tolist()]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_in_order_without_a_generator():
    batches = Batches(numbered(10), 4)
    assert order(batches) == order(batches) == list(range(10))
    assert [len(labels) for _, labels in batches] == [4, 4, 2]
    assert len(batches) == 3


def test_drop_last():
    batches = Batches(numbered(10), 4, drop_last=True)
    assert [len(labels) for _, labels in batches] == [4, 4]
    assert len(batches) == 2


def test_an_epoch_is_a_permutation_and_the_next_another():
    batches = Batches(numbered(50), 8, generator(1))
    first, second = order(batches), order(batches)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second
    assert first != list(range(50))


def test_the_generator_alone_decides():
    batches = Batches(numbered(50), 8, generator(1))
    first, second = order(batches), order(batches)
    torch.manual_seed(7)
    assert order(Batches(numbered(50), 8, generator(1))) == first
    resumed = generator(1)
    torch.randperm(50, generator=resumed)
    assert order(Batches(numbered(50), 8, resumed)) == second


def test_the_permutation_is_drawn_when_an_epoch_begins():
    source = generator()
    before = source.get_state()
    batches = Batches(numbered(9), 2, source)
    assert torch.equal(source.get_state(), before)
    epoch = iter(batches)
    assert not torch.equal(source.get_state(), before)
    after = source.get_state()
    list(epoch)
    assert torch.equal(source.get_state(), after)


@pytest.mark.parametrize("seed", [None, 5])
def test_ranks_together_see_each_item_once(seed):
    def epoch(rank, world):
        shuffle = None if seed is None else generator(seed)
        return [
            labels.tolist()
            for _, labels in Batches(numbered(24), 2, shuffle, rank=rank, world=world)
        ]

    ranks = [epoch(rank, 3) for rank in range(3)]
    assert {len(batches) for batches in ranks} == {4}
    assert sorted(label for batches in ranks for batch in batches for label in batch) == list(
        range(24)
    )
    shuffle = None if seed is None else generator(seed)
    alone = [labels.tolist() for _, labels in Batches(numbered(24), 6, shuffle)]
    together = [sorted(chain(*parts)) for parts in zip(*ranks, strict=True)]
    assert together == [sorted(batch) for batch in alone]


def test_ranks_have_equal_counts_where_items_do_not_divide():
    ranks = [order(Batches(numbered(11), 2, generator(), rank=r, world=3)) for r in range(3)]
    assert [len(rank) for rank in ranks] == [3, 3, 3]
    assert len(set(chain(*ranks))) == 9


@pytest.mark.parametrize(
    ("options", "telling"),
    [
        ({"batch_size": 0}, "batch size is 0"),
        ({"batch_size": 2, "rank": 2, "world": 2}, "rank 2 is not one of 2"),
        ({"batch_size": 9, "drop_last": True}, "no batch of 9"),
        ({"batch_size": 1, "world": 9}, "no batch of 1"),
    ],
)
def test_refused(options, telling):
    with pytest.raises(DataError, match=telling):
        Batches(numbered(8), **options)

"""A composition as Python: what is written builds what was written down."""

import pytest
import torch
from torch import nn

from reparam import zoo
from reparam.conditional import Conditional
from reparam.errors import CompositionError
from reparam.families import Bernoulli, DiagonalNormal
from reparam.models import VAE
from reparam.networks import MLP, PictureCritic
from reparam.objectives import (
    AdversarialPictures,
    CriticDistance,
    Distortion,
    LinearSchedule,
    Objective,
    Rate,
)
from reparam.priors import StandardNormal, VampPrior
from reparam.registry import PARTS, describe_all, register
from reparam.source import WIDTH, python


@register(name="a user's part")
class Own(nn.Module):
    def __init__(self, text="plain", *parts, key=(1, 2), **more):
        super().__init__()
        self.parts = nn.ModuleList(parts)


@register
class Named(nn.Module):
    def __init__(self, first, /, second=2, *, third, fourth=4.0):
        super().__init__()


def built(parts):
    """What the written Python assigns."""
    names = {}
    exec(compile(python(parts), "written", "exec"), names)
    return {name: names[name] for name in parts}


def same(parts):
    again = built(parts)
    assert describe_all(again) == describe_all(parts)
    return again


def encoder(features=4):
    return Conditional(MLP(6, features, hidden=[4]), DiagonalNormal(), [1])


def model_of(q):
    return VAE(q, VampPrior(q, 6, 3), Conditional(MLP(2, 6, hidden=[4]), Bernoulli(1), [1]))


def test_a_composition_is_built_again():
    parts = {"model": model_of(encoder()), "objective": Objective(Distortion(), Rate(0.5))}
    again = same(parts)
    assert again["model"].load_state_dict(parts["model"].state_dict())
    assert again["objective"](again["model"](torch.zeros(3, 6)))["loss"].isfinite()


def test_what_is_shared_is_written_once_and_is_one_again():
    written = python({"model": model_of(encoder())})
    assert written.count("MLP(6, 4") == 1
    model = same({"model": model_of(encoder())})["model"]
    assert model.prior.posterior is model.posterior
    critic = PictureCritic((6,), (3,))
    adversary = Objective(CriticDistance(critic), AdversarialPictures(critic))
    first, second = same({"objective": adversary})["objective"].terms
    assert first.critic is second.critic


def test_what_is_shared_within_what_is_shared():
    network = MLP(6, 4, hidden=[4])
    q = Conditional(network, DiagonalNormal(), [1])
    again = same({"model": model_of(q), "network": network, "other": q, "last": network})
    assert again["model"].posterior is again["model"].prior.posterior is again["other"]
    assert again["network"] is again["last"] is again["other"].network


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_shared_between_parts_keeps_its_name(order):
    q = encoder()
    pairs = [("posterior", q), ("model", model_of(q))][::order]
    again = same(dict(pairs))
    assert again["model"].posterior is again["posterior"]
    assert "posterior = posterior" not in python(dict(pairs))


def test_no_name_is_given_twice():
    """Two shared parts in places of one name, and a part that is called like another's place."""
    parts = {
        "first": model_of(encoder()),
        "second": model_of(encoder()),
        "posterior": encoder(6),
        "prior": StandardNormal(2),
    }
    again = same(parts)
    assert again["first"].posterior is again["first"].prior.posterior
    assert again["second"].posterior is not again["first"].posterior
    assert again["posterior"].network[-1].unflattened_size == (6,)
    left = [line.split(" =")[0] for line in python(parts).splitlines() if line[:1].isalpha()]
    assert len(left) == len(set(left))


def test_defaults_are_left_out_and_only_they():
    written = python({"a": Rate(), "b": Rate(2.0), "c": Rate(free_bits=0.5), "d": MLP(3, 2)})
    assert written.splitlines()[3:] == [
        "a = Rate()", "b = Rate(weight=2.0)", "c = Rate(free_bits=0.5)", "d = MLP(3, 2)",
    ]  # fmt: skip
    assert python({"a": Own(key=[1, 2])}).endswith("a = Own()")
    assert python({"a": Own(key=[2, 1])}).endswith("a = Own(key=[2, 1])")


def test_whole_steps_and_a_part_of_the_training_stay_what_they_are():
    for steps in (1, 1.0, 40, 0.25):
        again = same({"term": Rate(LinearSchedule(0.0, 2.0, steps))})["term"]
        assert again.schedules["weight"].part == (steps if isinstance(steps, float) else None)


@pytest.mark.parametrize(
    "text",
    [
        'it\'s "quoted"',
        "back\\slash \\n",
        "two\nlines\ttab\r",
        "é 中 😀",
        "\u2028\x7f\x00",
        "",
        "{x}",
    ],
)
def test_words_are_quoted(text):
    part = Own(text, key={text: [text]}, more=text)
    assert same({"part": part})
    assert "\n\n" in python({"part": part})
    compile(python({"part": part}).encode(), "written", "exec")


@pytest.mark.parametrize(
    "value", [None, True, 3, -2, 0.1, -2.5e-8, 1e30, [], [[]], {}, {"a b": [1, {"c": None}]}]
)
def test_plain_values_are_written_as_they_are(value):
    assert same({"part": Own(key=value)})


def test_a_users_own_part_is_imported_from_where_it_is():
    written = python({"part": Own("x", MLP(3, 2))})
    assert f"from {Own.__module__} import Own" in written
    assert "from reparam.networks import MLP" in written
    assert PARTS["a user's part"] is Own


@pytest.mark.parametrize(
    "part",
    [
        lambda: Own(),
        lambda: Own("plain", MLP(3, 2)),
        lambda: Own("plain", MLP(3, 2), MLP(2, 3), key=5, extra=MLP(1, 1)),
        lambda: Own("other", key=[MLP(1, 2)]),
        lambda: Named(1, third=3),
        lambda: Named(1, 5, third=3, fourth=0.0),
    ],
)
def test_arguments_by_place_and_by_name(part):
    assert same({"part": part()})


@pytest.mark.parametrize("name", sorted(zoo.ZOO))
def test_no_line_is_too_long(name):
    """And every bracket that does not fit is closed on a line of its own."""
    written = python(zoo.ZOO[name].make((1, 16, 16))._asdict())
    lines = written.splitlines()
    assert max(len(line) for line in lines) <= WIDTH
    depth = 0
    for line in lines:
        bare = line.strip()
        depth -= bare[:1] in list(")]}")
        assert line == " " * 4 * depth + bare
        depth += bare[-1:] in list("([{")
    assert depth == 0


def test_a_long_list_and_a_long_word_stay_right():
    part = Own("w" * 200, key=[list(range(40)), 1.5])
    assert same({"part": part})
    assert [line for line in python({"part": part}).splitlines() if len(line) > WIDTH] == [
        f'    text="{"w" * 200}",'
    ]


def test_a_line_is_broken_just_where_it_must_be():
    """The name that it is assigned to counts, and the comma that will follow."""
    for size in range(40, 100):
        lines = python({"part": Own("w" * size)}).splitlines()[2:]
        whole = f'part = Own(text="{"w" * size}")'
        assert (lines == [whole]) is (len(whole) <= WIDTH)
        inner = python({"part": Own("x", Own("w" * size, key=0), key=1)}).splitlines()[2:]
        one = f'    Own(text="{"w" * size}", key=0),'
        assert (one in inner) is (len(one) <= WIDTH) or len(inner) == 1


def test_what_is_not_registered_cannot_be_written():
    with pytest.raises(CompositionError, match=r"put @reparam\.register on its class"):
        python({"part": Own("x", nn.Linear(2, 2))})

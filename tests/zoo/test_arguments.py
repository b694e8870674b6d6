"""Every argument of every variant can be typed, is checked, and is refused by its own name."""

import inspect

import numpy as np
import pytest

from reparam import zoo
from reparam.cli.options import settings
from reparam.errors import CompositionError, ReparamError
from reparam.registry import describe
from reparam.zoo import ZOO
from reparam.zoo.arguments import Choice, Range

EVERY = [(name, key) for name, entry in ZOO.items() for key in entry.arguments]


def typed(value):
    """A value as somebody types it."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@pytest.mark.parametrize("name", ZOO)
def test_every_default_can_be_typed(name):
    known = ZOO[name].arguments
    texts = [f"{key}={typed(argument.default)}" for key, argument in known.items()]
    assert settings(texts, known, name) == ZOO[name].defaults


@pytest.mark.parametrize(("name", "key"), EVERY)
def test_every_argument_says_what_it_may_be(name, key):
    argument = ZOO[name].arguments[key]
    with pytest.raises(ReparamError) as refusal:
        settings([f"{key}=?"], ZOO[name].arguments, name)
    assert str(refusal.value) == f"{key} must be {argument.words}, not '?'"
    if isinstance(argument.limit, Range):
        for outside in (argument.limit.low - 1, argument.limit.high + 1):
            if abs(outside) != float("inf"):
                with pytest.raises(CompositionError, match=rf"^{key} must be "):
                    argument.check(outside)
    if isinstance(argument.limit, Choice):
        assert argument.default in argument.limit


@pytest.mark.parametrize("name", ZOO)
def test_python_refuses_as_the_command_line_does(name):
    shape = (1, 16, 16)
    with pytest.raises(CompositionError, match=r"^latent must be a whole number of at least 1"):
        ZOO[name].make(shape, latent=0)
    with pytest.raises(CompositionError, match=rf"^{name} has no argument 'lattent': it has "):
        ZOO[name].make(shape, lattent=3)
    with pytest.raises(CompositionError, match=r"^seed must be a whole number"):
        ZOO[name].make(shape, seed=1.5)


def test_the_signature_shows_the_parts_and_their_defaults():
    parameters = inspect.signature(zoo.wae_mmd).parameters
    assert list(parameters)[:3] == ["shape", "latent", "weight"]
    defaults = {name: parameters[name].default for name in ("loss", "posterior", "prior", "seed")}
    assert defaults == {"loss": "mse", "posterior": "point", "prior": "standard", "seed": 0}
    assert "posterior" not in inspect.signature(zoo.iaf_vae).parameters
    assert parameters["loss"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("shape", [(0, 28, 28), (28, 28), (1.0, 8, 8), (), "vector", 7, (-3,)])
def test_a_shape_that_is_none_is_refused(shape):
    with pytest.raises(CompositionError, match=r"^shape is a picture's"):
        zoo.vae(shape)


def test_numpys_numbers_are_numbers():
    model, objective = zoo.vae((np.int64(7),), latent=np.int64(3), beta=np.float32(2.0))
    assert model.encode(np.zeros((1, 7), np.float32)).shape == (1, 3)
    assert objective.terms[1].weight == 2
    assert describe(model)


def test_every_choice_can_be_typed():
    for name, entry in ZOO.items():
        for argument in entry.arguments.values():
            if isinstance(argument.limit, Choice):
                assert [argument.parse(word) for word in argument.limit.words] == list(
                    argument.limit.words
                ), name

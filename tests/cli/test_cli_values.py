"""How `--set` reads values, and how results are printed."""

from typing import Annotated

import pytest

from reparam.cli.output import rows, show
from reparam.errors import ReparamError
from reparam.zoo.arguments import (
    Argument,
    Choice,
    Count,
    OptionalWeight,
    Part,
    Share,
    Steps,
    Weight,
    Widths,
)


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        ("4", Weight, 4.0),
        ("4e-3", Weight, 0.004),
        ("-4", float, -4.0),
        ("4", Count, 4),
        ("4", Steps, 4),
        ("0.5", Steps, 0.5),
        ("1.0", Steps, 1.0),
        ("true", bool, True),
        ("False", bool, False),
        ("None", OptionalWeight, None),
        ("none", OptionalWeight, None),
        ("2.5", OptionalWeight, 2.5),
        ("bce", Choice(("bce",)), "bce"),
        ("4", str, "4"),
        ("32", Widths, (32,)),
        ("32,64", Widths, (32, 64)),
        ("32, 64", Widths, (32, 64)),
        ("[32, 64]", Widths, (32, 64)),
        ("none", Widths, None),
        ("1", Share, 1.0),
    ],
)
def test_a_value_is_read_as_its_annotation_says(raw, kind, value):
    if isinstance(kind, Choice):
        kind = Annotated[str, kind]
    read = Argument.read("key", kind, None).parse(raw)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("raw", "kind", "said"),
    [
        ("four", Weight, "a number of at least 0"),
        ("nan", Weight, "a number"),
        ("inf", Weight, "a number"),
        ("-1", Weight, "a number of at least 0"),
        ("true", Weight, "a number"),
        ("none", Weight, "a number"),
        ("0", Part, "a number above 0 and at most 1"),
        ("1.1", Share, "a number of at least 0 and at most 1"),
        ("4.0", Count, "a whole number of at least 1"),
        ("0", Count, "a whole number of at least 1"),
        ("1", bool, "true or false"),
        ("yes", bool, "true or false"),
        ("c", Annotated[str, Choice(("a", "b"))], "one of a, b"),
        ("4.5", Widths, "whole numbers of at least 1 with commas between"),
        ("a,b", Widths, "whole numbers"),
        ("[]", Widths, "whole numbers"),
        ("8,0", Widths, "whole numbers"),
        ("true", Widths, "whole numbers"),
        ("__import__('os')", Weight, "a number"),
    ],
)
def test_a_value_of_another_kind_or_out_of_range_is_refused(raw, kind, said):
    with pytest.raises(ReparamError) as refusal:
        Argument.read("key", kind, None).parse(raw)
    assert str(refusal.value).startswith(f"key must be {said}")
    assert str(refusal.value).endswith(f", not {raw!r}")


def test_rows():
    document = {
        "a_b": {"c": 1.23456789, "d": {"e": 2}}, "f": 12345.678, "g": [1, 2], "h": None, "i": 1e-9,
    }  # fmt: skip
    assert rows(document) == [
        ("a b: c", "1.235"), ("a b: d: e", "2"), ("f", "12,345.7"), ("g", "1, 2"), ("h", "none"),
        ("i", "1e-09"),
    ]  # fmt: skip


def test_long_values_are_printed_whole(capsys):
    show({"out": "x" * 300, "n": 1}, as_json=False, title="Title")
    assert capsys.readouterr().out == f"Title\nout  {'x' * 300}\nn    1\n"


def test_no_number_that_json_lacks_is_printed():
    with pytest.raises(ValueError, match="JSON"):
        show({"x": float("nan")}, as_json=True)

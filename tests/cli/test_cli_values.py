"""How `--set` reads values, and how results are printed."""

import pytest

from reparam.cli.options import value_of
from reparam.cli.output import rows, show
from reparam.errors import ReparamError

SEQUENCE = "collections.abc.Sequence[int] | None"


@pytest.mark.parametrize(
    ("raw", "annotation", "value"),
    [
        ("4", "float", 4.0),
        ("4e-3", "float", 0.004),
        ("-4", "float", -4.0),
        ("4", "<class 'int'>", 4),
        ("true", "bool", True),
        ("False", "bool", False),
        ("None", "float | None", None),
        ("none", "float | None", None),
        ("2.5", "float | None", 2.5),
        ("bce", "<class 'str'>", "bce"),
        ("4", "<class 'str'>", "4"),
        ("32", SEQUENCE, (32,)),
        ("32,64", SEQUENCE, (32, 64)),
        ("32, 64", SEQUENCE, (32, 64)),
        ("[32, 64]", SEQUENCE, (32, 64)),
        ("none", SEQUENCE, None),
    ],
)
def test_a_value_is_read_as_its_annotation_says(raw, annotation, value):
    read = value_of(raw, annotation, "--set key")
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("raw", "annotation"),
    [
        ("four", "float"),
        ("nan", "float"),
        ("true", "float"),
        ("none", "float"),
        ("4.0", "int"),
        ("1", "bool"),
        ("yes", "bool"),
        ("4.5", SEQUENCE),
        ("a,b", SEQUENCE),
        ("[]", SEQUENCE),
        ("true", SEQUENCE),
        ("__import__('os')", "float"),
    ],
)
def test_a_value_of_another_kind_is_refused(raw, annotation):
    with pytest.raises(ReparamError, match="--set key takes "):
        value_of(raw, annotation, "--set key")


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

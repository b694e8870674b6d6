"""Small changes of valid inputs, each drawn from a generator that is seeded by its case."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

ABSURD: list[Any] = [
    None, True, False, 0, 1, -1, 2, 7, 255, 10**5, 10**9, 2**31, 2**63, -(2**63), 10**30,
    0.0, 0.5, -0.5, 1e-300, 1e300, float("nan"), float("inf"), float("-inf"),
    "", "x", "0", "nan", "relu", "\0", "é\u202e\ud83d\ude00", "<img src=x onerror=alert(1)>",
    "/dev/zero",
    "../../..", "hf://a/b", "a" * 5000, [], [[]], [0], [-1], [10**9], [1] * 70, ["x"], [None],
    [float("nan")], {}, {"": 0}, {"part": "MLP"}, {"part": 5}, {"shared": 0}, {"shared": -1},
    {"part": "StandardNormal", "arguments": {"shape": 10**9}},
    {"part": "Conditional", "arguments": {}}, {"id": 0},
]  # fmt: skip
"""What may stand in the place of any value of JSON."""


def damage(content: bytes, rng: Random) -> bytes:
    """Bytes with one thing wrong with them.

    Args:
        content: Of a valid file.
        rng: Draws what.
    """
    return rng.choice(DAMAGES)(bytearray(content), rng)


def _flip(content: bytearray, rng: Random) -> bytes:
    for _ in range(rng.choice([1, 1, 2, 8, 64])):
        if content:
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content)


def _flip_early(content: bytearray, rng: Random) -> bytes:
    """Where headers are."""
    for _ in range(rng.choice([1, 2, 4])):
        if content:
            content[rng.randrange(min(len(content), 256))] = rng.randrange(256)
    return bytes(content)


def _flip_late(content: bytearray, rng: Random) -> bytes:
    """Where zip archives and Parquet files have theirs."""
    for _ in range(rng.choice([1, 2, 4])):
        if content:
            content[-1 - rng.randrange(min(len(content), 256))] = rng.randrange(256)
    return bytes(content)


def _cut(content: bytearray, rng: Random) -> bytes:
    return bytes(content[: rng.randrange(len(content) + 1)])


def _grow(content: bytearray, rng: Random) -> bytes:
    return bytes(content) + rng.choice([b"\0", b"\n", bytes(4096), bytes(content)])


def _erase(content: bytearray, rng: Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    length = rng.choice([1, 4, 8, 64, 4096])
    content[start : start + length] = rng.choice([0, 255]).to_bytes(1) * len(
        content[start : start + length]
    )
    return bytes(content)


def _remove(content: bytearray, rng: Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    del content[start : start + rng.choice([1, 4, 64])]
    return bytes(content)


def _number(content: bytearray, rng: Random) -> bytes:
    """A large whole number somewhere, as sizes and offsets are written."""
    width = rng.choice([2, 4, 8])
    if len(content) > width:
        start = rng.randrange(len(content) - width)
        value = rng.choice([0, 2 ** (8 * width) - 1, 2 ** (8 * width - 1), 2**15])
        content[start : start + width] = value.to_bytes(width, rng.choice(["little", "big"]))
    return bytes(content)


def _other(content: bytearray, rng: Random) -> bytes:
    """Another file altogether."""
    return rng.choice(
        [b"", b"\0" * 64, b"{}", b"null", b"\x80\x04.", b"PK\x05\x06" + bytes(18), b"\xff" * 64,
         b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\nshowpage\n", b"\x93NUMPY", b"GIF89a",
         b"PAR1", rng.randbytes(200)]
    )  # fmt: skip


DAMAGES: tuple[Callable[[bytearray, Random], bytes], ...] = (
    *(_flip, _flip, _flip_early, _flip_early, _flip_late, _cut, _cut),
    *(_grow, _erase, _remove, _number, _other),
)


def places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value of a JSON document stands.

    Args:
        tree: The document.
        at: Where it stands itself.
    """
    found = [at] if at else []
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            found += places(value, (*at, key))
    return found


def alter(tree: Any, rng: Random) -> str:
    """One to three things wrong with a JSON document, as text; the document is changed.

    Args:
        tree: A dictionary.
        rng: Draws what.
    """
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        found = places(tree)
        if not found:
            break
        *way, key = rng.choice(found)
        node = tree
        for step in way:
            node = node[step]
        what = rng.randrange(10)
        if what == 0:
            del node[key]
        elif what == 1 and isinstance(node, dict):
            node[rng.choice(["part", "shared", "id", "arguments", "", "new"])] = node.pop(key)
        elif what == 2:
            node[key] = [node[key]]
        elif what == 3:
            other = tree
            for step in rng.choice(found):
                other = other[step] if _has(other, step) else other
            node[key] = json.loads(json.dumps(other))
        elif what == 4 and isinstance(node[key], int | float) and not isinstance(node[key], bool):
            node[key] = rng.choice([-1, 0, 2, 10, 10**6, 10**12, 0.5]) * node[key]
        elif what == 5 and isinstance(node[key], list):
            node[key] = rng.choice(
                [node[key] * 2, node[key][:-1], node[key] * 100, node[key][::-1]]
            )
        else:
            node[key] = rng.choice(ABSURD)
    text = json.dumps(tree)
    if rng.random() < 0.05:
        text = text.replace("{", '{"format": 9, ', 1)  # a key twice
    if rng.random() < 0.05:
        deep = rng.choice([90, 300, 900, 50_000])
        text = text.replace("null", "[" * deep + "]" * deep, 1)
    return text


def _has(node: Any, key: Any) -> bool:
    if isinstance(node, dict):
        return key in node
    return isinstance(node, list) and isinstance(key, int) and key < len(node)

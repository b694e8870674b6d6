"""Weights to safetensors bytes and back; a tensor with two names is written once.

A safetensors file begins with the length of its header, eight bytes, little-endian; the header is
JSON, with what else is known under `__metadata__`. Here that is the digest of the configuration
that the weights were written with.
"""

import json
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_bytes
from safetensors.torch import save as to_bytes
from torch import Tensor, nn

from reparam.artifact.limits import check_names
from reparam.errors import ArtifactError

METADATA = "__metadata__"
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
HEADER = 2**24
"""How long a header may be: some 100,000 tensors."""


def dump(container: nn.Module, metadata: Mapping[str, str] | None = None) -> bytes:
    """All parameters and buffers as safetensors bytes.

    Args:
        container: Any module.
        metadata: What else to write into the header.
    """
    tensors: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in container.state_dict(keep_vars=True).items():
        if id(tensor) not in seen:
            seen.add(id(tensor))
            tensors[name] = tensor.detach().cpu().contiguous()
    return to_bytes(tensors, None if metadata is None else dict(metadata))


def metadata_of(content: bytes) -> dict[str, str]:
    """What else a header says; nothing where there is none.

    Args:
        content: The bytes of a sound safetensors file.
    """
    found = _header(content)[0].get(METADATA)
    return found if isinstance(found, dict) else {}


def with_metadata(content: bytes, metadata: Mapping[str, str]) -> bytes:
    """The same tensors with something else in their header.

    Args:
        content: The bytes of a sound safetensors file.
        metadata: What its header shall say besides.

    Example:
        >>> content = with_metadata(dump(nn.Linear(2, 1)), {"made": "today"})
        >>> metadata_of(content), sorted(parse(content, "this"))
        ({'made': 'today'}, ['bias', 'weight'])
    """
    header, end = _header(content)
    written = json.dumps({METADATA: dict(metadata)} | _without(header), separators=(",", ":"))
    padded = written.encode() + b" " * (-len(written.encode()) % 8)  # tensors begin at a multiple
    return len(padded).to_bytes(8, "little") + padded + content[end:]


def _without(header: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in header.items() if name != METADATA}


def _header(content: bytes) -> tuple[dict[str, Any], int]:
    """The header, and where it ends."""
    end = 8 + int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(content[8:end])
    return header, end


def parse(content: bytes, file: Any) -> dict[str, Tensor]:  # noqa: ANN401
    """Read safetensors bytes.

    Args:
        content: The file's bytes.
        file: What to call it in an error.

    Raises:
        ArtifactError: If they are no safetensors, hold a number that is not finite, or floating
            numbers of a type that torch does not compute with.
    """
    if int.from_bytes(content[:8], "little") > HEADER:
        raise ArtifactError(f"{file} is damaged or no safetensors file: its header is too long")
    try:
        tensors: dict[str, Tensor] = from_bytes(content)
    except (SafetensorError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise ArtifactError(f"{file} is damaged or no safetensors file: {error}") from error
    for name, tensor in tensors.items():
        kind = tensor.dtype
        if kind.is_complex or (kind.is_floating_point and kind not in FLOATS):
            raise ArtifactError(
                f"{file} holds {_named(kind)} weights in {name!r}, which no model here computes "
                "with: write them as float32"
            )
        if kind.is_floating_point and not bool(torch.isfinite(tensor).all()):
            raise ArtifactError(
                f"{file} holds NaN or infinite weights in {name!r}: its training went wrong, "
                "train it again"
            )
    return tensors


def restore(container: nn.Module, tensors: dict[str, Tensor], file: Any) -> None:  # noqa: ANN401
    """Copy tensors into a module, which takes their precision; half precision becomes float32.

    Densities are computed in float32 or wider, and so is everything that has half-precision
    weights, with a warning.

    Args:
        container: The module.
        tensors: From `parse`.
        file: What to call it in an error.

    Raises:
        ArtifactError: If a tensor is missing, left over, or of another shape or kind of number;
            the module is untouched.
    """
    check_names(container, str(file))
    aliases: dict[int, list[str]] = {}
    own: dict[str, Tensor] = container.state_dict(keep_vars=True)
    for name, tensor in own.items():
        aliases.setdefault(id(tensor), []).append(name)
    names = {next((n for n in group if n in tensors), group[0]) for group in aliases.values()}
    if missing := sorted(names - set(tensors)):
        raise ArtifactError(
            f"{file} lacks {missing[0]!r}{_more(missing)}: another model's weights"
        )
    if left := sorted(set(tensors) - set(own)):
        raise ArtifactError(f"{file} has {left[0]!r}{_more(left)} that this model lacks")
    for name in sorted(names):
        if own[name].shape != tensors[name].shape:
            raise ArtifactError(
                f"{file} has {name!r} of shape {tuple(tensors[name].shape)}, "
                f"the model's is {tuple(own[name].shape)}"
            )
    types = {t.dtype for t in tensors.values() if t.is_floating_point()}
    for name in sorted(names):
        held, wanted = tensors[name].dtype, own[name].dtype
        same_kind = held.is_floating_point and wanted.is_floating_point and len(types) == 1
        if held != wanted and not same_kind:
            mixed = len(types) > 1 and held.is_floating_point and wanted.is_floating_point
            raise ArtifactError(
                f"{file} holds {_named(held)} numbers in {name!r}, where the model has "
                f"{_named(wanted)}{', and others in others' * mixed}: write all of them as float32"
            )
    if len(types) == 1:
        wide = types.pop()
        if wide.itemsize < 4:
            warnings.warn(
                f"{file} holds {_named(wide)} weights: they are computed with in float32",
                stacklevel=3,
            )
        container.to(wide if wide.itemsize >= 4 else torch.float32)
    own = container.state_dict(keep_vars=True)
    with torch.no_grad():
        for name in names:
            own[name].copy_(tensors[name])


def _named(kind: torch.dtype) -> str:
    return str(kind).removeprefix("torch.")


def _more(names: list[str]) -> str:
    return f" and {len(names) - 1} more" if len(names) > 1 else ""

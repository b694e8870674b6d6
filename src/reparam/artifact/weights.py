"""Weights to safetensors bytes and back; a tensor with two names is written once."""

from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_bytes
from safetensors.torch import save as to_bytes
from torch import Tensor, nn

from reparam.errors import ArtifactError


def dump(container: nn.Module) -> bytes:
    """All parameters and buffers as safetensors bytes.

    Args:
        container: Any module.
    """
    tensors: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in container.state_dict(keep_vars=True).items():
        if id(tensor) not in seen:
            seen.add(id(tensor))
            tensors[name] = tensor.detach().cpu().contiguous()
    return to_bytes(tensors)


def parse(content: bytes, file: Any) -> dict[str, Tensor]:  # noqa: ANN401
    """Read safetensors bytes.

    Args:
        content: The file's bytes.
        file: What to call it in an error.

    Raises:
        ArtifactError: If they are no safetensors, or hold a number that is not finite.
    """
    try:
        tensors: dict[str, Tensor] = from_bytes(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ArtifactError(f"{file} is damaged or no safetensors file: {error}") from error
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise ArtifactError(
                f"{file} holds NaN or infinite weights in {name!r}: its training went wrong, "
                "train it again"
            )
    return tensors


def restore(container: nn.Module, tensors: dict[str, Tensor], file: Any) -> None:  # noqa: ANN401
    """Copy tensors into a module, which takes their precision.

    Args:
        container: The module.
        tensors: From `parse`.
        file: What to call it in an error.

    Raises:
        ArtifactError: If a tensor is missing, left over or of another shape; the module is
            untouched.
    """
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
    wide = {t.dtype for t in tensors.values() if t.is_floating_point()}
    if len(wide) == 1:
        container.to(wide.pop())
    own = container.state_dict(keep_vars=True)
    with torch.no_grad():
        for name in names:
            own[name].copy_(tensors[name])


def _more(names: list[str]) -> str:
    return f" and {len(names) - 1} more" if len(names) > 1 else ""

"""Writing a trained model's programs as one folder, each checked before it is handed over."""

import copy
import json
from pathlib import Path
from typing import Any

from reparam.artifact import Artifact, load
from reparam.atomic import replacing_folder
from reparam.errors import ArtifactError, ReparamError
from reparam.export import onnx, pt2
from reparam.export.check import compare
from reparam.export.metadata import METADATA, known_of, metadata
from reparam.export.programs import programs
from reparam.models import VAE

FORMATS: dict[str, Any] = {"onnx": onnx, "torch": pt2}
"""How a program can be written: what checks, writes and runs it."""
PROGRAMS = ("encoder", "decoder", "sampler")


def export(
    run: str | Path | Artifact,
    out: str | Path,
    *,
    format: str = "onnx",
    overwrite: bool = False,
) -> Path:
    """Write a trained model as programs that need neither this library nor, in ONNX, torch.

    The folder holds `encoder`, `decoder` and, where the prior allows it, `sampler`, and
    `metadata.json`, which says what goes in, what comes out and in which units. Every file is run
    on batches of three sizes and compared with the model before the folder appears.

    Args:
        run: A run's folder, an address on the Hugging Face Hub, or what `load` gave.
        out: The folder to write.
        format: `"onnx"`, or `"torch"` for `torch.export`'s `.pt2` files.
        overwrite: Whether an older export may be there, which is then replaced.

    Returns:
        The folder.

    Raises:
        ReparamError: If a library is missing, the model cannot be exported, a file differs from
            the model by more than 1e-4, or the folder cannot be written.

    Example:
        >>> import tempfile
        >>> from reparam import data, save, zoo
        >>> train, _ = data.load("fashion-mnist-subset")
        >>> model, _ = zoo.vae(train.shape, latent=2, widths=[4])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = save(f"{folder}/run", model, schema=train.schema)
        ...     out = export(run, f"{folder}/out", format="torch")
        ...     sorted(file.name for file in out.iterdir())
        ['decoder.pt2', 'encoder.pt2', 'metadata.json', 'sampler.pt2']
    """
    if format not in FORMATS:
        raise ReparamError(f"format is one of {', '.join(FORMATS)}, not {format!r}")
    kind = FORMATS[format]
    kind.check()
    folder = vacant(out, overwrite=overwrite)
    found = run if isinstance(run, Artifact) else load(run)
    if not isinstance(found.model, VAE):
        raise ArtifactError(f"a {type(found.model).__name__} cannot be exported: only a VAE can")
    if found.schema is None:
        raise ArtifactError(
            f"{found.path} does not say what data its model takes: save it again with schema="
        )
    model = prepared(found.model)
    made, missing = programs(model, found.schema)
    with replacing_folder(folder) as temporary:
        files = {}
        for program in made:
            file = temporary / f"{program.name}{kind.SUFFIX}"
            said = kind.write(program, file)
            gap = compare(program, kind.Runner(file))
            files[program.name] = known_of(program, file, gap, said)
        document = metadata(found.schema, found.variant, format, files, missing)
        (temporary / METADATA).write_text(json.dumps(document, indent=1), encoding="utf-8")
        vacant(out, overwrite=overwrite)
    return folder


def vacant(path: str | Path, *, overwrite: bool = False) -> Path:
    """Check that an export may go into a folder, without touching anything.

    Args:
        path: Where.
        overwrite: Whether an older export may be there.

    Raises:
        ArtifactError: If it is a file, or holds anything but an export that may be replaced.
    """
    folder = Path(path)
    if not folder.exists():
        return folder
    if not folder.is_dir():
        raise ArtifactError(f"{folder} is a file: choose another name for the folder")
    names = {file.name for file in folder.iterdir()}
    own = {f"{name}{kind.SUFFIX}" for name in PROGRAMS for kind in FORMATS.values()} | {METADATA}
    if not names:
        return folder
    if METADATA not in names or names - own:
        raise ArtifactError(f"{folder} holds something else: choose another folder")
    if not overwrite:
        raise ArtifactError(
            f"{folder} already holds an export: choose another folder, or allow it to be replaced "
            "with overwrite=True (--overwrite)"
        )
    return folder


def prepared(model: VAE) -> VAE:
    """A copy on the CPU, in float32, its weights in the order in which files keep them.

    Args:
        model: Left as it is.
    """
    found = copy.deepcopy(model).cpu().float().eval()
    for tensor in (*found.parameters(), *found.buffers()):
        tensor.data = tensor.data.contiguous()
    return found.requires_grad_(False)

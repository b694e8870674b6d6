"""A parquet file whose rows hold encoded pictures, and labels where there are any.

The picture is a column of bytes, or of structs with a field `bytes`, as the Hugging Face Hub
writes them. Whole row groups are read, and the last few are kept: rows are asked for in order.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from reparam.data.collection import Collection
from reparam.data.labels import numbered
from reparam.errors import DataError

LABELS = ("label", "labels", "class", "y")
KEPT = 4


def read_parquet(place: Path) -> Collection:
    """List the pictures of a parquet file; none is decoded.

    Args:
        place: The file.

    Raises:
        DataError: If pyarrow is missing, the file cannot be read, or has no column of pictures.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise DataError(f"{place} needs pyarrow to be read: pip install 'reparam[hub]'") from error
    try:
        file = parquet.ParquetFile(place)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(f"{place} cannot be read as parquet ({error}): write it again") from error
    column = _pictures(place, file.schema_arrow)
    groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    where = [(group, row) for group, rows in enumerate(groups) for row in range(rows)]
    if not where:
        raise DataError(f"{place} has no rows: give at least one picture")

    @lru_cache(maxsize=KEPT)
    def group(index: int) -> Any:  # noqa: ANN401
        try:
            return parquet.ParquetFile(place).read_row_group(index, columns=[column])[column]
        except (pa.ArrowException, ValueError) as error:
            raise OSError(f"its rows cannot be read ({error})") from error

    def read(index: int) -> bytes:
        which, row = where[index]
        value = group(which)[row].as_py()
        content = value["bytes"] if isinstance(value, dict) else value
        if not isinstance(content, bytes):
            raise OSError("it has no bytes")
        return content

    labels, classes = _labels(file, [name for name in LABELS if name in file.schema_arrow.names])
    found = place.stat()
    return Collection(
        name=place.stem,
        source=str(place),
        files=[f"row {row}" for row in range(len(where))],
        read=read,
        stamp=[str(place.resolve()), column, found.st_size, found.st_mtime_ns],
        labels=labels,
        classes=classes,
    )


def _pictures(place: Path, schema: Any) -> str:  # noqa: ANN401
    """The one column that holds encoded pictures."""
    from pyarrow import types

    def encoded(kind: Any) -> bool:  # noqa: ANN401
        if types.is_struct(kind):
            names = [kind.field(i).name for i in range(kind.num_fields)]
            return "bytes" in names
        return bool(types.is_binary(kind) or types.is_large_binary(kind))

    found = [column.name for column in schema if encoded(column.type)]
    if len(found) != 1:
        holds = ", ".join(f"{column.name} ({column.type})" for column in schema)
        what = "no column" if not found else f"{len(found)} columns ({', '.join(found)})"
        raise DataError(
            f"{place} has {what} of encoded pictures, its columns are {holds}: give one of bytes"
        )
    return found[0]


def _labels(file: Any, names: list[str]) -> tuple[list[int] | None, tuple[str, ...] | None]:  # noqa: ANN401
    if not names:
        return None, None
    try:
        values = file.read(columns=names[:1])[names[0]].to_pylist()
    except (OSError, ValueError, RuntimeError) as error:  # Arrow's errors are among these
        raise DataError(f"the column {names[0]!r} cannot be read ({error})") from error
    return numbered(values, _class_names(file.schema_arrow.metadata or {}, names[0]), names[0])


def _class_names(metadata: dict[bytes, bytes], column: str) -> list[str] | None:
    """The classes' names, where `datasets` wrote them; metadata of another form say nothing."""
    try:
        told = json.loads(metadata.get(b"huggingface", b"{}"))
    except (ValueError, RecursionError):
        return None
    for key in ("info", "features", column, "names"):
        told = told.get(key) if isinstance(told, dict) else None
    named = isinstance(told, list) and all(isinstance(name, str) for name in told)
    return told if named else None

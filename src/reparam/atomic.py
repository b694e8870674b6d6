"""Writing a file, or a folder, whole or not at all.

A file is often rewritten while someone looks at it, or while the machine goes down. It is
therefore written to a temporary neighbour first, which takes the name of the old file in one step
that cannot be seen half done.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from reparam.errors import ReparamError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a temporary file that becomes `path` if the block ends well, and vanishes if not.

    Missing folders are made. The old file, if there is one, stays untouched until the new one is
    complete.

    Args:
        path: Where the finished file shall be.

    Yields:
        A binary file to write into.

    Raises:
        ReparamError: If the file cannot be written there.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(Path(folder) / "new" / "note.txt") as file:
        ...         _ = file.write(b"whole")
        ...     (Path(folder) / "new" / "note.txt").read_bytes()
        b'whole'
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReparamError(f"{path} cannot be written: {reason}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def replacing_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Make a temporary folder that becomes `path` if the block ends well, and vanishes if not.

    An old folder there, if there is one, is removed once the new one has taken its name.

    Args:
        path: Where the finished folder shall be.

    Yields:
        The folder to write into.

    Raises:
        ReparamError: If it cannot be written there.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing_folder(Path(folder) / "new") as new:
        ...         _ = (new / "note.txt").write_bytes(b"whole")
        ...     [file.name for file in Path(folder).rglob("*.txt")]
        ['note.txt']
    """
    path = Path(os.path.abspath(path))
    temporary, old = (
        path.with_name(f".{path.name}.{secrets.token_hex(4)}.{end}") for end in ("tmp", "old")
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        yield temporary
        for file in temporary.iterdir():
            with file.open("rb") as written:
                os.fsync(written.fileno())
        if path.exists():
            os.replace(path, old)
        os.replace(temporary, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReparamError(f"{path} cannot be written: {reason}") from error
    finally:
        if old.exists() and not path.exists():
            os.replace(old, path)
        for left in (temporary, old):
            shutil.rmtree(left, ignore_errors=True)

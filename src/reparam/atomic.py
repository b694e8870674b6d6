"""Writing a file, or a folder, whole or not at all.

A file is often rewritten while someone looks at it, or while the machine goes down. It is
therefore written to a temporary neighbour first, which takes the name of the old file in one step
that cannot be seen half done.

A process that is killed leaves the neighbour behind. Who writes holds a lock on it, which the
system takes away with the process: what nobody holds is swept when the same file is written again,
and by `sweep`.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from reparam.errors import ReparamError

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed
    fcntl = None  # type: ignore[assignment]

LEFT = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{8}\.(?P<end>tmp|old)")
"""What a temporary neighbour is called."""


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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent, path.name)
        with _temporary(path, partial(Path.touch, exist_ok=False)) as temporary:
            try:
                with temporary.open("wb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, path)
            finally:
                with suppress(OSError):
                    temporary.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReparamError(f"{path} cannot be written: {reason}") from error


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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent, path.name)
        with _temporary(path, Path.mkdir) as temporary:
            old = temporary.with_suffix(".old")
            try:
                yield temporary
                for file in temporary.iterdir():
                    with file.open("rb") as written:
                        os.fsync(written.fileno())
                if path.exists():
                    os.replace(path, old)
                os.replace(temporary, path)
            finally:
                if old.exists() and not path.exists():
                    os.replace(old, path)
                for left in (temporary, old):
                    shutil.rmtree(left, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReparamError(f"{path} cannot be written: {reason}") from error


def sweep(folder: Path, name: str | None = None) -> None:
    """Remove what writes into a folder have left that were killed; none that is still going on.

    What was about to be replaced, and is not there any more, takes its name again.

    Args:
        folder: The folder.
        name: Only what was left of this file or folder; by default of any.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     (Path(folder) / ".loss.png.0123abcd.tmp").touch()
        ...     sweep(Path(folder))
        ...     os.listdir(folder)
        []
    """
    with suppress(OSError):
        for left in sorted(os.listdir(folder)):
            found = LEFT.fullmatch(left)
            if found is not None and name in (None, found["name"]):
                _remove(folder / left, folder / found["name"])


def _remove(left: Path, target: Path) -> None:
    """Remove a temporary neighbour that no process holds."""
    writer = left.with_suffix(".tmp")
    with suppress(OSError), ExitStack() as stack:
        if writer.exists() and stack.enter_context(_locked(writer)) is not True:
            return
        if left.suffix == ".old" and not target.exists():
            os.replace(left, target)
        elif left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


@contextmanager
def _temporary(path: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Make a temporary neighbour and hold it."""
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        make(temporary)
        with _locked(temporary) as held:
            if held is not False and temporary.exists():  # it was not swept before it was held
                yield temporary
                return


@contextmanager
def _locked(path: Path) -> Iterator[bool | None]:
    """Hold a file or a folder, unless another does; `None` where that cannot be known."""
    if fcntl is None:
        yield None
        return
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    held: bool | None = True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held = False
    except OSError:  # a file system without locks
        held = None
    try:
        yield held
    finally:
        os.close(handle)

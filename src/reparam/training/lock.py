"""One process a run: two that write into one folder would ruin both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from reparam.errors import ArtifactError

LOCK = ".lock"


@contextmanager
def exclusive(run: Path) -> Iterator[None]:
    """Make a run's folder, and hold it; the system lets go of it however the process ends.

    Args:
        run: The run's folder.

    Raises:
        ArtifactError: If another process holds it, or it cannot be written.
    """
    lock = FileLock(run / LOCK)
    try:
        run.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ArtifactError(
            f"another process is training in {run}: wait for it, or choose another folder"
        ) from error
    except OSError as error:
        raise ArtifactError(f"{run} cannot be written: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()

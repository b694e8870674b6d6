"""Downloading a named set, once, into the user's cache."""

from pathlib import Path

import pooch

from reparam.atomic import replacing
from reparam.data.builtin import STEMS, NamedSet
from reparam.data.idx import checksum, unpack
from reparam.errors import DataError

TIMEOUT = 30
PROGRESS = True


def cache(named: NamedSet) -> Path:
    """The folder that a download goes to.

    Args:
        named: The set.
    """
    return Path(pooch.os_cache("reparam")) / named.name


def download(named: NamedSet, folder: Path, *, network: bool = True) -> None:
    """Fetch a set's four files; each takes its place only after its bytes have been checked.

    Args:
        named: The set.
        folder: Where to put them; a file that is already there stays.
        network: Whether to try at all.

    Raises:
        DataError: If the network may not be used or gives no answer, or what came is damaged.
    """
    if not network:
        raise DataError(f"{named.name!r} is not on this machine: {_advice()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for key, stem in STEMS.items():
            target = folder / f"{stem}.gz"
            if not target.exists():
                _fetch(named, key, f"{named.host}{stem}.gz", target)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be written to keep {named.name!r} ({error}): {_advice()}"
        ) from error


def _fetch(named: NamedSet, key: str, url: str, target: Path) -> None:
    fetch = pooch.HTTPDownloader(progressbar=PROGRESS, timeout=TIMEOUT)
    with replacing(target) as file:
        try:
            fetch(url, file, None)
            file.flush()
        except OSError as error:  # every error of requests is one
            raise DataError(
                f"{named.name!r} is not on this machine and {url} gave no answer "
                f"({type(error).__name__}): {_advice()}"
            ) from error
        if not _intact(named, key, Path(file.name)):
            raise DataError(
                f"what came from {url} is truncated or altered (its checksum is not "
                f"{named.title}'s) and was not kept: try again, or {_advice()}"
            )


def _intact(named: NamedSet, key: str, partial: Path) -> bool:
    try:
        return checksum(unpack(partial)) == named.checksums[key]
    except DataError:
        return False


def _advice() -> str:
    return (
        "use 'fashion-mnist-subset', which needs no network, or put "
        f"{', '.join(f'{stem}.gz' for stem in STEMS.values())} into a folder and name it with "
        "path= or the environment variable REPARAM_DATA"
    )

"""Models on the Hugging Face Hub: pushed and loaded as the folders that they are.

What goes up is the configuration, the weights, the card and the run's pictures; never a
checkpoint, and no path of the machine that trained it. What comes down is the configuration and
the weights, which `load` reads as from any folder: nothing of them is ever run.
"""

import hashlib
import importlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from reparam._version import __version__
from reparam.artifact.card import card
from reparam.artifact.folder import CARD, CONFIG, DIGEST, WEIGHTS, digest, read, read_config
from reparam.artifact.weights import with_metadata
from reparam.data.builtin import NAMED
from reparam.data.hub import PREFIX
from reparam.errors import ArtifactError

SCHEME = PREFIX
PICTURES = (".jpeg", ".jpg", ".png", ".webp")
NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class Address(NamedTuple):
    """Where a model lies on the Hub."""

    repository: str
    revision: str | None = None

    def __str__(self) -> str:
        return SCHEME + "@".join(part for part in self if part)


@dataclass(frozen=True)
class Pushed:
    """What `push` did.

    Args:
        address: What `load` takes.
        url: Where to look at it.
        commit: The revision that was made.
        files: What was uploaded.
    """

    address: str
    url: str
    commit: str
    files: tuple[str, ...]


def address_of(path: str | os.PathLike[str]) -> Address | None:
    """Read `hf://owner/name`, or `hf://owner/name@revision`.

    Args:
        path: Also as a `Path`, which knows only one slash after the colon.

    Returns:
        The address; `None` for a folder.

    Raises:
        ArtifactError: If it begins like an address and is none.

    Example:
        >>> address_of("hf://owner/name@v1")
        Address(repository='owner/name', revision='v1')
        >>> address_of("runs/vae") is None
        True
    """
    begun = re.match("hf:/+", text := os.fspath(path))
    if begun is None:
        return None
    name, at, revision = text[begun.end() :].partition("@")
    if not NAME.fullmatch(name) or (at and not revision):
        raise ArtifactError(
            f"{text} is no model on the Hub: write hf://owner/name, or hf://owner/name@revision"
        )
    return Address(name, revision or None)


def fetch(address: Address, endpoint: str | None = None) -> tuple[Path, Path]:
    """Download a model's configuration and weights, unless they are here already.

    Args:
        address: Where it lies.
        endpoint: Another Hub's URL.

    Returns:
        The folder with both, and the one beyond which no link of it leads.

    Raises:
        ArtifactError: If huggingface_hub is missing, the Hub cannot be reached, or there is no
            such model.
    """
    library = _library()
    options = {"endpoint": endpoint, "library_name": "reparam", "library_version": __version__}
    with _told(address):
        config = Path(
            library.hf_hub_download(
                address.repository, CONFIG, revision=address.revision, **options
            )
        )
        found = config.parent  # named by the commit, so that both files are of one
        library.hf_hub_download(address.repository, WEIGHTS, revision=found.name, **options)
    return found, found.parent.parent


def push(
    run: str | Path,
    name: str,
    *,
    private: bool = False,
    overwrite: bool = False,
    token: str | None = None,
    endpoint: str | None = None,
) -> Pushed:
    """Upload a trained model to the Hugging Face Hub, with its card.

    The configuration, the weights, the card and the run's pictures are uploaded, and no
    checkpoint. Where the data came from is left out, unless it is a set that everybody can name.

    Args:
        run: A run's folder.
        name: Where to, as owner/name; it is made if there is none.
        private: Make it so that only its owner sees it.
        overwrite: Whether a model may be there already; the Hub keeps its older revisions.
        token: A token that may write; by default what `hf auth login` left.
        endpoint: Another Hub's URL.

    Raises:
        ArtifactError: If huggingface_hub is missing, the folder is no sound artifact, the Hub
            refuses, or a model is there already.
    """
    from reparam.artifact.reader import load

    if not NAME.fullmatch(name):
        raise ArtifactError(f"{name!r} is no name on the Hub: write owner/name")
    library, folder = _library(), Path(run)
    if address_of(run) is not None:
        raise ArtifactError(f"{address_of(run)} is on the Hub already: push the folder of a run")
    load(folder)
    address = Address(name)
    files = contents(folder, address)
    hub = library.HfApi(
        endpoint=endpoint, token=token, library_name="reparam", library_version=__version__
    )
    with _told(address):
        _check_place(library, hub, name, private, overwrite)
        hub.create_repo(name, private=private or None, exist_ok=True)
        commit = hub.create_commit(
            name,
            [library.CommitOperationAdd(path, content) for path, content in files.items()],
            commit_message=f"A model of reparam {__version__}",
        )
    return Pushed(str(address), f"{hub.endpoint}/{name}", commit.oid, tuple(files))


def contents(folder: Path, address: Address) -> dict[str, bytes]:
    """What of a run goes up: nothing that could be run, and no path of this machine.

    Args:
        folder: The run's.
        address: Where to.
    """
    missing: dict[str, Any] = {"recipe": {}, "figures": {}, "objective": None, "schema": None}
    config = missing | read_config(folder)
    schema = config["schema"]
    source = str(schema.get("source")) if schema else ""
    if schema and source not in NAMED and not source.startswith(SCHEME):
        options = {k: v for k, v in schema.get("options", {}).items() if k != "path"}
        config["schema"] = {**schema, "source": None, "options": options}
    weights = with_metadata(read(folder, WEIGHTS), {DIGEST: digest(config)})
    config["weights"] = {"sha256": hashlib.sha256(weights).hexdigest()}
    names = sorted(file.name for file in folder.iterdir() if file.suffix.lower() in PICTURES)
    pictures = {name: read(folder, name) for name in names}
    return {
        CONFIG: json.dumps(config, indent=1).encode(),
        WEIGHTS: weights,
        CARD: card(config, str(address), names).encode(),
        **pictures,
    }


def _check_place(library: Any, hub: Any, name: str, private: bool, overwrite: bool) -> None:  # noqa: ANN401
    try:
        there = hub.model_info(name)
    except library.errors.RepositoryNotFoundError:
        return
    if private and not there.private:
        raise ArtifactError(f"{name} is public on the Hub: choose another name, or change that")
    if not overwrite and any(file.rfilename == CONFIG for file in there.siblings or []):
        raise ArtifactError(
            f"{name} on the Hub already holds a model: choose another name, or allow a new "
            "revision of it with overwrite=True (--overwrite)"
        )


def _library() -> Any:  # noqa: ANN401
    try:
        return importlib.import_module("huggingface_hub")
    except ImportError as error:
        raise ArtifactError(
            "the Hugging Face Hub needs huggingface_hub, which is not installed: "
            "pip install 'reparam[hub]'"
        ) from error


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """Turn the library's errors into one sentence each."""
    errors = importlib.import_module("huggingface_hub.errors")
    name = address.repository
    try:
        yield
    except ArtifactError:
        raise
    except errors.GatedRepoError as error:
        raise ArtifactError(f"{name} asks for its owner's leave: ask for it on the Hub") from error
    except errors.RepositoryNotFoundError as error:
        raise ArtifactError(
            f"the Hub shows no {name}: correct the name, or log in with hf auth login"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ArtifactError(f"{name} has no revision {address.revision!r} on the Hub") from error
    except errors.RemoteEntryNotFoundError as error:
        raise ArtifactError(f"{name} is no model of reparam: {_first(error)}") from error
    except errors.HfHubHTTPError as error:
        status = getattr(error.response, "status_code", None)
        hint = ": log in, hf auth login, with a token that may" if status in (401, 403) else ""
        raise ArtifactError(f"the Hub refuses {name} ({_first(error)}){hint}") from error
    except Exception as error:  # no connection, offline mode, a full disk: no one error for them
        raise ArtifactError(
            f"{name} on the Hub can be neither read nor written: {_first(error)}"
        ) from error


def _first(error: Exception) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__

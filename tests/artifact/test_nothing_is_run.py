"""Loading a folder runs nothing of it: neither pickles nor modules nor names of functions."""

import pickle

import pytest
import torch

from reparam import load
from reparam.errors import ArtifactError


class Touch:
    """Unpickling this makes a file."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return open, (str(self.marker), "w")


@pytest.fixture
def marker(tmp_path):
    file = tmp_path / "was-run"
    yield file
    assert not file.exists()


def test_the_trap_works(tmp_path):
    file = tmp_path / "was-run"
    pickle.loads(pickle.dumps(Touch(file))).close()
    assert file.exists()


@pytest.mark.parametrize("write", [pickle.dumps, None], ids=["pickle", "torch"])
@pytest.mark.parametrize("target", ["config", "weights"])
def test_a_pickle_in_a_files_place_is_refused_unread(run, marker, write, target):
    file = getattr(run, target)
    if write is None:
        torch.save(Touch(marker), file)
    else:
        file.write_bytes(write(Touch(marker)))
    with pytest.raises(ArtifactError):
        load(run.folder)


def test_other_files_in_the_folder_are_not_looked_at(run, marker):
    for name in ("model.pt", "pytorch_model.bin", "optimizer.pkl", "state.ckpt"):
        (run.folder / name).write_bytes(pickle.dumps(Touch(marker)))
    for name in ("__init__.py", "reparam.py", "model.py", "conftest.py"):
        (run.folder / name).write_text(f"open({str(marker)!r}, 'w')")
    load(run.folder)


@pytest.mark.parametrize(
    "name", ["os.system", "builtins.eval", "eval", "torch.load", "torch.nn.Linear", "Module", ""]
)
def test_only_registered_names_are_built(run, marker, name):
    arguments = {"command": f"touch {marker}"}
    part = {"part": name, "arguments": arguments}
    run.edit(lambda content: content["model"]["arguments"].update(prior=part))
    with pytest.raises(ArtifactError, match="is unknown here"):
        load(run.folder)

"""What a killed write leaves behind is swept by the next one; what is being written never is."""

import errno
import os
from pathlib import Path

import pytest
from filelock import FileLock

from reparam import atomic
from reparam.atomic import replacing, replacing_folder, sweep
from reparam.data import cache


def names(folder):
    return sorted(os.listdir(folder))


def leave(folder, name):
    """What a kill leaves: a temporary file that nobody holds."""
    (folder / name).write_bytes(b"half")


def test_the_next_write_sweeps_what_was_left_of_the_same_file(tmp_path):
    leave(tmp_path, ".loss.png.0123abcd.tmp")
    leave(tmp_path, ".other.png.0123abcd.tmp")
    with replacing(tmp_path / "loss.png") as file:
        file.write(b"whole")
    assert names(tmp_path) == [".other.png.0123abcd.tmp", "loss.png"]
    sweep(tmp_path)
    assert names(tmp_path) == ["loss.png"]


@pytest.mark.parametrize("name", [".hidden", "notes.tmp", ".git", ".a.0123abcd.tmp.txt", ".x.tmp"])
def test_nothing_else_is_swept(tmp_path, name):
    leave(tmp_path, name)
    sweep(tmp_path)
    assert names(tmp_path) == [name]


def test_what_is_being_written_is_not_swept(tmp_path):
    with replacing(tmp_path / "a") as file:
        file.write(b"first")
        sweep(tmp_path)
        with replacing(tmp_path / "a") as other:
            other.write(b"second")
        assert (tmp_path / "a").read_bytes() == b"second"
    assert (tmp_path / "a").read_bytes() == b"first"
    with replacing_folder(tmp_path / "b") as new:
        (new / "x").write_bytes(b"first")
        sweep(tmp_path)
        assert (new / "x").exists()
    assert names(tmp_path) == ["a", "b"]


def test_a_file_that_is_swept_before_it_is_held_is_made_again(tmp_path, monkeypatch):
    original, swept = Path.touch, []

    def touch(path, **given):
        original(path, **given)
        if not swept:
            swept.append(path)
            path.unlink()

    monkeypatch.setattr(Path, "touch", touch)
    with replacing(tmp_path / "a") as file:
        file.write(b"whole")
    assert swept
    assert names(tmp_path) == ["a"]


def test_a_folder_that_was_about_to_be_replaced_takes_its_name_again(tmp_path):
    (tmp_path / ".run.0123abcd.old").mkdir()
    leave(tmp_path / ".run.0123abcd.old", "weights")
    (tmp_path / ".run.0123abcd.tmp").mkdir()
    sweep(tmp_path)
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == ["weights"]
    (tmp_path / ".run.0123abcd.old").mkdir()
    sweep(tmp_path)
    assert names(tmp_path) == ["run"]


@pytest.mark.skipif(atomic.fcntl is None, reason="locks are not known here")
def test_without_locks_files_are_written_and_none_is_swept(tmp_path, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(atomic.fcntl, "flock", flock)
    leave(tmp_path, ".a.0123abcd.tmp")
    with replacing(tmp_path / "a") as file:
        file.write(b"whole")
    assert names(tmp_path) == [".a.0123abcd.tmp", "a"]


def test_builds_of_other_entries_that_were_killed_are_swept_from_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("REPARAM_CACHE", str(tmp_path))
    for key in ("dead", "live", "new"):
        (tmp_path / f"{key}.building-1").mkdir()
    (tmp_path / "stamps").mkdir()
    leave(tmp_path / "stamps", ".one.0123abcd.tmp")
    with FileLock(tmp_path / "live.lock"):
        cache.entry("new", 0, lambda new: {})
    assert [name for name in names(tmp_path) if "building" in name] == ["live.building-1"]
    assert names(tmp_path / "stamps") == []

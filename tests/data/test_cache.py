"""Pictures are decoded once; what is in the cache is whole, and belongs to what is on disk."""

import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from PIL import Image

from reparam.data import cache, decode, load, load_split
from reparam.errors import DataError


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures, each of its own grey."""
    for index in range(12):
        Image.fromarray(np.full((4, 5), index * 20, np.uint8)).save(tmp_path / f"{index:02}.png")
    return tmp_path


def greys(dataset):
    return (dataset.pixels[:, 0, 0, 0] // 20).tolist()


def entries():
    return sorted(place.parent for place in cache.root().glob(f"*/{cache.CONTENTS}"))


@pytest.fixture
def counted(monkeypatch):
    """How often a picture is decoded, and how often a file is read."""
    calls = {"decoded": 0, "read": 0}

    def spy(name, function):
        def counting(*given, **options):
            calls[name] += 1
            return function(*given, **options)

        return counting

    monkeypatch.setattr(decode, "read_picture", spy("decoded", decode.read_picture))
    monkeypatch.setattr(decode, "read_header", spy("read", decode.read_header))
    return calls


def test_a_second_run_opens_no_file(folder, counted):
    first = load_split(folder, "all")
    assert counted == {"decoded": 12, "read": 12}
    second = load_split(folder, "all")
    assert counted == {"decoded": 12, "read": 12}
    assert greys(first) == greys(second) == list(range(12))


def test_touched_files_are_read_and_not_decoded(folder, counted):
    load(folder)
    os.utime(folder / "00.png", (1, 1))
    load(folder)
    assert counted == {"decoded": 12, "read": 24}
    assert len(entries()) == 1


def test_other_content_is_decoded_anew(folder, counted):
    load(folder)
    changed = folder / "03.png"
    times = changed.stat().st_mtime_ns
    Image.fromarray(np.full((4, 5), 40, np.uint8)).save(changed)
    os.utime(changed, ns=(times + 1, times + 1))
    assert greys(load_split(folder, "all"))[3] == 2
    assert len(entries()) == 2


def test_other_options_are_another_entry(folder):
    small = load_split(folder, "all", size=(2, 2))
    assert small.shape == (1, 2, 2)
    assert load_split(folder, "all").shape == (1, 4, 5)
    assert len(entries()) == 2


def test_a_picture_more_or_less(folder):
    load(folder)
    (folder / "05.png").unlink()
    assert greys(load_split(folder, "all")) == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    Image.fromarray(np.full((4, 5), 240, np.uint8)).save(folder / "12.png")
    assert greys(load_split(folder, "all"))[-1] == 12


def test_left_out_files_are_told_of_at_every_run(folder):
    (folder / "05.png").write_bytes(b"")
    for _ in range(2):
        with pytest.warns(UserWarning, match=r"1 of 12 pictures .* 05.png \(it is empty\)"):
            load(folder)
    with pytest.raises(DataError, match=r"1 of 12 pictures .* 05.png \(it is empty\)"):
        load(folder, strict=True)


SLOW = textwrap.dedent("""
    import os, sys, time
    from reparam.data import decode, load_split
    read = decode.read_picture
    def slowly(*given, **options):
        os.write(1, b"decoding\\n")  # whole, whichever thread it comes from
        time.sleep(float(sys.argv[2]))
        return read(*given, **options)
    decode.read_picture = slowly
    print(len(load_split(sys.argv[1], "all")), flush=True)
""")


def test_a_killed_build_leaves_nothing_that_is_used(folder):
    work = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(folder), "0.5"], stdout=subprocess.PIPE, text=True
    )
    assert work.stdout.readline() == "decoding\n"
    work.send_signal(signal.SIGKILL)
    work.wait()
    work.stdout.close()
    assert entries() == []
    assert list(cache.root().glob(f"*{cache.BUILDING}*"))
    assert greys(load_split(folder, "all")) == list(range(12))
    assert not list(cache.root().glob(f"*{cache.BUILDING}*"))


def test_two_processes_build_it_once(folder):
    both = [
        subprocess.Popen(
            [sys.executable, "-c", SLOW, str(folder), "0.05"], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [work.communicate()[0].split() for work in both]
    assert [work.returncode for work in both] == [0, 0]
    assert [words[-1] for words in said] == ["12", "12"]
    assert sum(words.count("decoding") for words in said) == 12


def test_clear(folder):
    load(folder)
    held = load_split(folder, "all")
    count, freed = cache.clear()
    assert count == 1
    assert freed > 12 * 20
    assert list(cache.root().iterdir()) == []
    assert cache.clear() == (0, 0)
    assert greys(held) == list(range(12))  # what is open stays open
    assert greys(load_split(folder, "all")) == list(range(12))


def test_another_place(folder, tmp_path_factory, monkeypatch):
    place = tmp_path_factory.mktemp("other") / "deeper"
    monkeypatch.setenv(cache.VARIABLE, str(place))
    load(folder)
    assert entries()[0].parent == place


def test_no_room(folder, monkeypatch):
    free = type("Usage", (), {"free": 200})
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda _: free)
    with pytest.raises(DataError, match="another folder by REPARAM_CACHE"):
        load(folder)
    assert entries() == []


def test_a_cache_that_cannot_be_written(folder, tmp_path_factory, monkeypatch):
    blocked = tmp_path_factory.mktemp("blocked") / "file"
    blocked.touch()
    monkeypatch.setenv(cache.VARIABLE, str(blocked))
    with pytest.raises(DataError, match=r"the cache .* cannot be written .* REPARAM_CACHE"):
        load(folder)

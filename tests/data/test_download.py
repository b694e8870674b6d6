import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reparam.data import download, load
from reparam.data.builtin import NAMED
from reparam.data.download import cache
from reparam.errors import DataError


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def served(tiny, write_idx, tmp_path, monkeypatch):
    """The tiny set, its host a server on this machine; gives the folder that is served."""
    folder = write_idx(tmp_path / "served")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    host = f"http://127.0.0.1:{server.server_port}/"
    monkeypatch.setitem(NAMED, "tiny", replace(tiny, host=host))
    monkeypatch.setattr(download, "PROGRESS", False)
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


def test_downloads_once(served, tiny):
    train, test = load("tiny")
    assert (len(train), len(test)) == (6, 4)
    assert sorted(file.name for file in cache(tiny).iterdir()) == sorted(
        file.name for file in served.iterdir()
    )
    for file in served.iterdir():
        file.unlink()
    assert len(load("tiny")[0]) == 6


def test_shows_its_progress(served, monkeypatch, capsys):
    monkeypatch.setattr(download, "PROGRESS", True)
    load("tiny")
    assert "100%" in capsys.readouterr().err


def test_goes_on_where_it_stopped(served, tiny):
    last = served / "t10k-labels-idx1-ubyte.gz"
    kept = last.read_bytes()
    last.unlink()
    with pytest.raises(DataError, match=r"t10k-labels.* gave no answer"):
        load("tiny")
    assert len(list(cache(tiny).iterdir())) == 3
    for file in served.iterdir():
        file.unlink()
    last.write_bytes(kept)
    assert len(load("tiny")[0]) == 6


@pytest.mark.parametrize("content", [b"", b"<html>sign in</html>", None])
def test_what_is_altered_is_not_kept(served, tiny, content):
    file = served / "t10k-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-20] if content is None else content)
    with pytest.raises(DataError, match=r"what came from .*t10k-images.* was not kept: try again"):
        load("tiny")
    names = {file.name for file in cache(tiny).iterdir()}
    assert names == {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"}


def test_without_a_network(tiny):
    with pytest.raises(DataError, match=r"127.0.0.1:9/.*gave no answer.*'fashion-mnist-subset'"):
        load("tiny")
    assert list(cache(tiny).iterdir()) == []


def test_a_download_may_be_forbidden(tiny):
    with pytest.raises(DataError, match=r"'tiny' is not on this machine: use .*REPARAM_DATA"):
        load("tiny", download=False)
    assert not cache(tiny).exists()


def test_a_cache_that_cannot_be_written(tiny, bare_machine):
    (bare_machine / "cache").write_text("a file where a folder should be")
    with pytest.raises(DataError, match="cannot be written to keep 'tiny'"):
        load("tiny")

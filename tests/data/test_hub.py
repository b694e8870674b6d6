"""A set on the Hugging Face Hub, read from a stand-in on loopback."""

import io
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

COMMIT = "1" * 40


class Stand(BaseHTTPRequestHandler):
    """The few answers of the Hub that `datasets` asks for, about one set."""

    def log_message(self, *_):
        pass

    def reply(self, status, content, **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for key, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        files, path = self.server.files, self.path.split("?")[0]
        if path.startswith("/api/datasets/me/pictures/tree/"):
            entries = [
                {"type": "file", "path": name, "oid": COMMIT, "size": len(content)}
                for name, content in files.items()
            ]
            return self.reply(200, entries)
        if path.startswith("/api/datasets/me/pictures"):
            names = [{"rfilename": name} for name in files]
            return self.reply(200, {"id": "me/pictures", "sha": COMMIT, "siblings": names})
        content = files.get(path.removeprefix(f"/datasets/me/pictures/resolve/{COMMIT}/"))
        if content is not None:
            return self.reply(200, content, ETag=f'"{len(content)}"', X_Repo_Commit=COMMIT)
        known = path.startswith("/datasets/me/pictures/resolve/")
        return self.reply(404, {}, X_Error_Code="EntryNotFound" if known else "RepoNotFound")


def parquet(datasets, greys):
    """A table of pictures of one grey each, and their labels."""
    features = datasets.Features(
        {"picture": datasets.Image(), "label": datasets.ClassLabel(names=["even", "odd"])}
    )
    pictures = []
    for grey in greys:
        stream = io.BytesIO()
        Image.new("L", (5, 4), grey).save(stream, "PNG")
        pictures.append({"bytes": stream.getvalue(), "path": None})
    table = {"picture": pictures, "label": [grey % 2 for grey in greys]}
    stream = io.BytesIO()
    datasets.Dataset.from_dict(table, features=features).to_parquet(stream)
    return stream.getvalue()


@pytest.fixture
def endpoint(tmp_path, monkeypatch):
    """The stand-in's address; a home of its own for whatever is downloaded."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stand)
    server.files = {
        "train-00000-of-00001.parquet": parquet(datasets, range(6)),
        "test-00000-of-00001.parquet": parquet(datasets, range(6, 10)),
    }
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def told(source, endpoint):
    return subprocess.run(
        [sys.executable, "-m", "reparam", "data", source, "--json"],
        capture_output=True, text=True, timeout=120, env={**os.environ, "HF_ENDPOINT": endpoint},
    )  # fmt: skip


def test_a_set_is_downloaded_and_described(endpoint):
    done = told("hf://me/pictures", endpoint)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["count"], found["shape"], found["kind"]) == (10, [1, 4, 5], "pictures")
    assert found["classes"] == {"even": 5, "odd": 5}
    assert found["maximum"] == pytest.approx(9 / 255)


def test_a_set_that_the_hub_does_not_have(endpoint):
    done = told("hf://me/nothing", endpoint)
    assert done.returncode == 2
    assert "hf://me/nothing cannot be read" in done.stderr
    assert "Traceback" not in done.stderr

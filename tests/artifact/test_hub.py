"""Pushing to the Hugging Face Hub and loading from it, against a stand-in on loopback."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import huggingface_hub
import pytest
import torch
from huggingface_hub import constants

from reparam import load, save, zoo
from reparam.artifact import hub as our_hub
from reparam.artifact import reader
from reparam.data import Schema
from reparam.errors import ArtifactError

TOKEN = "hf_stand_in"


class Stand(BaseHTTPRequestHandler):
    """The few answers of the Hub that its own library asks for."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, content=b"", **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for key, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def missing(self, code):
        self.reply(404, {"error": code}, X_Error_Code=code)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        store, path = self.server.store, self.path.split("?")[0].strip("/")
        store.asked.append(f"{self.command} /{path}")
        if path.startswith("api/models/"):
            name = path.removeprefix("api/models/")
            if name not in store.repositories:
                return self.missing("RepoNotFound")
            found = store.repositories[name]
            names = [{"rfilename": file} for file in found["files"]]
            return self.reply(200, {"id": name, "private": found["private"], "siblings": names})
        if path.count("/") < 3:
            return self.missing("RepoNotFound")
        owner, name, resolve, revision, *rest = path.split("/")
        found = store.repositories.get(f"{owner}/{name}")
        if resolve != "resolve" or found is None:
            return self.missing("RepoNotFound")
        if revision not in ("main", *found["commits"]):
            return self.missing("RevisionNotFound")
        commit = found["head"] if revision == "main" else revision
        content = found["commits"][commit].get("/".join(rest))
        if content is None:
            return self.missing("EntryNotFound")
        etag = hashlib.sha256(content).hexdigest()
        return self.reply(200, content, ETag=f'"{etag}"', X_Repo_Commit=commit)

    def do_PUT(self):
        self.server.store.large[self.path.split("/")[-1]] = self.body()
        self.reply(200)

    def do_POST(self):
        store, path, body = self.server.store, self.path.split("?")[0].strip("/"), self.body()
        store.asked.append(f"POST /{path}")
        if path == "api/validate-yaml":
            return self.reply(200, {"errors": [], "warnings": []})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.reply(401, {"error": "Invalid credentials"})
        if path == "api/repos/create":
            given = json.loads(body)
            name = f"{given['organization']}/{given['name']}"
            new = {"private": given.get("visibility") == "private", "files": {}, "commits": {}}
            store.repositories.setdefault(name, new)
            return self.reply(200, {"url": f"{store.url}/{name}", "id": name})
        if "/preupload/" in path:
            files = json.loads(body)["files"]
            for file in files:
                large = store.lfs and file["path"].endswith(".safetensors")
                file.update(uploadMode="lfs" if large else "regular", shouldIgnore=False)
            return self.reply(200, {"files": files})
        if path.endswith("info/lfs/objects/batch"):
            objects = json.loads(body)["objects"]
            for each in objects:
                each["actions"] = {"upload": {"href": f"{store.url}/large/{each['oid']}"}}
            return self.reply(200, {"transfer": "basic", "objects": objects})
        name = path.removeprefix("api/models/").split("/commit/")[0]
        found = store.repositories[name]
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                found["files"][value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                found["files"][value["path"]] = store.large[value["oid"]]
        found["head"] = f"{len(found['commits']) + 1:040x}"
        found["commits"][found["head"]] = dict(found["files"])
        url = f"{store.url}/{name}/commit/{found['head']}"
        return self.reply(200, {"commitUrl": url, "commitOid": found["head"]})


class Store:
    """What the stand-in keeps."""

    def push(self, run, name, **options):
        return our_hub.push(run, name, endpoint=self.url, **options)

    def __init__(self):
        self.repositories, self.large, self.asked, self.lfs, self.url = {}, {}, [], False, ""


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A Hub of our own, empty; nothing else can be reached."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stand)
    server.store = Store()
    server.store.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(reader, "fetch", partial(our_hub.fetch, endpoint=server.store.url))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    yield server.store
    huggingface_hub.close_session()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def run(tmp_path):
    """A run with everything that must not go up beside what may."""
    folder = tmp_path / "run"
    schema = Schema(
        "mine", "train", "pictures", (1, 4, 4), "uint8", None, str(tmp_path / "secret.npz"),
        {"path": str(tmp_path), "seed": 3},
    )  # fmt: skip
    made = zoo.vae((1, 4, 4), latent=2, network="mlp", widths=[4])
    save(folder, *made, schema=schema, recipe={"epochs": 1}, figures={"loss": 1.5})
    (folder / "samples.png").write_bytes(b"picture")
    (folder / "history.jsonl").write_text("{}\n")
    (folder / "notes.py").write_text("raise SystemExit")
    (folder / "checkpoints" / "step-1").mkdir(parents=True)
    (folder / "checkpoints" / "step-1" / "optimizer.safetensors").write_bytes(b"state")
    return folder


def test_there_and_back(hub, run, tmp_path):
    done = hub.push(run, "me/model")
    assert done.address == "hf://me/model"
    assert set(done.files) == {"config.json", "model.safetensors", "README.md", "samples.png"}
    files = hub.repositories["me/model"]["files"]
    assert set(files) == set(done.files)
    assert not hub.repositories["me/model"]["private"]
    card = files["README.md"].decode()
    assert 'reparam.load("hf://me/model")' in card
    assert "![samples](samples.png)" in card
    assert card.startswith("---\nlibrary_name: reparam\n")
    here, there = load(run), load("hf://me/model")
    x = torch.rand(3, 1, 4, 4)
    assert torch.equal(here.model.encode(x), there.model.encode(x))
    assert (there.name, there.address) == ("hf://me/model", "hf://me/model")
    assert there.variant == "vae"
    assert there.figures == here.figures
    named = [asked for asked in hub.asked if "/resolve/" in asked]
    assert {asked.split("/")[-1] for asked in named} == {"config.json", "model.safetensors"}


def test_no_path_of_this_machine_goes_up(hub, run, tmp_path):
    hub.push(run, "me/model")
    for content in hub.repositories["me/model"]["files"].values():
        assert str(tmp_path).encode() not in content
    schema = load("hf://me/model").schema
    assert (schema.source, schema.options) == (None, {"seed": 3})


def test_a_set_that_everybody_can_name_stays_named(hub, tmp_path):
    made = zoo.vae((1, 4, 4), latent=2, network="mlp", widths=[4])
    schema = Schema("mnist", "train", "pictures", (1, 4, 4), "uint8", None, "mnist", {"seed": 1})
    hub.push(save(tmp_path / "run", *made, schema=schema), "me/model")
    assert load("hf://me/model").schema.source == "mnist"


def test_a_revision(hub, run):
    first = hub.push(run, "me/model")
    before = load(run).model
    save(run, *zoo.vae((1, 4, 4), latent=2, network="mlp", widths=[4], seed=8))
    second = hub.push(run, "me/model", overwrite=True)
    assert first.commit != second.commit
    x = torch.rand(3, 1, 4, 4)
    old = load(f"hf://me/model@{first.commit}")
    assert torch.equal(old.model.encode(x), before.encode(x))
    new = load("hf://me/model")
    assert not torch.equal(new.model.encode(x), before.encode(x))
    with pytest.raises(ArtifactError, match="has no revision 'v9'"):
        load("hf://me/model@v9")


def test_what_is_there_is_kept(hub, run):
    hub.push(run, "me/model")
    with pytest.raises(ArtifactError, match=r"already holds a model.*--overwrite"):
        hub.push(run, "me/model")
    with pytest.raises(ArtifactError, match="is public on the Hub"):
        hub.push(run, "me/model", private=True, overwrite=True)
    hub.push(run, "me/other", private=True)
    assert hub.repositories["me/other"]["private"]
    assert len(hub.repositories["me/model"]["commits"]) == 1


@pytest.mark.parametrize("name", ["model", "a/b/c", "me/mo del", "hf://me/model", ""])
def test_no_name(hub, run, name):
    with pytest.raises(ArtifactError, match="is no name on the Hub"):
        hub.push(run, name)
    assert not hub.asked


def test_what_is_no_model_is_not_pushed(hub, run):
    (run / "model.safetensors").write_bytes(b"")
    with pytest.raises(ArtifactError, match="is damaged"):
        hub.push(run, "me/model")
    (run / "model.safetensors").unlink()
    (run / "model.safetensors").symlink_to("/etc/hostname")
    with pytest.raises(ArtifactError, match="link out of its folder"):
        hub.push(run, "me/model")
    assert not hub.asked


def test_a_picture_that_links_out_is_not_pushed(hub, run, tmp_path):
    (tmp_path / "private.png").write_bytes(b"mine")
    (run / "linked.png").symlink_to(tmp_path / "private.png")
    with pytest.raises(ArtifactError, match="link out of its folder"):
        hub.push(run, "me/model")
    assert not hub.repositories


def test_what_is_not_there_is_one_sentence(hub, run, monkeypatch):
    for call, said in (
        (lambda: load("hf://me/none"), "the Hub shows no me/none"),
        (lambda: hub.push(run, "me/model", token="wrong"), "log in, hf auth login, with a token"),
    ):
        with pytest.raises(ArtifactError, match=said) as refusal:
            call()
        assert "\n" not in str(refusal.value)
    empty = {"private": False, "files": {}, "commits": {"a": {}}, "head": "a"}
    hub.repositories["me/empty"] = empty
    with pytest.raises(ArtifactError, match="me/empty is no model of reparam"):
        load("hf://me/empty")


def test_a_hub_that_cannot_be_reached(hub, run, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ArtifactError, match="can be neither read nor written") as refusal:
        load("hf://me/model")
    assert "\n" not in str(refusal.value)


def test_altered_weights_on_the_hub_are_refused(hub, run):
    hub.push(run, "me/model")
    made = hub.repositories["me/model"]
    weights = bytearray(made["commits"][made["head"]]["model.safetensors"])
    weights[-1] ^= 1
    made["commits"][made["head"]]["model.safetensors"] = bytes(weights)
    with pytest.raises(ArtifactError, match="is not the file that"):
        load("hf://me/model")


def test_without_the_library(hub, run, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    for call in (lambda: load("hf://me/model"), lambda: hub.push(run, "me/model")):
        with pytest.raises(ArtifactError, match=r"pip install 'reparam\[hub\]'"):
            call()


def test_addresses():
    assert our_hub.address_of("hf://me/model@refs/pr/1") == ("me/model", "refs/pr/1")
    assert our_hub.address_of("runs/hf") is None
    for wrong in ("hf://me", "hf://me/model/more", "hf://me/model@", "hf://../x y"):
        with pytest.raises(ArtifactError, match="is no model on the Hub"):
            our_hub.address_of(wrong)


def test_the_command_line_with_large_files(hub, run, tmp_path):
    """In processes of their own, which find the Hub by HF_ENDPOINT; weights go up as LFS."""
    hub.lfs = True
    surroundings = {
        **os.environ,
        **{"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), "HF_HUB_DISABLE_XET": "1"},
        **{"HF_TOKEN": TOKEN, "HOME": str(tmp_path / "home")},
    }

    def reparam(*arguments):
        command = [sys.executable, "-m", "reparam", *map(str, arguments), "--json"]
        return subprocess.run(
            command, capture_output=True, text=True, env=surroundings, cwd=tmp_path
        )

    pushed = reparam("push", run, "me/model", "--private")
    assert pushed.returncode == 0, pushed.stderr
    assert json.loads(pushed.stdout)["address"] == "hf://me/model"
    assert hub.large
    assert hub.repositories["me/model"]["private"]
    drawn = reparam("sample", "hf://me/model", "-n", 4, "--out", "samples.npz")
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "samples.npz").exists()
    assert not (tmp_path / "hf:").exists()

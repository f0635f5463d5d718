"""A stand-in for the Hub on the loopback, for HF_ENDPOINT: datasets and models, fetched, pushed, and in trouble."""

import base64
import contextlib
import hashlib
import json
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml
from huggingface_hub.utils.sha import git_hash

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_of_the_stand_in"  # the only one that may write
HTML = b"<!doctype html><title>Sign in</title><p>Welcome to this hotel's network."


@dataclass
class Repo:
    """A repository: what is at each commit, what branches and tags point to, and what goes wrong with it."""

    commits: dict[str, Path]
    refs: dict[str, str]
    trouble: str | None = None
    """A status as "503", or hang, drip, truncated, html (for weights), portal (HTML for everything), gated."""


@dataclass
class Hub:
    """A running stand-in: its address, its repositories, and the files that were asked for: (path, bytes sent)."""

    root: Path
    url: str = ""
    repos: dict[tuple[str, str], Repo] = field(default_factory=dict)
    sent: list[tuple[str, int]] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)

    def model(self, name: str, *folders: Path, trouble: str | None = None) -> list[str]:
        """Adds OWNER/NAME with a commit for each folder, tags v0, v1, ..., the last also main; returns the commits."""
        commits = [hashlib.sha1(f"{name} {i}".encode()).hexdigest() for i in range(len(folders))]
        refs = {f"v{i}": commit for i, commit in enumerate(commits)} | {"main": commits[-1]}
        self.repos["models", name] = Repo(dict(zip(commits, folders, strict=True)), refs, trouble)
        return commits


@contextlib.contextmanager
def hub(folder: Path, dataset: str | None = None) -> Iterator[Hub]:
    """Serves `folder` as the dataset OWNER/NAME; without a name it is where pushed models go."""
    told = Hub(folder)
    if dataset:
        told.repos["datasets", dataset] = Repo({COMMIT: folder}, {"main": COMMIT})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": told}))
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_):
        pass

    def answer(self) -> None:
        self.body = self.received()
        self.place, _, self.options = self.path.partition("?")
        for pattern, act in (
            (r"/api/(datasets|models)/([^/]+/[^/]+)(?:/revision/([^/]+))?", self.told),
            (r"/api/(datasets|models)/([^/]+/[^/]+)/tree/([^/]+)/?(.*)", self.listed),
            (r"/(?:(datasets)/)?([^/]+/[^/]+)/resolve/([^/]+)/(.*)", self.file),
        ):
            if self.command in ("GET", "HEAD") and (found := re.fullmatch(pattern, self.place)):
                return self.of_repo(act, *found.groups())
        if self.command in ("POST", "PUT"):
            return self.take()
        return self.missing("EntryNotFound")

    do_GET = do_HEAD = do_POST = do_PUT = answer

    def received(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    # Asking and fetching.

    def of_repo(self, act, kind: str | None, name: str, revision: str | None, *more: str) -> None:
        repo = self.hub.repos.get((kind or "models", name))
        if repo is None:
            return self.missing("RepoNotFound")
        if repo.trouble == "hang":
            return self.hub.ended.wait()
        if repo.trouble == "portal":
            return self.reply(200, HTML, {"Content-Type": "text/html"})
        if repo.trouble and repo.trouble.isdigit():
            return self.reply(int(repo.trouble), b"{}", {"Retry-After": "3600"})
        commit = repo.refs.get(revision or "main", revision)
        if commit not in repo.commits:
            return self.missing("RevisionNotFound")
        return act(name, repo, commit, *more)

    def told(self, name: str, repo: Repo, commit: str) -> None:
        folder = repo.commits[commit]
        files = [self.entry(f, folder) for f in sorted(folder.rglob("*")) if f.is_file()]
        siblings = [{"rfilename": file["path"], **self.metadata(file)} for file in files]
        self.say({"id": name, "sha": commit, "private": False, "tags": [], "siblings": siblings})

    def metadata(self, file: dict) -> dict:
        if "blobs=" not in self.options:
            return {}
        lfs = {**file["lfs"], "sha256": file["lfs"]["oid"]} if "lfs" in file else None
        return {"size": file["size"], "blobId": file["oid"], "lfs": lfs}

    def listed(self, _: str, repo: Repo, commit: str, under: str) -> None:
        folder = repo.commits[commit]
        if not (folder / under).is_dir():
            return self.missing("EntryNotFound", commit)
        inside = (folder / under).rglob("*") if "recursive=true" in self.options else (folder / under).iterdir()
        return self.say([self.entry(f, folder) for f in sorted(inside)])

    def entry(self, path: Path, folder: Path) -> dict:
        place = str(path.relative_to(folder))
        if path.is_dir():
            return {"type": "directory", "oid": "0" * 40, "size": 0, "path": place}
        content = path.read_bytes()
        entry = {"type": "file", "oid": git_hash(content), "size": len(content), "path": place}
        if place.endswith(".safetensors"):
            entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        return entry

    def file(self, _: str, repo: Repo, commit: str, place: str) -> None:
        folder = repo.commits[commit]
        if repo.trouble == "gated":
            return self.reply(403, b"{}", {"X-Error-Code": "GatedRepo"})
        if not (folder / place).is_file():
            return self.missing("EntryNotFound", commit)
        entry, content = self.entry(folder / place, folder), (folder / place).read_bytes()
        weights = "lfs" in entry
        if weights and repo.trouble == "html":
            content = HTML
        etag = entry["lfs"]["oid"] if weights else entry["oid"]
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
            self.hub.sent.append((place, last + 1 - first))
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            return self.reply(206, content[first : last + 1], headers)
        if self.command == "GET" and not self.place.startswith("/datasets/"):
            self.hub.sent.append((place, len(content)))
        return self.reply(200, content, headers, repo.trouble if weights else None)

    # Pushing: the calls of create_repo and upload_folder, with plain LFS.

    def take(self) -> None:
        if self.place == "/api/validate-yaml":
            return self.validated(json.loads(self.body)["content"])
        if self.place.startswith("/lfs/"):
            assert hashlib.sha256(self.body).hexdigest() == self.place.removeprefix("/lfs/")
            self.hub.stored[self.place.removeprefix("/lfs/")] = self.body
            return self.say({})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.reply(401, b"{}", {"X-Error-Message": "Invalid credentials in Authorization header"})
        if self.place == "/api/repos/create":
            asked = json.loads(self.body)
            name = f"{asked['organization']}/{asked['name']}"
            if ("models", name) in self.hub.repos:
                return self.reply(409, json.dumps({"url": f"{self.hub.url}/{name}"}).encode(), {})
            (empty := self.hub.root / name / "0").mkdir(parents=True)
            self.hub.repos["models", name] = Repo({"0" * 40: empty}, {"main": "0" * 40})
            return self.say({"url": f"{self.hub.url}/{name}"})
        if re.fullmatch(r"/api/models/[^/]+/[^/]+/preupload/main", self.place):
            return self.say({"files": [self.mode(file) for file in json.loads(self.body)["files"]]})
        if self.place.endswith(".git/info/lfs/objects/batch"):
            objects = [
                {**each, "actions": {"upload": {"href": f"{self.hub.url}/lfs/{each['oid']}"}}}
                for each in json.loads(self.body)["objects"]
            ]
            return self.say({"transfer": "basic", "objects": objects})
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/commit/main", self.place):
            return self.commit(found[1], [json.loads(line) for line in self.body.splitlines()])
        return self.missing("RepoNotFound")

    def mode(self, file: dict) -> dict:
        large = file["path"].endswith(".safetensors")
        return {"path": file["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False, "oid": None}

    def validated(self, content: str) -> None:
        """The Hub's own check is its secret; here the metadata has to be YAML, and to name licence and task."""
        found = re.match(r"---\n(.*?)\n---\n", content, re.DOTALL)
        metadata = yaml.safe_load(found[1]) if found else {}
        errors = [{"message": f"{key} is missing"} for key in ("license", "pipeline_tag") if key not in metadata]
        self.reply(400 if errors else 200, json.dumps({"errors": errors, "warnings": []}).encode(), {})

    def commit(self, name: str, lines: list[dict]) -> None:
        repo, commit = self.hub.repos["models", name], hashlib.sha1(self.body).hexdigest()
        folder = self.hub.root / name / commit
        shutil.copytree(repo.commits[repo.refs["main"]], folder)
        for line in lines:
            value = line["value"]
            if "path" in value:
                (folder / value["path"]).parent.mkdir(parents=True, exist_ok=True)
            if line["key"] == "file":
                (folder / value["path"]).write_bytes(base64.b64decode(value["content"]))
            elif line["key"] == "lfsFile":
                (folder / value["path"]).write_bytes(self.hub.stored[value["oid"]])
        repo.commits[commit], repo.refs["main"] = folder, commit
        self.say({"success": True, "commitUrl": f"{self.hub.url}/{name}/commit/{commit}", "commitOid": commit})

    # Answers.

    def missing(self, code: str, commit: str = COMMIT) -> None:
        self.reply(404, b"{}", {"X-Error-Code": code, "X-Repo-Commit": commit})

    def say(self, value) -> None:
        self.reply(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def reply(self, status: int, body: bytes, headers: dict, trouble: str | None = None) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if trouble == "truncated":
            body, self.close_connection = body[: len(body) // 2], True
        step = 100 if trouble == "drip" else len(body)
        with contextlib.suppress(ConnectionError):  # a client that gave up
            for start in range(0, len(body), max(1, step)):
                self.wfile.write(body[start : start + step])
                if trouble == "drip" and self.hub.ended.wait(0.1):
                    return

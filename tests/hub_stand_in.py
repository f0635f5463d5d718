"""A stand-in for the Hub on the loopback: one dataset, of the files of a folder, at one commit."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """The address of a running stand-in, and the files whose bytes were asked for: (path, bytes sent)."""

    def __init__(self, folder: Path, dataset: str):
        self.folder, self.dataset, self.sent = folder, dataset, []
        self.url = ""


@contextlib.contextmanager
def hub(folder: Path, dataset: str) -> Iterator[Hub]:
    """Serves `folder` as the dataset OWNER/NAME, to be used as HF_ENDPOINT."""
    told = Hub(folder, dataset)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": told}))
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_):
        pass

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        (path, _, options), folder, name = self.path.partition("?"), self.hub.folder, re.escape(self.hub.dataset)
        if re.fullmatch(rf"/api/datasets/{name}(/revision/(main|{COMMIT}))?", path):
            files = [{"rfilename": str(f.relative_to(folder))} for f in sorted(folder.rglob("*")) if f.is_file()]
            return self.say({"id": self.hub.dataset, "sha": COMMIT, "private": False, "tags": [], "siblings": files})
        if path.startswith(f"/api/datasets/{self.hub.dataset}/revision/"):
            return self.reply(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        if found := re.fullmatch(rf"/api/datasets/{name}/tree/(?:main|{COMMIT})(/.*)?", path):
            listed = folder / (found[1] or "").strip("/")
            if listed.is_dir():
                inside = listed.rglob("*") if "recursive=true" in options else listed.iterdir()
                return self.say([self.entry(f) for f in sorted(inside)])
        found = re.fullmatch(rf"/datasets/{name}/resolve/(?:main|{COMMIT})/(.*)", path)
        if found and (folder / found[1]).is_file():
            return self.file(found[1])
        return self.reply(404, b"{}", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})

    do_GET = do_HEAD = do_POST = answer

    def entry(self, path: Path) -> dict:
        kind = "directory" if path.is_dir() else "file"
        name = str(path.relative_to(self.hub.folder))
        return {"type": kind, "oid": "0" * 40, "size": path.stat().st_size, "path": name}

    def file(self, name: str) -> None:
        content = (self.hub.folder / name).read_bytes()
        headers = {"ETag": f'"{len(content)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
            self.hub.sent.append((name, last + 1 - first))
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            return self.reply(206, content[first : last + 1], headers)
        return self.reply(200, content, headers)

    def say(self, value) -> None:
        self.reply(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def reply(self, status: int, body: bytes, headers: dict) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

"""A stand-in on the loopback for Elasticsearch, as far as a log needs it, and for Kibana's import of saved objects.

It takes an index template, and then documents into the data streams that the template is for, each parsed by the
template's mappings as Elasticsearch does: what has no place in a field's type is refused, with the reason, alone.
"""

import base64
import contextlib
import fnmatch
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JSON = "application/vnd.elasticsearch+json;compatible-with=9"
PASSWORD = "of-the-stand-in"
_LONG = range(-(2**63), 2**63)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?")


class Refused(ValueError):
    """Why a document cannot be indexed: Elasticsearch's type of error, and a sentence."""

    def __init__(self, kind: str, reason: str):
        super().__init__(reason)
        self.kind, self.reason = kind, reason


@dataclass
class Elastic:
    """A running stand-in: its address, what it was given, and fields of documents that no mapping knew."""

    url: str = ""
    puts: dict[str, Any] = field(default_factory=dict)
    """Path → body of each PUT, such as "/_index_template/NAME"."""
    documents: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Data stream → what is in it."""
    unmapped: set[str] = field(default_factory=set)
    imported: bytes = b""
    """The file that was imported into Kibana."""
    kibana_takes_it: bool = True

    def index(self, stream: str, operation: str, document: Any) -> None:
        """Puts a document into a data stream; raises Refused."""
        template = self._template(stream)
        if operation != "create":
            reason = "only write ops with an op_type of create are allowed in data streams"
            raise Refused("illegal_argument_exception", reason)
        if not isinstance(document, dict):
            raise Refused("document_parsing_exception", "not an object")
        flat = dict(_leaves(document))
        if "@timestamp" not in flat:
            raise Refused("document_parsing_exception", "data stream timestamp field [@timestamp] is missing")
        mappings = template["template"]["mappings"]
        for name, value in flat.items():
            self._parse(name, value, mappings)
        self.documents.setdefault(stream, []).append(document)

    def _template(self, stream: str) -> dict[str, Any]:
        templates = [body for path, body in self.puts.items() if path.startswith("/_index_template/")]
        fitting = [t for t in templates if any(fnmatch.fnmatchcase(stream, p) for p in t["index_patterns"])]
        template = max(fitting, key=lambda t: t["priority"], default={})
        if "data_stream" not in template:
            raise Refused("index_not_found_exception", f"no index template makes [{stream}] a data stream")
        return template

    def _parse(self, name: str, value: Any, mappings: dict[str, Any]) -> None:
        """Finds the field `name` in the mappings and parses the value; raises Refused."""
        *parents, last = name.split(".")
        here, dynamic = mappings, mappings["dynamic"]
        for depth, parent in enumerate(parents, 1):
            here = here.get("properties", {}).get(parent)
            if here is None:
                return self._unknown(name, dynamic)
            if here.get("type", "object") != "object":
                path = ".".join(parents[:depth])
                raise Refused("document_parsing_exception", f"[{path}] of type [{here['type']}] is given an object")
            dynamic = here.get("dynamic", dynamic)
        found = here.get("properties", {}).get(last)
        if found is None:
            return self._unknown(name, dynamic)
        for each in value if isinstance(value, list) else [value]:
            _check(name, found.get("type", "object"), each)
        return None

    def _unknown(self, name: str, dynamic: bool | str) -> None:
        if dynamic == "strict":
            raise Refused("strict_dynamic_mapping_exception", f"dynamic introduction of [{name}] is not allowed")
        if not dynamic:
            self.unmapped.add(name)


def _leaves(document: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted name, value) of every field; {"log.level": ...} is the same as {"log": {"level": ...}}."""
    for key, value in document.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield before + key, value


def _check(name: str, kind: str, value: Any) -> None:
    """Whether Elasticsearch takes a value for a field of this type; raises Refused."""
    if value is None:
        return
    taken = {
        "long": lambda: int(float(value)) in _LONG and not isinstance(value, bool),
        "date": lambda: _DATE.fullmatch(value) and datetime.fromisoformat(value),
        "keyword": lambda: not isinstance(value, dict | list),
        "text": lambda: not isinstance(value, dict | list),
        "object": lambda: isinstance(value, dict),
    }[kind]
    try:
        fits = taken()
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        raise Refused("document_parsing_exception", f"failed to parse field [{name}] of type [{kind}]")


@contextlib.contextmanager
def elastic() -> Iterator[Elastic]:
    told = Elastic()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"elastic": told}))
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    elastic: Elastic

    def log_message(self, *_):
        pass

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._allowed():
            self._say(401, {"error": {"type": "security_exception", "reason": "unable to authenticate user"}})
        elif self.path == "/_bulk":
            self._say(200, self._bulk(body.decode().splitlines()))
        elif self.command == "PUT":
            self.elastic.puts[self.path] = json.loads(body)
            self._say(200, {"acknowledged": True})
        elif self.path.startswith("/api/saved_objects/_import") and "kbn-xsrf" in self.headers:
            self._import(body)
        else:
            self._say(400, {"error": "unknown"})

    do_PUT = do_POST = answer  # either brings a bulk

    def _bulk(self, lines: list[str]) -> dict[str, Any]:
        items = []
        for action, source in zip(lines[::2], lines[1::2], strict=True):
            ((operation, meta),) = json.loads(action).items()
            stream, result = meta["_index"], {"status": 201, "result": "created"}
            try:
                self.elastic.index(stream, operation, json.loads(source))
            except Refused as refused:
                result = {"status": 400, "error": {"type": refused.kind, "reason": refused.reason}}
            items.append({operation: {"_index": stream, **result}})
        return {"took": 1, "errors": any("error" in next(iter(item.values())) for item in items), "items": items}

    def _import(self, body: bytes) -> None:
        boundary = re.search(r"boundary=(\S+)", self.headers["Content-Type"])[1]
        (part,) = (p for p in body.split(b"--" + boundary.encode()) if b'name="file"' in p)
        self.elastic.imported = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        # Kibana's answer has no spaces, and status 200 even where it refused objects.
        self._say(200, b'{"successCount":1,"success":true}' if self.elastic.kibana_takes_it else b'{"success":false}')

    def _allowed(self) -> bool:
        known = base64.b64encode(f"elastic:{PASSWORD}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {known}"

    def _say(self, status: int, told: Any) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")  # which the client insists on
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

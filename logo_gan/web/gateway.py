"""The gateway of the page: what may come in, how large and how slowly; an id and a line of the log for each request.

A visitor is never told more than one sentence, and the log never what a visitor has written: of a path it has only the
part that is ours, for names of files hold prompts, and others a session's secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from loguru import logger
from starlette.requests import Request

from logo_gan.web import i18n, log
from logo_gan.web.settings import Settings
from logo_gan.web.storage import NO_ROOM, Storage

try:
    import resource
except ImportError:  # Windows
    resource = None

API = "/gradio_api"
UPLOAD = f"{API}/upload"
_HEARTBEAT = f"{API}/heartbeat/"
# What the page, its clients and probes ask for. Gradio has more: recordings, proxies, an editor of the app's source.
_ROUTES = [
    (re.compile(pattern), shown)
    for pattern, shown in (
        (r"/", "/"),
        (r"/(?:config|health|theme\.css|favicon\.ico|manifest\.json|robots\.txt|pwa_icon)/?", None),
        (r"/(?:assets|static|svelte|pwa_icon)/[^\0]*", "/assets/"),
        (API + r"/(?:info|openapi\.json|app_id|startup-events|theme\.css|user|token|login_check)/?", None),
        (API + r"/(?:queue/join|queue/data|upload|upload_progress|cancel|reset)/?", None),
        (API + r"/(?:call/(?:v2/)?|run/)\w{1,40}/?", None),
        (API + r"/call/\w{1,40}/[0-9a-f]{1,64}", f"{API}/call/"),
        (API + r"/heartbeat/\w{1,64}", f"{API}/heartbeat/"),
        (API + r"/file=/[^\0]*", f"{API}/file="),  # a path of this machine, never an address
        (API + r"/mcp(?:/.*)?", f"{API}/mcp"),
    )
]
_OF_INTEREST = re.compile(rf"/|{API}/(?:queue/join|upload|call/.*|run/.*|mcp)")  # the rest is logged at debug level
_GIVEN_ID = re.compile(rb"[\w.-]{8,64}", re.ASCII)
_UPLOAD_ID = re.compile(rb"upload_id=\w{1,64}", re.ASCII)
_SLOWEST = 1000  # bytes a second of a request, once it has taken longer than it may stand still
_DRAINED = 64_000_000  # bytes of a refused request that are read, for most clients listen only after they have spoken


class _Refused(Exception):
    """What is asked for cannot be taken: a status of HTTP and one sentence."""

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass
class _Exchange:
    """One request and its answer, as far as they have come."""

    method: str
    path: str  # without the root path
    shown: str  # for the log
    length: int  # bytes that the request says it has; 0 where it does not say
    awaited: int = 0  # bytes that room is kept for
    begin: float = field(default_factory=time.perf_counter)
    received: int = 0  # bytes
    sent: int = 0  # bytes
    status: int | None = None
    complete: bool = False  # all of the request is here
    refused: _Refused | None = None


class Gateway:
    """ASGI middleware."""

    def __init__(self, app, settings: Settings, storage: Storage, beating: Counter[str]):
        """`beating` will hold the sessions of the pages that are open, by their heartbeats."""
        if resource:  # an upload of a thousand files has all of them open
            _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            with contextlib.suppress(ValueError, OSError):  # macOS says that there is no limit, and has one
                resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self._app, self._storage, self._beating = app, storage, beating
        self._upload_mb, self._request_kb = settings.max_upload_mb, settings.max_request_kb
        self._idle = settings.idle_seconds

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        number = given.decode() if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        others = [(name, value) for name, value in scope["headers"] if name != b"x-request-id"]
        scope = {**scope, "headers": [*others, (b"x-request-id", number.encode())]}
        exchange = self._exchange(scope, headers)
        token = log.request_id.set(number)
        try:
            with self._counted(exchange.path):
                await self._answer(exchange, scope, receive, send, number)
        finally:
            self._storage.given_up(exchange.awaited)
            _tell(exchange)
            log.request_id.reset(token)

    @contextlib.contextmanager
    def _counted(self, path: str) -> Iterator[None]:
        """While the request lasts its page is open, if it is a heartbeat."""
        session = path.removeprefix(_HEARTBEAT)
        if session == path:
            yield
            return
        self._beating[session] += 1
        try:
            yield
        finally:
            self._beating[session] -= 1
            if not self._beating[session]:
                del self._beating[session]

    @staticmethod
    def _exchange(scope, headers: dict[bytes, bytes]) -> _Exchange:
        path, root = scope["path"], scope.get("root_path", "").rstrip("/")
        path = path.removeprefix(root) if root and path.startswith(f"{root}/") else path
        found = next(((match, shown) for pattern, shown in _ROUTES if (match := pattern.fullmatch(path))), None)
        length = headers.get(b"content-length", b"")
        exchange = _Exchange(
            method=scope["method"],
            path=path.rstrip("/") or "/",
            shown=(found[1] or path.rstrip("/")) if found else "(unknown)",
            length=int(length) if length.isdigit() and len(length) < 16 else 0,
        )
        # Gradio remembers for good what progress was asked for.
        strange = exchange.path == f"{UPLOAD}_progress" and not _UPLOAD_ID.fullmatch(scope["query_string"])
        if found is None or strange:
            exchange.refused = _Refused(404, "There is nothing at this address.")
        return exchange

    async def _answer(self, exchange: _Exchange, scope, receive, send, number: str) -> None:
        async def hear() -> dict:
            if exchange.refused:
                raise exchange.refused
            message = await self._hear(exchange, receive)
            exchange.received += len(message.get("body", b""))
            exchange.refused = self._too_large(exchange, exchange.received)
            if exchange.refused:
                raise exchange.refused
            if exchange.path == UPLOAD and (size := len(message.get("body", b""))):
                awaited = min(size, exchange.awaited)
                exchange.awaited -= awaited
                if not self._storage.arrived(size, awaited):
                    exchange.refused = _Refused(507, NO_ROOM)
                    raise exchange.refused
            return message

        async def speak(message: dict) -> None:
            if exchange.refused and exchange.status is None:
                return  # it is answered below, in our words
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (b"x-request-id", number.encode())]}
            exchange.sent += len(message.get("body", b""))
            await send(message)

        try:
            exchange.refused = exchange.refused or await self._unwelcome(exchange)
            if not exchange.refused:
                await self._app(scope, hear, speak)
        except _Refused:
            pass
        except Exception as error:
            if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
                logger.error("The disk is full: {}.", error.strerror)
                exchange.refused = _Refused(507, NO_ROOM)
            elif log.of_ours(error):
                logger.exception("A request failed.")
                exchange.refused = _Refused(500, "The request failed; the reason is in the log.")
            else:
                logger.opt(exception=error).debug("A request was not understood.")
                exchange.refused = _Refused(400, "The request could not be understood.")
            if exchange.status is not None:  # a part of the answer is out, and this is its end
                with contextlib.suppress(Exception):
                    await send({"type": "http.response.body", "body": b""})
        if exchange.refused and exchange.status is None:
            await self._refuse(exchange, scope, receive, send, number)

    async def _hear(self, exchange: _Exchange, receive) -> dict:
        if exchange.complete:  # what follows is only the visitor's leaving
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), self._idle)
        except TimeoutError:
            exchange.refused = _Refused(408, f"The request stood still for {self._idle} seconds and was given up.")
            raise exchange.refused from None
        seconds = time.perf_counter() - exchange.begin
        if seconds > self._idle and exchange.received < _SLOWEST * seconds and message.get("more_body"):
            exchange.refused = _Refused(408, "The request came too slowly and was given up.")
            raise exchange.refused
        exchange.complete = message["type"] != "http.request" or not message.get("more_body")
        return message

    async def _unwelcome(self, exchange: _Exchange) -> _Refused | None:
        """Why a request cannot be taken, as far as its head tells."""
        if refused := self._too_large(exchange, exchange.length):
            return refused
        if exchange.path == UPLOAD and exchange.method == "POST":
            # It may have to make room, which takes a while.
            if sentence := await asyncio.to_thread(self._storage.refusal, exchange.length):
                return _Refused(507, sentence)
            exchange.awaited = exchange.length
        return None

    def _too_large(self, exchange: _Exchange, size: int) -> _Refused | None:
        if exchange.path == UPLOAD:
            # What stands around the files in the request is small.
            if size > self._upload_mb * 1_048_576 + 65_536:
                return _Refused(413, f"The upload is too large: at most {self._upload_mb} MB are allowed.")
        elif size > self._request_kb * 1024:
            return _Refused(413, f"The request is too large: at most {self._request_kb:,} kB are allowed.")
        return None

    async def _refuse(self, exchange: _Exchange, scope, receive, send, number: str) -> None:
        """Answers in one sentence, once the request is through, or too long to listen to."""
        refused, drained = exchange.refused, 0
        while not exchange.complete and drained < _DRAINED and refused.status != 408:
            try:
                message = await self._hear(exchange, receive)
            except _Refused:
                break
            drained += len(message.get("body", b""))
            exchange.received += len(message.get("body", b""))
        exchange.refused, exchange.status = refused, refused.status
        sentence = i18n.in_language(refused.sentence, i18n.language_of(Request(scope)))
        kind, body = b"application/json", json.dumps({"detail": sentence}, ensure_ascii=False).encode()
        if exchange.path == UPLOAD:  # where the page shows the whole text
            kind, body = b"text/plain; charset=utf-8", sentence.encode()
        elif refused.status == 413 and exchange.path == f"{API}/queue/join":
            # Gradio's page and clients show what it calls a failed validation, and of other answers only the status.
            exchange.status = 422
            told = {"__type__": "validate", "is_valid": False, "message": sentence, "parameter_name": "size"}
            body = json.dumps({"detail": [told]}, ensure_ascii=False).encode()
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()),
                   (b"connection", b"close"), (b"x-request-id", number.encode())]  # fmt: skip
        exchange.sent = len(body)
        await send({"type": "http.response.start", "status": exchange.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _tell(exchange: _Exchange) -> None:
    """The request's line in the log."""
    seconds, status = time.perf_counter() - exchange.begin, exchange.status
    of_interest = exchange.refused or (exchange.method != "HEAD" and _OF_INTEREST.fullmatch(exchange.shown))
    level = "ERROR" if status == 500 else "INFO" if of_interest else "DEBUG"
    ecs = {
        "event": {
            "kind": "event", "category": ["web"], "type": ["access"], "action": "http-request",
            "duration": round(seconds * 1e9),
            "outcome": "unknown" if status is None else "success" if status < 400 else "failure",
        },
        "http": {"request": {"method": exchange.method, "body": {"bytes": exchange.received}},
                 "response": {"body": {"bytes": exchange.sent}}},
        "url": {"path": exchange.shown},
    }  # fmt: skip
    if status is not None:
        ecs["http"]["response"]["status_code"] = status
    logger.bind(ecs=ecs).log(
        level, "{} {}: {} in {:.0f} ms, {} bytes in, {} bytes out", exchange.method, exchange.shown,
        status or "the visitor left", 1000 * seconds, exchange.received, exchange.sent,
    )  # fmt: skip

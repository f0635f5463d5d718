"""Gradio's Blocks for a public page: a line of the log for each event, one sentence for whatever fails, no fetching."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr
from gradio import state_holder
from gradio.exceptions import InvalidPathError
from gradio.routes import file_upload_statuses
from gradio.state_holder import SessionState
from gradio.utils import LRUCache
from loguru import logger
from starlette.middleware import Middleware
from starlette.routing import Route

from logo_gan.web import i18n, log, process_memory
from logo_gan.web.gateway import Gateway
from logo_gan.web.settings import Settings, current
from logo_gan.web.storage import Storage

GIVE_BACK_SECONDS = 20.0
CALL_SECONDS = 2.0  # after which the session of a single call is dropped; Gradio looks at it once more
_PROGRESSES = 1000  # uploads whose progress is remembered
_SHOWN = 200  # characters of an argument in the log, at debug level
_STRANGE = "The request could not be read: an argument is missing, or of another kind than the endpoint takes."
_NOT_HERE = "That file was not uploaded to this page: upload it first, and name the path that the upload gives."


class Page(gr.Blocks):
    """Blocks whose events are logged, and fail in one sentence."""

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self._gave_back = time.monotonic()
        self._beating: Counter[str] = Counter()  # sessions of open pages
        self._begun: WeakKeyDictionary[Any, float] = WeakKeyDictionary()  # when events that yield began

    def serve(self, settings: Settings, storage: Storage, *routes: Route, **looks: Any) -> str:
        """Serves the page, with every side entrance of Gradio shut, and returns its address; raises OSError.

        Args:
            looks: further arguments of `launch`.
        """
        self.queue(api_open=False, max_size=settings.queue)
        # Answers that nobody has fetched.
        self._queue.pending_messages_per_session = _Unfetched(self._queue, settings.queue + settings.sessions)
        state_holder.SessionState = _Session
        _, address, _ = self.launch(
            server_port=settings.port,
            app_kwargs={"routes": [*routes], "middleware": [Middleware(Gateway, settings, storage, self._beating)]},
            max_file_size=f"{settings.max_upload_mb}mb",
            state_session_capacity=settings.sessions + settings.queue,  # what waits has a session, too
            run_history=False,
            enable_monitoring=False,
            ssr_mode=False,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            **looks,
        )
        return address

    def let_go(self) -> None:
        """Drops what Gradio would remember of those who are gone; to be called every few seconds, from any thread."""
        for paths in self.temp_file_sets:
            paths.clear()  # of files that `storage` deletes
        now, sessions = datetime.now(), self.state_holder.session_data
        away = 60 * current().away_minutes
        for session, state in list(sessions.items()):
            # Gradio never opens again what a lost connection has closed, and has an hour of its own.
            state.is_closed &= session not in self._beating
            state.STATE_TTL_WHEN_CLOSED = away
            used = self.state_holder.time_last_used.get(session, now)
            if state.is_closed and (now - used).total_seconds() > away:
                self._forget(session)  # Gradio would drop its values, and keep a copy of all components
        waiting = self._queue.pending_messages_per_session
        for session in list(self._queue.pending_event_ids_session):
            if session not in waiting:
                self._queue.pending_event_ids_session.pop(session, None)
        if len(file_upload_statuses._signals) > _PROGRESSES:  # Gradio keeps one for each upload for good
            file_upload_statuses._signals.clear()
            file_upload_statuses._statuses.clear()
        if time.monotonic() - self._gave_back > GIVE_BACK_SECONDS:
            self._gave_back = time.monotonic()
            process_memory.give_back()

    def _forget(self, session: str) -> None:
        self.state_holder.delete_state(session)
        with self.state_holder.lock:
            self.state_holder.session_data.pop(session, None)
            self.state_holder.time_last_used.pop(session, None)

    def waiting(self) -> int:
        """How many events wait in the queue."""
        return len(self._queue)

    async def process_api(self, block_fn, inputs: list[Any], state=None, request=None, iterator=None, *rest, **others):
        """Runs an event as Gradio does, or a further step of one that yields (`iterator`)."""
        event = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        token = log.request_id.set(_id(request))
        begin, going_on = time.perf_counter(), False
        begin = self._begun.get(iterator, begin) if iterator else begin
        try:
            if iterator is None:
                _forbid_addresses(inputs)
                asked = logger.opt(lazy=True)
                asked.debug("Asked for {}: {}", lambda: _name(event), lambda: [str(each)[:_SHOWN] for each in inputs])
            result = await super().process_api(block_fn, inputs, state, request, iterator, *rest, **others)
            going_on = result["is_generating"]
            if not going_on:
                _tell(event, begin, None)
            elif iterator is None:
                self._begun[result["iterator"]] = begin
            return result
        except gr.Error as error:
            _tell(event, begin, error.__cause__ or error)
            error.print_exception = False  # Gradio's own print is no line of our log
            raise
        except Exception as error:
            _tell(event, begin, error)
            sentence = _NOT_HERE if isinstance(error, InvalidPathError) else _STRANGE
            if log.of_ours(error):
                logger.exception("An event failed.")
                sentence = "That failed; the reason is in the log."
            language = "en" if event.api_visibility == "public" else i18n.language_of(request)
            raise gr.Error(i18n.in_language(sentence, language), print_exception=False) from error
        finally:
            log.request_id.reset(token)
            session = others.get("session_hash")
            if session and session == others.get("event_id") and not going_on:
                # Gradio makes a session for a call of an endpoint alone, which would push a visit's out in time.
                asyncio.get_running_loop().call_later(CALL_SECONDS, self._forget, session)


class _Session(SessionState):
    """What Gradio remembers of a visit, without its copy of all components with what was last sent for each of them.

    That is for deep links, which are shut here; it would take 20 ms a visit, and as much memory as strangers like.
    """

    def __init__(self, blocks: gr.Blocks):
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks=()))

    def _update_config(self, key: int) -> None: ...

    def _update_value_in_config(self, key: int, value: Any) -> None: ...


class _Unfetched(LRUCache):
    """Session → answers that nobody has fetched: the oldest make room, but for those of whom something is asked."""

    def __init__(self, queue: Any, size: int):
        super().__init__(size)
        self._queue = queue

    def __setitem__(self, session: str, answers: Any) -> None:
        if session not in self and len(self) >= self.max_size:
            waiting = self._queue.pending_event_ids_session
            if oldest := next((each for each in self if not waiting.get(each)), None):
                del self[oldest]
        super().__setitem__(session, answers)


def _id(request: Any) -> str | None:
    """The id that the gateway has given to the request."""
    return (request.headers or {}).get("x-request-id") if isinstance(request, gr.Request) else None


def _forbid_addresses(value: Any, depth: int = 0) -> None:
    """Gradio fetches a file whose path is an address; whoever has a file can send it."""
    if depth > 8:
        raise gr.Error(_STRANGE, print_exception=False)
    if isinstance(value, dict):
        path = value.get("path")
        if isinstance(path, str) and "://" in path:
            raise gr.Error(_NOT_HERE, print_exception=False)
        value = [*value.values()]
    if isinstance(value, list):
        for each in value:
            _forbid_addresses(each, depth + 1)


def _name(event) -> str:
    """An endpoint's name, or that of the function behind an event of the page: Gradio numbers their names."""
    if event.api_visibility == "public" and event.api_name:
        return event.api_name
    return getattr(event.fn, "__name__", "event")


def _tell(event, begin: float, failed: BaseException | None) -> None:
    """The event's line in the log; of what failed, its kind alone, for the sentence can quote what a visitor wrote."""
    seconds, name = time.perf_counter() - begin, _name(event)
    ecs: dict[str, Any] = {
        "event": {
            "kind": "event",
            "category": ["web"],
            "type": ["access", "error"] if failed else ["access"],
            "action": name,
            "duration": round(seconds * 1e9),
            "outcome": "failure" if failed else "success",
        },
    }
    if failed:
        ecs["error"] = {"type": type(failed).__name__}
    outcome = f"refused or failed ({type(failed).__name__})" if failed else "done"
    logger.bind(ecs=ecs).info("{}: {} in {:.0f} ms", name, outcome, 1000 * seconds)

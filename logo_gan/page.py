"""Gradio's Blocks for a public page: a line of the log for each event, one sentence for whatever fails, no fetching."""

from __future__ import annotations

import time
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr
from gradio.exceptions import InvalidPathError
from loguru import logger
from starlette.middleware import Middleware
from starlette.routing import Route

from logo_gan import log, texts
from logo_gan.door import Door
from logo_gan.settings import Settings
from logo_gan.storage import Storage

_SHOWN = 200  # characters of an argument in the log, at debug level
_STRANGE = "The request could not be read: an argument is missing, or of another kind than the endpoint takes."
_NOT_HERE = "That file was not uploaded to this page: upload it first, and name the path that the upload gives."


class Page(gr.Blocks):
    """Blocks whose events are logged, and fail in one sentence."""

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self._begun: WeakKeyDictionary[Any, float] = WeakKeyDictionary()  # when events that yield began

    def serve(self, settings: Settings, storage: Storage, *routes: Route, **looks: Any) -> str:
        """Serves the page, with every side door of Gradio shut, and returns its address; raises OSError.

        Args:
            looks: further arguments of `launch`.
        """
        _, address, _ = self.queue(api_open=False, max_size=settings.queue).launch(
            server_port=settings.port,
            app_kwargs={"routes": [*routes], "middleware": [Middleware(Door, settings=settings, storage=storage)]},
            max_file_size=f"{settings.max_upload_mb}mb",
            state_session_capacity=settings.sessions,
            run_history=False,
            enable_monitoring=False,
            ssr_mode=False,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            **looks,
        )
        return address

    def waiting(self) -> int:
        """How many events wait in the queue."""
        return len(self._queue)

    async def process_api(self, block_fn, inputs: list[Any], state=None, request=None, iterator=None, *rest, **others):
        """Runs an event as Gradio does, or a further step of one that yields (`iterator`)."""
        event = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        token = log.request_id.set(_id(request))
        begin = self._begun.get(iterator, time.perf_counter()) if iterator else time.perf_counter()
        try:
            if iterator is None:
                _forbid_addresses(inputs)
                asked = logger.opt(lazy=True)
                asked.debug("Asked for {}: {}", lambda: _name(event), lambda: [str(each)[:_SHOWN] for each in inputs])
            result = await super().process_api(block_fn, inputs, state, request, iterator, *rest, **others)
            if not result["is_generating"]:
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
            language = "en" if event.api_visibility == "public" else texts.language_of(request)
            raise gr.Error(texts.in_language(sentence, language), print_exception=False) from error
        finally:
            log.request_id.reset(token)


def _id(request: Any) -> str | None:
    """The id that the door has given to the request."""
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

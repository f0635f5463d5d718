"""/health, for whoever watches the app: a load balancer, a container's health check, a dashboard."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from logo_gan.web.warmup import ModelUnavailableError, WarmUp

_begin = time.monotonic()


def route(model: WarmUp, waiting: Callable[[], int]) -> Route:
    """GET /health: 200 once the app can draw, and 503 before, or if no model could be loaded.

    Args:
        waiting: the number of events in the queue.
    """

    async def health(_: Request) -> JSONResponse:
        told = {"uptime_seconds": round(time.monotonic() - _begin, 1), "queue_length": waiting()}
        if not model.settled:
            return _answer(503, {"status": "loading", **told})
        try:
            gan = model.model()
        except ModelUnavailableError as error:
            return _answer(503, {"status": "failed", "reason": str(error), **told})
        about = {
            "model": gan.config["name"],
            "source": gan.source,
            "revision": gan.revision,
            "fingerprint": gan.fingerprint,
        }
        return _answer(200, {"status": "ready", **about, "notice": model.notice, **told})

    return Route("/health", health, methods=["GET"])


def _answer(status: int, told: dict) -> JSONResponse:
    return JSONResponse(told, status, headers={"Cache-Control": "no-store"})

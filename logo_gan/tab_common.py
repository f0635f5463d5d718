"""What the page's events and the endpoints for programs share: errors as one sentence, seeds, captions, files."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import gradio as gr
from loguru import logger

from logo_gan import served, settings, texts
from logo_gan.address import Address, Mixture, Neighbour, Proposal, marks
from logo_gan.design import Design
from logo_gan.warmup import ModelUnavailableError

PAGE_JS = Path(__file__).with_name("page.js").read_text("utf-8")
PNG_SIZE = 1024  # pixels: what /generate and its like answer
# One queue for everything that runs torch: two generations at once would only share the same cores.
TORCH = {"concurrency_id": "torch", "concurrency_limit": settings.current().drawings}
QUIET = {"show_progress": "hidden", "api_visibility": "private"}
_WHOLE = re.compile(r"[0-9]{1,10}")


def guarded(job: Callable, request: gr.Request | None = None):
    """What `job` gives, or gr.Error with the one sentence that the visitor can act on."""
    try:
        return job()
    except gr.Error:
        raise
    except (ValueError, ModelUnavailableError) as error:
        raise gr.Error(told(str(error), request), print_exception=False) from error
    except Exception as error:
        logger.exception("A drawing failed.")
        raise gr.Error(told("The drawing failed; the reason is in the log.", request), print_exception=False) from error


def told(sentence: str, request: gr.Request | None) -> str:
    """A sentence for the page in its visitor's language; for programs as it is.

    The page takes toasts for markup, and in a sentence may be what stood in an address that somebody else has written.
    """
    return sentence if request is None else html.escape(texts.in_language(sentence, texts.language_of(request)))


def warn(sentence: str, request: gr.Request, duration: float | None = 10) -> None:
    """Says a sentence in the corner of the page."""
    gr.Warning(told(sentence, request), duration=duration)


def checked_seed(value: float | str | None) -> int:
    """The seed as a whole number, a random one for an empty field; raises ValueError with one sentence."""
    # Imported here: at the top it would hold up the page until torch has been loaded.
    from logo_gan.pipeline import check_seed, random_seed

    if value is None or value == "":
        return random_seed()
    # JSON and JavaScript know one kind of number: 7.0 is as whole as 7.
    whole_float = isinstance(value, float) and value.is_integer()
    whole_text = isinstance(value, str) and _WHOLE.fullmatch(value.strip())
    return check_seed(int(value) if whole_float or whole_text else value)


def said(address: Address | None, caption: str, say: Callable[..., str]) -> str:
    """What stands below a logo, and is its alternative text."""
    match address:
        case Proposal(number=number):
            return say("generate.proposal", number=number, caption=caption)
        case Neighbour(numbers=numbers):
            return say("generate.variation", number=numbers[-1], caption=caption)
        case Mixture(step=step, steps=steps):
            return say("generate.step", step=step, steps=steps, caption=caption)
    return caption


def saved(design: Design, ending: str, size: int) -> str:
    """The path of a file to save."""
    name = design.filename(*marks(design.logo.address))
    if ending == "svg":
        return served.write(design.svg().encode(), f"{name}.svg")
    return served.png(design.image(size), f"{name}.png")

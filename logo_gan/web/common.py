"""What the page's events and the endpoints for programs share: errors as one sentence, seeds, captions, files."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
from loguru import logger

from logo_gan.logo.finish import Finished
from logo_gan.model.address import Address, Mixture, Neighbour, Proposal, marks, parse
from logo_gan.text.prompt import tidy
from logo_gan.web import files, i18n, provenance, settings
from logo_gan.web.warmup import ModelUnavailableError

if TYPE_CHECKING:
    from logo_gan.logo.design import Logo
    from logo_gan.logo.pixels import PixelLogo

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
    return sentence if request is None else html.escape(i18n.in_language(sentence, i18n.language_of(request)))


def warn(sentence: str, request: gr.Request, duration: float | None = 10) -> None:
    """Says a sentence in the corner of the page."""
    gr.Warning(told(sentence, request), duration=duration)


def parsed(address: str) -> Address:
    """An address that a visitor has sent, no further than this server goes; raises ValueError with one sentence."""
    return parse(address, most_work=settings.current().max_work)


def tidied(prompt: str | None) -> str:
    """A prompt that a visitor has written, no longer than this server takes; raises ValueError with one sentence."""
    return tidy(prompt, settings.current().max_prompt)


def checked_seed(value: float | str | None) -> int:
    """The seed as a whole number, a random one for an empty field; raises ValueError with one sentence."""
    # Imported here: at the top it would hold up the page until torch has been loaded.
    from logo_gan.model.pipeline import check_seed, random_seed

    if value is None or value == "":
        return random_seed()
    # JSON and JavaScript know one kind of number: 7.0 is as whole as 7.
    whole_float = isinstance(value, float) and value.is_integer()
    whole_text = isinstance(value, str) and _WHOLE.fullmatch(value.strip())
    return check_seed(int(value) if whole_float or whole_text else value)


def said(logo: Logo | PixelLogo, say: Callable[..., str]) -> str:
    """What stands below a logo, and is its alternative text: its number, what it was drawn from, its prompt."""
    words = {"caption": logo.caption, "source": provenance.short(logo, say)}
    match logo.address:
        case Proposal(number=number):
            return say("generate.proposal", number=number, **words)
        case Neighbour(numbers=numbers):
            return say("generate.variation", number=numbers[-1], **words)
        case Mixture(step=step, steps=steps):
            return say("generate.step", step=step, steps=steps, **words)
    return logo.caption


def saved(finished: Finished, ending: str, size: int = PNG_SIZE) -> str:
    """The path of a file to save: png, svg, pdf, or the kit as zip."""
    name = finished.filename(*marks(finished.logo.address))
    match ending:
        case "png":
            return files.png(finished.image(size), f"{name}.png")
        case "svg":
            return files.write(finished.svg().encode(), f"{name}.svg")
        case "pdf":
            return files.write(finished.pdf(), f"{name}.pdf")
    return files.write(finished.kit(), f"{name}-kit.zip")

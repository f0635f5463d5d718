"""The fields for name, slogan and trade: what stands there goes along with the prompt as labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from logo_gan.logo import feelings
from logo_gan.logo.typefaces import DEFAULT_FONT, MAX_NAME
from logo_gan.text import labels
from logo_gan.text.prompt import PromptError

if TYPE_CHECKING:
    from logo_gan.model.pipeline import LogoGAN
    from logo_gan.web.session import Session

KINDS = ("brand", "slogan", "trade")  # in the order of the fields


def asked(prompt: str | None, written: Sequence[str | None], given: Mapping[str, str]) -> str:
    """A prompt with a label for each field that holds something else than the prompt gave it the last time."""
    whole = prompt or ""
    for kind, value in zip(KINDS, written, strict=True):
        if (value or "").strip() and value != given.get(kind):
            whole = labels.put(whole, kind, value)
    return whole


def split(prompt: str) -> tuple[str, dict[str, str]]:
    """A prompt that `asked` made, as its field and those of the names hold it."""
    own = {kind: value for kind, value in labels.split(prompt)[1].items() if kind in KINDS}
    for kind in own:
        prompt = labels.put(prompt, kind, None)
    return prompt, own


def given(gan: LogoGAN, prompt: str) -> dict[str, str]:
    """What a prompt names, without its fields, and the `font` that goes with its style; the baseline reads nothing."""
    try:
        brief = gan.read(prompt) if gan.memory is not None else None
    except PromptError:  # without a word
        brief = None
    if brief is None:
        return dict.fromkeys(KINDS, "") | {"font": DEFAULT_FONT}
    found = {kind: getattr(brief, kind) or "" for kind in KINDS}
    found["brand"] = found["brand"] if len(found["brand"]) <= MAX_NAME else ""  # longer than what can be set
    return found | {"font": feelings.font(brief.style)}


def held(gan: LogoGAN, session: Session, prompt: str) -> tuple[str, str, str, str]:
    """What the fields of prompt, name, slogan and trade hold for a logo's prompt; the session learns what it gave.

    A brand in the prompt's own words stands in its field only where it is set with the logo.
    """
    box, own = split(prompt)
    session.given = given(gan, box)
    return box, own.get("brand", ""), *(own.get(kind, session.given[kind]) for kind in KINDS[1:])

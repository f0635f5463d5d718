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

KINDS = ("brand", "slogan", "trade")  # in the order of the fields


def asked(gan: LogoGAN, prompt: str | None, written: Sequence[str | None], before: Mapping[str, str]) -> str:
    """A prompt with a label for each field that holds something else than the prompt gives it.

    Args:
        prompt: as its field has it.
        written: what the fields of name, slogan and trade hold.
        before: what the last prompt gave them (`given`). One that was emptied says "none" while that is so.
    """
    whole, now = prompt or "", given(gan, prompt or "")
    for kind, value in zip(KINDS, written, strict=True):
        if (value or "").strip() and value != before.get(kind):
            whole = labels.put(whole, kind, value)
        elif before.get(kind) and not (value or "").strip() and now[kind] == before[kind]:
            whole = labels.put(whole, kind, labels.NONE)
    return whole


def split(prompt: str) -> tuple[str, dict[str, str]]:
    """A prompt that `asked` made, as its field and those of the names hold it."""
    own = {kind: value for kind, value in labels.split(prompt)[1].items() if kind in KINDS}
    for kind in own:
        prompt = labels.put(prompt, kind, None)
    return prompt, {kind: "" if value == labels.NONE else value for kind, value in own.items()}


def given(gan: LogoGAN, prompt: str) -> dict[str, str]:
    """What a prompt names, without its fields, and the `font` that goes with its style; the baseline reads nothing.

    `too_long` is a sentence about a brand that cannot be set, or empty.
    """
    try:
        brief = gan.read(prompt) if gan.memory is not None else None
    except PromptError:  # without a word
        brief = None
    if brief is None:
        return dict.fromkeys(KINDS, "") | {"font": DEFAULT_FONT, "too_long": ""}
    found = {kind: getattr(brief, kind) or "" for kind in KINDS}
    too_long = ""
    if (length := len(found["brand"])) > MAX_NAME:
        found["brand"], too_long = "", f"A name has at most {MAX_NAME} characters, and this one has {length}."
    return found | {"font": feelings.font(brief.style), "too_long": too_long}

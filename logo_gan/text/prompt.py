"""Prompts as visitors send them: tidied, or refused with a sentence that says why."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 500  # characters

_SAID = re.compile(r"[^\W_]")
# A line that begins an entry of a list, by a bullet, a number, a capital or a label, is parted from others by a comma.
_BULLET = r"(?:[-*•·–—]\s+|\d{1,2}[.)]\s+)"
_ENTRY = re.compile(rf"(?<=[^,;:.!?\s])\s*\n\s*(?:{_BULLET}(?=\S)|(?=[^\W\d_a-zа-яё]|\w+(?: \w+)?\s*:))")
_FIRST = re.compile(rf"^\s*{_BULLET}(?=\S.*\n\s*{_BULLET})")
# Joiners are format characters too, but Persian, Hindi and emoji are spelt with them.
_JOINERS = "\u200c\u200d"


class PromptError(ValueError):
    """A prompt that cannot be drawn; str() is one plain sentence."""


def tidy(text: object, longest: int = LONGEST) -> str:
    """Unicode NFC, control characters and lone surrogates out, white space folded, entries of a list parted by commas.

    Raises:
        PromptError: the prompt is empty, longer than `longest` characters, or without a single word or emoji.
    """
    if text is None:
        text = ""
    if not isinstance(text, str):
        raise PromptError("The prompt must be a text.")
    if len(text) > 10 * longest:  # before anything whose cost grows with the length
        raise _too_long(len(text), longest)
    text = "".join(c for c in text if c.isspace() or c in _JOINERS or unicodedata.category(c)[0] != "C")
    text = _ENTRY.sub(", ", _FIRST.sub("", "\n".join(text.splitlines())))
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if not text.strip(_JOINERS):
        raise PromptError("The prompt is empty: say in a few words what the logo should show.")
    if len(text) > longest:
        raise _too_long(len(text), longest)
    # The character for what could not be decoded is a symbol by its category, too.
    if not _SAID.search(text) and not any(unicodedata.category(c) == "So" and c != "\ufffd" for c in text):
        raise PromptError("The prompt has no word in it: say in a few words what the logo should show.")
    return text


def _too_long(length: int, longest: int) -> PromptError:
    return PromptError(f"The prompt has {length:,} characters, and at most {longest} are allowed.")

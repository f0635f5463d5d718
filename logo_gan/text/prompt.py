"""Prompts as visitors send them: tidied, or refused with a sentence that says why."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 500  # characters

_SAID = re.compile(r"[^\W_]")
# A line that begins an entry of a list, by a bullet, a number or a label, is parted from the one before by a comma.
_BULLET = re.compile(r"(?:[-*•·–—]|\d{1,2}[.)])\s+(?=\S)")
_LABELLED = re.compile(r"\w+(?: \w+)?\s*:")
_LABELS = re.compile(r"\s?\[[^\[\]:]{1,30}:[^\[\]]{1,120}\]")  # corrections (labels.py), which are not counted
MOST_LABELS = 2  # times as long as the words may be
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
    text = _in_one_line(text.splitlines())
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if not text.strip(_JOINERS):
        raise PromptError("The prompt is empty: say in a few words what the logo should show.")
    words = len(_LABELS.sub("", text))
    if words > longest or len(text) > longest * (1 + MOST_LABELS):
        raise _too_long(max(words, len(text) - longest * MOST_LABELS), longest)
    # The character for what could not be decoded is a symbol by its category, too.
    if not _SAID.search(text) and not any(unicodedata.category(c) == "So" and c != "\ufffd" for c in text):
        raise PromptError("The prompt has no word in it: say in a few words what the logo should show.")
    return text


def _in_one_line(lines: list[str]) -> str:
    """Lines one after the other; a list keeps its entries apart."""
    lines = [line for line in map(str.strip, lines) if line]
    # In a list without bullets or labels, every line begins with a capital.
    listed = len(lines) > 2 and all(line[0].isupper() or _BULLET.match(line) for line in lines)
    text = ""
    for line in lines:
        bullet = _BULLET.match(line) if len(lines) > 1 else None
        entry = bool(text) and (listed or bullet or _LABELLED.match(line)) and text[-1] not in ",;:.!?"
        text += ("," if entry else "") + (" " if text else "") + (line[bullet.end() :] if bullet else line)
    return text


def _too_long(length: int, longest: int) -> PromptError:
    return PromptError(f"The prompt has {length:,} characters, and at most {longest} are allowed.")

"""What of a prompt is left when it has been read: what is told, what needs no reading, what is not understood."""

from __future__ import annotations

import re

from logo_gan.text.reading import Reading, tell
from logo_gan.text.vocabulary import Token, singular, table

_ASKED = re.compile(
    r"\s*\b(?:(?:and|so|but)\s+)?(?:i|we)\b['’\s]*(?:d|would|want|wants|need|am looking|are looking|wish)\b.*$", re.I
)


def words(reading: Reading) -> tuple[str, ...]:
    """Words without a role that say something, as they stand in the prompt; a clause of the writer's own as a whole."""
    _silence(reading)
    # What is named again was read where it stood first.
    read = {singular(token.low) for token in reading.words if token.role in ("thing", "container", "avoid", "trade")}
    missed, run = [], []
    for token in [*reading.words, None]:
        if token is not None and token.role == "said":
            run.append(token)
            continue
        again = token is not None and singular(token.low) in read
        if token is not None and not (token.role or again) and token.is_word and len(token.low) > 1:
            missed.append(token.text)
        if run:
            heard = [t for t in run if t.low not in table("stops") and t.low not in table("filler")]
            told = _ASKED.sub("", reading.text[run[0].start : run[-1].end])
            missed += [told] if len(heard) > 2 and told else []
            run = []
    return tuple(dict.fromkeys(missed))


def hear(reading: Reading) -> None:
    """Several words in a row that ask for nothing tell of the writer."""
    run: list[Token] = []
    for token in [*reading.words, None]:
        if token is not None and not token.tag and token.role in ("", "said"):
            run.append(token)
            continue
        names = ("stops", "filler", "asking", "generic")
        if sum(t.is_word and not any(t.low in table(name) for name in names) for t in run) > 2:
            tell(run, "said")
        run = []


def _silence(reading: Reading) -> None:
    """What is said around what is wanted needs no reading."""
    i = 0
    while i < len(reading.words):
        hit = table("filler").find(reading.words, i)
        end = hit[0] if hit else i + 1
        quiet = bool(hit) or any(
            reading.words[i].low in table(name)
            for name in ("stops", "asking", "generic", "trade_adjectives", "adjectives")
        )
        for token in reading.words[i:end]:
            if quiet and not token.role:
                token.role = "filler"
        i = end

"""What captions say, from their counts: the parts that all share, the trades, and the words that remain."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pyarrow.compute as pc

from eda.columns import BETWEEN, WORD_BREAKS
from eda.statistics import Texts

SHARED = 0.5  # of the captions: what more of them contain is shared by all
CLOUD = 200  # words of a cloud; more cannot be told apart, and the layout takes its time for each
FEW = 4  # captions
TRADE = 0.002  # of the captions, and two at least: what fewer say before the tail is their own brand's


def shared(texts: Texts) -> list[str]:
    """The epithets that most captions have, the commonest first: their common tail."""
    most = _half(texts)
    return [part for part, n in ranked(texts.parts.counts) if n > most]


def epithets(texts: Texts, most: int = 25) -> list[tuple[str, int]]:
    """The commonest parts after a caption's first comma, without the shared ones."""
    tail = set(shared(texts))
    return [(part, n) for part, n in ranked(texts.parts.counts) if part not in tail and n > 1][:most]


def trades(texts: Texts, most: int = 25) -> list[tuple[str, int]]:
    """The commonest parts that stand right before the shared tail, which is where captions name the trade."""
    tail = set(shared(texts))
    within: dict[str, int] = dict.fromkeys(tail, 0)  # how often a shared part follows another one
    before: dict[str, dict[str, int]] = {part: {} for part in tail}
    for pair, n in texts.pairs.counts.items():
        part, following = pair.split(BETWEEN, 1)
        if following in tail:
            if part in tail:
                within[following] += n
            elif part:
                before[following][part] = n
    first = [part for part in tail if within[part] < texts.parts.counts[part] / 2]
    least = max(2, TRADE * texts.lengths.count)
    found = {part: n for start in first for part, n in before[start].items() if n >= least}
    return ranked(found)[:most]


def words(texts: Texts, with_shared: bool = False, most: int = CLOUD) -> list[tuple[str, int]]:
    """The commonest words of the captions, without stop words, numbers and single letters.

    `with_shared` also counts the words that all captions share: those of their tail, and of its beginning.
    """
    counts = dict(texts.words.counts)
    if not with_shared:
        # Of few captions, what all begin with cannot be told from a word that one of them repeats.
        half = _half(texts) if texts.lengths.count >= FEW else float("inf")
        for part in shared(texts):
            for word in pc.split_pattern_regex(part, WORD_BREAKS).as_py():
                counts[word] = counts.get(word, 0) - texts.parts.counts[part]
        counts = {word: n for word, n in counts.items() if 0 < n <= half}
    stop = _stop_words()
    told = {w: n for w, n in counts.items() if len(w) > 1 and w not in stop and any(map(str.isalpha, w))}
    return ranked(told)[:most]


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The commonest first; alphabetically where equal."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _half(texts: Texts) -> float:
    """What occurs more often than this is shared; a single caption shares nothing."""
    return max(SHARED * texts.lengths.count, 1)


@cache
def _stop_words() -> frozenset[str]:
    from wordcloud import STOPWORDS

    return frozenset(STOPWORDS)

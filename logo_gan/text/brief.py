"""A prompt becomes a brief: what to draw, in which colours and container, for whom, and what was not understood.

By rules, in the order of how sure they are: quoted names, codes of colours and letters first, phrases of the vocabulary
next, and what is left of the words is looked for among the drawings. Every word gets a role or is not understood.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field

from logo_gan.text import colours, emoji, names, russian, vocabulary
from logo_gan.text.phrases import COUNTS, Finder, Thing, Things
from logo_gan.text.vocabulary import Token, table

ROLES = ("mark", "container", "ground", "accent")
WHITE, DARK = "#ffffff", "#14171c"
BREAKS = set(',;:.!?\n()[]|•·*/<>{}"«»“”„=~_') | {"—", "–", "…"}
GROUND = {"background", "backgrounds", "backdrop", "bg", "canvas", "ground"}
CLEAR = {"transparent", "clear", "empty", "plain", "no", "alpha", "blank"}
ON = {"on", "against", "over", "upon", "onto"}
NO = {
    ("no",), ("not",), ("without",), ("never",), ("avoid",), ("avoiding",), ("except",), ("excluding",), ("minus",),
    ("nothing",), ("don't", "use"), ("don't", "want"), ("don't", "include"), ("do", "not", "use"), ("do", "not", "want"),
    ("do", "not", "include"), ("do", "not", "add"), ("don't", "add"), ("don't", "like"), ("don't", "put"), ("free", "of"),
    ("please", "no"), ("not", "a"), ("do", "not", "put"), ("nor",), ("don't", "draw"), ("instead", "of"), ("rather", "than"),
    ("isn't",), ("aren't",), ("shouldn't", "be"), ("should", "not", "be"), ("shouldn't", "have"), ("don't", "make"),
    ("should", "not", "have"), ("should", "not", "contain"), ("doesn't", "need"), ("don't", "need"), ("neither",),
}  # fmt: skip
SAFE = {("profit",), ("nonsense",), ("only",), ("just",), ("sure",)}  # "non profit", "no nonsense", "not only"
# Words that alone do not ask for a container: a drawing may be meant.
BOTH = {"shield", "crest", "diamond", "ring", "seal", "round", "circular", "hexagonal", "hex", "badge", "rosette",
        "medallion", "hoop", "disc", "disk", "lozenge", "starburst", "coat"}  # fmt: skip
SHAPED = {"shape", "shapes", "shaped", "frame", "frames", "border", "container", "outline", "emblem", "logo", "badge",
          "background", "form", "icon", "logotype", "behind", "around", "design"}  # fmt: skip
AROUND = {"with", "containing", "around", "holding", "showing", "behind", "surrounding", "enclosing"}
PROSE = {"i", "i'm", "i've", "i'd", "we", "we're", "we've", "we'd", "we'll", "our", "my", "they", "you", "us"}
INTRO = {"logo", "icon", "emblem", "symbol", "picture", "image", "something", "logotype", "mark", "drawing"} | set(
    "draw draws drawing show shows showing depict depicts depicting feature features featuring display displaying include "
    "includes including contain containing contains want wants need needs like love prefer imagine have has".split()
)
GROWN = set("tree trees leaf leaves branch petal petals flower fruit slice cone bush garden bean beans bar cup seed blossom "
            "wedge plant bouquet vine dune castle bottle glass cask barrel grapes stem sprig".split())  # fmt: skip
DESCRIBES = {"that", "which", "who", "where", "whose", "in", "from", "near", "based", "of", "at", "offering", "selling",
             "specializing", "specialising", "focused", "providing", "making", "helping", "to", "since", "by"}  # fmt: skip
_SYNTAX = re.compile(
    r"--no\s+(?P<no>[^-]+)|--\w+(?:\s+[\w:./]+)?|\(\(*(?P<kept>[^():]{1,60})(?::\s*\d[\d.]*)?\)\)*|<[^<>]{1,60}>"
    r"|\b24/7\b|\b(?:365|24h)\b|https?://\S+|www\.\S+|\S+@\S+\.\w+|(?<=\w):\d\.\d\b|\bnegative\s+prompt\s*:(?P<negative>.*)$",
    re.I,
)
_ASKED = re.compile(
    r"\s*\b(?:(?:and|so|but)\s+)?(?:i|we)\b['’\s]*(?:d|would|want|wants|need|am looking|are looking|wish)\b.*$", re.I
)
_RGB = re.compile(r"\brgb\s*\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)", re.I)


@dataclass(frozen=True)
class Brief:
    """What a prompt asks for.

    Attributes:
        prompt: as it was given.
        things: what to draw, a phrase each; the first is the mark.
        colours: '#rrggbb' or None for each of mark, container, ground, accent.
        container: circle, ring, square, rounded square, hexagon, shield, diamond or badge; "none" where the prompt
            refuses one, None where it leaves that open.
        letters: up to four capital letters or digits to be drawn.
        count: how many of the mark, if the prompt says so.
        brand, slogan, trade: as the prompt has them.
        style: words for how it should look.
        avoid: what the prompt refuses.
        not_understood: words of the prompt that nothing was made of.
    """

    prompt: str
    things: tuple[str, ...] = ()
    colours: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(ROLES))
    container: str | None = None
    letters: str | None = None
    count: int | None = None
    brand: str | None = None
    slogan: str | None = None
    trade: str | None = None
    style: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()

    def as_dict(self) -> dict:
        """As a JSON object, without the prompt."""
        values = asdict(self)
        del values["prompt"]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def read(prompt: str, things: Things) -> Brief:
    """The brief of a tidied prompt, in English or Russian; `things` knows what can be drawn."""
    return _Reader(prompt, things).read()


class _Reader:
    """One pass over a prompt."""

    def __init__(self, prompt: str, things: Things) -> None:
        self.prompt = prompt
        self.finder = Finder(things)
        self.refused: list[str] = []
        text = russian.translate(emoji.spelt(prompt))
        text = _RGB.sub(lambda code: colours.hexadecimal([min(int(v), 255) for v in code.groups()]), text)
        self.text = " ".join(_SYNTAX.sub(self._pasted, text).split())
        self.words = vocabulary.tokens(self.text)
        self.colours: dict[str, str | None] = dict.fromkeys(ROLES)
        self.free: list[str] = []  # colours that no thing has been found for, in order
        self.container: str | None = None
        self.trades: list[tuple[int, str]] = []  # how many words say so, and the trade
        self.style: list[str] = []
        self.avoid: list[str] = []
        self.things: list[Thing] = []
        self.bound: list[tuple[int, str]] = []  # a coloured word's place among the words, and its colour

    def _pasted(self, found: re.Match) -> str:
        if refused := found["no"] or found["negative"]:
            self.refused += [part.strip() for part in re.split(r"[,;]", refused) if part.strip()]
        return f", {found['kept']}, " if found["kept"] else " "

    def read(self) -> Brief:
        self.names = names.find(self.text, self.finder.is_thing)
        for token in self.words:
            for start, end, kind in self.names.spans:
                if start <= token.start < end:
                    token.role = kind
        self._refusals()
        clauses = self._clauses()
        for clause in clauses:
            self._containers(clause, alone=len(clauses) == 1)
        for clause in clauses:
            self._grounds(clause)
        for clause in clauses:
            self._trades(clause)
            self._colours(clause)
            self._mark("styles", clause, self.style)
            self._mark("filler", clause, [], shortest=2)
        for clause in clauses:
            self._plain(clause)
        things = self._choose()
        count = next((thing.count for thing in self.things[:1]), None)
        self._settle_colours()
        return Brief(
            self.prompt,
            things,
            self.colours,
            self.container,
            self.names.letters,
            count,
            self.names.brand,
            self.names.slogan,
            self._trade(),
            tuple(dict.fromkeys(self.style)),
            tuple(dict.fromkeys([*self.avoid, *self.refused])),
            self._not_understood(),
        )

    def _clauses(self) -> list[list[Token]]:
        clauses: list[list[Token]] = [[]]
        for i, token in enumerate(self.words):
            dash = token.low == "-" and token.start > 0 and self.text[token.start - 1] == " "
            plus = token.low in "&+" and not token.role
            if token.role or dash or (token.low in BREAKS and not plus):
                clauses.append([])
                if not token.role and not token.is_word:
                    token.role = "sign"
                # A name between is a joint, no break: "logo for Aurora in red".
            else:
                if clauses[-1] and i and token.low == "but":
                    clauses.append([])
                clauses[-1].append(token)
        return [clause for clause in clauses if any(token.is_word for token in clause)]

    # Refusals

    def _refusals(self) -> None:
        i = 0
        while i < len(self.words):
            n = next((n for n in (4, 3, 2, 1) if tuple(t.low for t in self.words[i : i + n]) in NO), 0)
            after = tuple(token.low for token in self.words[i + n : i + n + 1])
            if not n or after in SAFE or self.words[i].role or (i and self.words[i - 1].low == "-"):
                i += 1
                continue
            end = i + n
            while end < len(self.words) and self._goes_on(end):
                end += 1
            self._refuse(self.words[i + n : end])
            for token in self.words[i:end]:
                token.role = "avoid"
            i = max(end, i + 1)

    def _goes_on(self, at: int) -> bool:
        """Whether a refusal still reaches the word: up to a comma, or an "and" that begins something wanted."""
        token = self.words[at]
        if (
            token.role
            or (token.low in BREAKS and token.low != "/")
            or token.low in ("but", "please", "just", "with", "only")
        ):
            return False
        if token.low == "and" and at + 1 < len(self.words):
            after = [t.low for t in self.words[at + 1 : at + 3]]
            return not (
                after[0] in ("a", "an", "the", "with", "no", "without", "not", "make", "use", "please", "i", "we")
            )
        return not any(tuple(t.low for t in self.words[at : at + n]) in NO for n in (1, 2, 3))

    def _refuse(self, refused: list[Token]) -> None:
        content = [t for t in refused if t.is_word and t.low not in ("a", "an", "the", "any", "too", "it", "in", "be", "put",
                                                                    "around", "all", "of", "on", "at", "as", "use", "inside")]  # fmt: skip
        parts: list[list[Token]] = [[]]
        for token in content:
            if token.low in ("or", "and", "nor"):
                parts.append([])
            else:
                parts[-1].append(token)
        for part in filter(None, parts):
            said = " ".join(token.low for token in part)
            lows = [token.low for token in part]
            held = [i for i in range(len(part)) if table("containers").find(part, i) or table("frames").find(part, i)]
            if lows[0] in GROUND or lows[-1] in GROUND:
                if len(part) == 1 or not colours.named(lows):
                    self.colours["ground"] = self.colours["ground"] or WHITE
                if len(part) > 1:
                    self.avoid.append(said)
            elif held and lows[0] not in ("text", "letters"):
                self.container = self.container or "none"
            else:
                self.avoid.append(said)

    # Containers and grounds

    def _containers(self, clause: list[Token], alone: bool) -> None:
        i = 0
        while i < len(clause):
            found = table("containers").find(clause, i)
            if not found or clause[i].role:
                i += 1
                continue
            end, meant = found
            start = self._before(clause, i)
            inside = self._inside(clause, start)
            rest = clause[end].low if end < len(clause) else ""
            hyphen = rest == "-" and end + 1 < len(clause) and clause[end + 1].low == "shaped"
            shape = rest in SHAPED or hyphen
            word = clause[end - 1].low
            sole = not any(t.is_word and t.low not in table("stops") for t in clause[:start] + clause[end:])
            clear = word not in BOTH and clause[i].low not in BOTH
            coloured = any(self._is_colour(t) for t in clause[start:i])
            around = rest in AROUND and start == 0 and (clear or coloured or meant == "shield")
            if clause[i].low in ("round", "circular", "hexagonal", "hex") and end == i + 1:
                asked = shape
            else:
                asked = inside is not None or shape or around or (clear and sole and not alone)
            after_thing = (
                self.finder.is_thing(f"{clause[i - 1].low} {word}") if i and inside is None and not shape else False
            )
            if asked and not after_thing:
                if self.container in (None, "none"):
                    self.container = meant
                given = self._take_colours(clause[start:i])
                if given and not self.colours["container"]:
                    self.colours["container"] = given[0]
                    if len(given) > 1 and not self.colours["accent"]:
                        self.colours["accent"] = given[1]
                if rest and shape:
                    end += 1 + hyphen
                for token in clause[start if inside is None else inside : end]:
                    token.role = token.role or "container"
                if rest in AROUND and end < len(clause):
                    clause[end].role = clause[end].role or "container"
            i = end
        return

    def _before(self, clause: list[Token], i: int) -> int:
        """Where the words that describe word i begin: articles, colours, "big", "thin"."""
        start = i
        while start > 0:
            token = clause[start - 1]
            told = (
                token.low in ("a", "an", "the", "one", "-", "/", "single", "its")
                or token.low in table("adjectives")
                or self._is_colour_part(clause, start - 1)
                or (token.low in ("and", "&") and start - 1 > 0 and self._is_colour_part(clause, start - 2) and
                    self._is_colour_part(clause, start))
            )  # fmt: skip
            if token.role or not told:
                break
            start -= 1
        return start

    def _inside(self, clause: list[Token], start: int) -> int | None:
        """Where "in", "on a", "in the shape of" before a container begins; None if nothing of the kind stands there."""
        before = [token.low for token in clause[:start]]
        for said in (
            ["in", "the", "shape", "of"],
            ["in", "the", "form", "of"],
            ["in", "shape", "of"],
            ["shaped", "like"],
            ["in", "form", "of"],
        ):
            if before[-len(said) :] == said:
                return start - len(said)
        return table("inside").ending(clause, start)

    def _is_colour(self, token: Token) -> bool:
        return colours.named([token.low]) is not None

    def _is_colour_part(self, clause: list[Token], i: int) -> bool:
        """Whether word i belongs to a colour: "navy", "forest" of "forest green", "dark" of "dark red"."""
        lows = [token.low for token in clause]
        for start in range(max(0, i - 2), i + 1):
            found = colours.named(lows[start:])
            if found and start + found[0] > i:
                return True
        return False

    def _take_colours(self, part: list[Token]) -> list[str]:
        found, i = [], 0
        lows = [token.low for token in part]
        while i < len(part):
            named = None if part[i].role else colours.named([low for low in lows[i:]])
            if named:
                found.append(named[2])
                for token in part[i : i + named[0]]:
                    token.role = "colour"
            i += named[0] if named else 1
        return found

    def _grounds(self, clause: list[Token]) -> None:
        for i, token in enumerate(clause):
            if token.low in GROUND and not token.role and (token.low != "ground" or i):
                self._ground_word(clause, i)
        for i, token in enumerate(clause):
            if token.role or token.low not in ON:
                continue
            start = i + 1 + (i + 1 < len(clause) and clause[i + 1].low in ("a", "an", "the", "solid", "plain"))
            named = colours.named([t.low for t in clause[start:]])
            if not named or any(t.role for t in clause[start : start + named[0]]):
                continue
            end = start + named[0]
            rest = clause[end].low if end < len(clause) else ""
            if not rest or clause[end].role or rest in table("stops"):
                place = (
                    "container" if self.container not in (None, "none") and not self.colours["container"] else "ground"
                )
                self.colours[place] = self.colours[place] or named[2]
                for t in clause[i:end]:
                    t.role = "ground"
        for token in clause:
            if token.low == "transparent" and not token.role:
                self.colours["ground"] = self.colours["ground"] or WHITE
                token.role = "ground"

    def _ground_word(self, clause: list[Token], i: int) -> None:
        start = self._before(clause, i)
        while (
            start
            and clause[start - 1].low in CLEAR | {"transparent", "solid", "gradient"}
            and not clause[start - 1].role
        ):
            start -= 1
            start = self._before(clause, start)
        before, after = clause[start:i], clause[i + 1 :]
        lows = {token.low for token in before}
        given = self._take_colours(before)
        end = i + 1
        if not given:
            skip = 0
            while skip < len(after) and after[skip].low in (
                "is",
                "in",
                "of",
                "colour",
                "color",
                "should",
                "be",
                "a",
                "shade",
                "are",
            ):
                skip += 1
            named = colours.named([token.low for token in after[skip:]]) if skip or not before else None
            if named and not any(token.role for token in after[skip : skip + named[0]]):
                given, end = [named[2]], i + 1 + skip + named[0]
        if not given and start >= 2 and clause[start - 1].low in ("as", "for"):
            given = self._take_colours(clause[max(0, start - 3) : start])
        if not given and not lows & (CLEAR | {"transparent", "light", "dark", "bright"}) and i + 1 == len(clause):
            following = self._colour_after(clause[i])  # "background: navy"
            given = [following] if following else []
        if given:
            value = given[0]
        elif lows & {"dark", "deep"}:
            value = DARK
        elif lows & (CLEAR | {"transparent", "light", "bright", "simple", "clean"}):
            value = WHITE
        else:
            return
        self.colours["ground"] = self.colours["ground"] or value
        prep = start
        while (
            prep and clause[prep - 1].low in ON | {"in", "with", "a", "an", "the", "and"} and not clause[prep - 1].role
        ):
            prep -= 1
            if clause[prep].low == "and":
                break
        for token in clause[prep:end]:
            token.role = "ground"

    def _colour_after(self, token: Token) -> str | None:
        at = self.words.index(token)
        if at + 2 < len(self.words) and self.words[at + 1].low in (":", "="):
            rest = self.words[at + 2 : at + 5]
            named = colours.named([t.low for t in rest])
            if named:
                for t in rest[: named[0]]:
                    t.role = "ground"
                return named[2]
        return None

    # Trades, styles, colours

    def _trades(self, clause: list[Token]) -> None:
        i = 0
        while i < len(clause):
            found = None if clause[i].role else vocabulary.trades().find(clause, i)
            named = colours.named([token.low for token in clause[i:]])
            if named and named[0] > 1 and not (found and found[0] - i >= named[0]):
                i += named[0]
                continue
            if found and not self._is_drawn(clause, i, found[0]):
                end = found[0]
                if end < len(clause) and clause[end].low in table("generic") and not clause[end].role:
                    end += 1
                self.trades.append((sum(t.is_word for t in clause[i : found[0]]), found[1]))
            elif (end := self._generic(clause, i)) and not self._is_drawn(clause, i, end):
                self.trades.append((0, " ".join(t.low for t in clause[i:end] if t.low != "-")))
            else:
                i += 1
                continue
            start = i
            while (
                start
                and not clause[start - 1].role
                and (
                    clause[start - 1].low in table("trade_adjectives")
                    or clause[start - 1].low in ("a", "an", "the", "my", "our", "your", "for", "of", "-")
                )
                and not self._is_colour(clause[start - 1])
            ):
                start -= 1
            for token in clause[start:end]:
                token.role = "trade"
            if end < len(clause) and clause[end].low in DESCRIBES and not clause[end].role:
                self._describe(clause, end)
            i = end

    def _describe(self, clause: list[Token], start: int) -> None:
        """What follows a trade tells of it and is not to be drawn, unless a colour or a container follows."""
        rest = clause[start:]
        if any(self._is_colour(token) or token.role in ("container", "ground") for token in rest[:4]):
            return
        if rest[0].low == "in" and len(rest) > 1 and any(t.low in table("styles") for t in rest[1:3]):
            return
        for token in rest:
            if token.low in ("with", "showing", "featuring") or token.role:
                break
            token.role = "said"

    def _generic(self, clause: list[Token], i: int) -> int:
        """The end of "candle shop", "chess school": one or two plain words and a kind of business; 0 if none is here."""
        for n in (1, 2):
            end = i + n
            if end >= len(clause) or any(t.role or not t.is_word for t in clause[i : end + 1]):
                return 0
            said = clause[end - 1].low
            if any(said in table(name) for name in ("stops", "asking", "filler")) or self._is_colour(clause[end - 1]):
                return 0
            if clause[end].low in table("generic") and clause[i].low not in table("trade_adjectives"):
                return end + 1
        return 0

    def _is_drawn(self, clause: list[Token], start: int, end: int) -> bool:
        """Whether a trade's words are part of a longer name of a drawing: "tennis ball", "police car"."""
        after = clause[end : end + 1]
        if (
            after
            and after[0].is_word
            and not after[0].role
            and after[0].low not in table("generic")
            and after[0].low not in table("filler")
            and after[0].low not in table("stops")
        ):
            phrase = " ".join(token.low for token in clause[start : end + 1] if token.low != "-")
            return self.finder.is_thing(phrase)
        return False

    def _mark(self, name: str, clause: list[Token], found: list[str], shortest: int = 1) -> None:
        i = 0
        while i < len(clause):
            hit = None if clause[i].role else table(name).find(clause, i)
            if hit and hit[0] - i >= shortest and not any(token.role for token in clause[i : hit[0]]):
                found.append(hit[1])
                for token in clause[i : hit[0]]:
                    token.role = "style" if name == "styles" else "filler"
                i = hit[0]
            else:
                i += 1

    def _colours(self, clause: list[Token]) -> None:
        lows = [token.low for token in clause]
        i = 0
        while i < len(clause):
            found = None if clause[i].role else colours.named(lows[i:])
            if (
                not found
                or any(token.role for token in clause[i : i + found[0]])
                or self._is_noun(clause, i, *found[:2])
            ):
                i += 1
                continue
            n, _, value = found
            for token in clause[i : i + n]:
                token.role = "colour"
            self.bound.append((self.words.index(clause[i]), value))
            i += n

    def _is_noun(self, clause: list[Token], i: int, n: int, name: str) -> bool:
        """Whether a colour's name stands for the thing of that name: "an orange", "cherry blossom", "a rose"."""
        if name.startswith("#") or not self.finder.things.exact(name):
            return False
        if name in colours.BASIC and name != "orange":
            return False
        likely = name in table("likely_colours") or name in table("colours")
        after = clause[i + n] if i + n < len(clause) else None
        modifies = after is not None and after.is_word and not after.role and after.low not in table("stops")
        if modifies and not self._is_colour(after):
            return not likely or after.low in GROWN or self.finder.is_thing(f"{name} {after.low}")
        if n > 1:
            return False
        if after is not None and (after.low == "/" or self._is_colour(after)):
            return False
        before = clause[i - 1].low if i else ""
        joined = after is not None and after.low in ("and", "&") and i + n + 1 < len(clause)
        if joined:
            return not self._is_colour(clause[i + n + 1])
        if before in ("a", "an") or before in COUNTS:
            return True
        if before in ("and", "&") and i > 1:
            return not (likely and self._is_colour_part(clause, i - 2))
        said = sum(token.is_word for token in self.words)
        return not likely or (said == 1 and name not in table("colours")) or (said == 1 and name == "orange")

    # Things

    def _plain(self, clause: list[Token]) -> None:
        """Look for things in what a clause asks for; one that tells of its writer asks for nothing at first."""
        lows = [token.low for token in clause]
        asks = len(clause)
        if not any(low in PROSE for low in lows):
            asks = 0
        elif intro := [i for i, low in enumerate(lows) if low in INTRO and i + 1 < len(lows)]:
            asks = intro[-1] + 1
        for token in clause[:asks]:
            token.role = token.role or "said"
        self._things(clause[asks:])

    def _things(self, clause: list[Token]) -> None:
        chunk: list[Token] = []
        for token in [*clause, None]:
            if token is None or token.role in ("container", "ground", "trade", "avoid", "said"):
                self.things += self.finder.find(chunk)
                chunk = []
            else:
                chunk.append(token)

    def _choose(self) -> tuple[str, ...]:
        """Things that are asked for; else what the name shows, what the trade is known by, what the prompt speaks of."""
        if self.names.brand and not self.trades:
            words = vocabulary.tokens(self.names.brand)
            self.trades += [(1, hit[1]) for i in range(len(words)) if (hit := vocabulary.trades().find(words, i))][-1:]
        asked = list(dict.fromkeys(thing.phrase for thing in self.things))
        if asked or self.names.letters:
            return tuple(asked)
        named = [token.low for token in vocabulary.tokens(self.names.brand or "") if token.is_word]
        if (
            named
            and (len(named) > 1 or not self.trades)
            and self.finder.is_thing(named[-1])
            and (named[-1],) not in vocabulary.trades().entries
            and named[-1] not in table("generic")
        ):
            return (vocabulary.singular(named[-1]),)
        if trade := self._trade():
            if symbols := vocabulary.symbols(trade):
                return symbols[:1]
            words = [word for word in trade.split() if self.finder.is_thing(word)]
            if words:
                return (vocabulary.singular(words[0]),)
        said = [t for t in self.words if t.role in ("said", "") and t.is_word and len(t.low) > 2]
        found = [
            t for t in said if self.finder.is_thing(t.low) and not any(t.low in table(n) for n in ("filler", "asking"))
        ]
        for token in found[:1]:
            token.role = "thing"
        return tuple(vocabulary.singular(token.low) for token in found[:1])

    def _trade(self) -> str | None:
        """The trade that most words name, of several the last, as "AI-powered logistics" is logistics."""
        return max(reversed(self.trades), key=lambda trade: trade[0])[1] if self.trades else None

    def _settle_colours(self) -> None:
        """Give each colour to what it stands before, the others in order to the mark, container, accent."""
        places = {id(token): n for n, thing in enumerate(self.things) for token in thing.words}
        for at, value in self.bound:
            owner = self._owner(at, places)
            if owner is None:
                self.free.append(value)
            elif owner == 0 and not self.colours["mark"]:
                self.colours["mark"] = value
            elif not self.colours["accent"]:
                self.colours["accent"] = value
        if not self.colours["mark"] and not self.free and self.colours["accent"] and len(self.things) < 2:
            self.colours["mark"], self.colours["accent"] = self.colours["accent"], None
        if (
            self.free
            and self.free[0] == WHITE
            and len(self.free) > 1
            and not self.container
            and not self.colours["ground"]
        ):
            self.free = [*self.free[1:], WHITE]
        for value in self.free:
            if not self.colours["mark"]:
                self.colours["mark"] = value
            elif self.container not in (None, "none") and not self.colours["container"]:
                self.colours["container"] = value
            elif value == WHITE and not self.container and not self.colours["ground"]:
                self.colours["ground"] = value
            elif not self.colours["accent"]:
                self.colours["accent"] = value
        if "black and white" in self.style and not self.colours["mark"]:
            self.colours["mark"], self.colours["ground"] = colours.BASIC["black"], self.colours["ground"] or WHITE

    def _owner(self, at: int, places: dict[int, int]) -> int | None:
        """Which thing the colour at word `at` belongs to: the one in whose phrase it stands, or right before it."""
        if id(self.words[at]) in places:
            return places[id(self.words[at])]
        for token in self.words[at + 1 :]:
            if id(token) in places:
                return places[id(token)]
            if token.role not in ("colour", "style", "count") and token.low not in ("and", "&", "-", "/"):
                return None
        return None

    def _not_understood(self) -> tuple[str, ...]:
        """Words without a role that say something, as they stand in the prompt; a clause of the writer's own as a whole."""
        self._silence()
        missed, run = [], []
        for token in [*self.words, None]:
            if token is not None and token.role == "said":
                run.append(token)
                continue
            if token is not None and not token.role and token.is_word and len(token.low) > 1:
                missed.append(token.text)
            if run:
                heard = [t for t in run if t.low not in table("stops") and t.low not in table("filler")]
                told = _ASKED.sub("", self.text[run[0].start : run[-1].end])
                missed += [told] if len(heard) > 2 and told else []
                run = []
        return tuple(dict.fromkeys(missed))

    def _silence(self) -> None:
        """What is said around what is wanted needs no reading."""
        i = 0
        while i < len(self.words):
            hit = table("filler").find(self.words, i)
            end = hit[0] if hit else i + 1
            quiet = bool(hit) or any(
                self.words[i].low in table(name)
                for name in ("stops", "asking", "generic", "trade_adjectives", "adjectives")
            )
            for token in self.words[i:end]:
                if quiet and not token.role:
                    token.role = "filler"
            i = end

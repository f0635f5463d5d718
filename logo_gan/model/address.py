"""Where a logo lies: prompt, seed and number, or the way to it from other logos, as the query of a web address.

    prompt=orange+rocket&seed=7&logo=2               the second proposal of a prompt and a seed
    prompt=orange+rocket&seed=7&logo=2&like=3.1      its third neighbour, and of that the first
    mix=prompt%3D...&mix=prompt%3D...&step=1of5      one step of the way between two logos, ends left out
    ...&invention=80                                 with the dial from familiar (0) to inventive (100) not at 50

The same address, weights and machine give the same logo.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode

from logo_gan.text import labels
from logo_gan.text.prompt import tidy

MAX_SEED = 2**32 - 1
MAX_LOGOS = 16
MAX_STEPS = 9
MAX_LENGTH = 16_000  # characters: two mixtures of the longest prompts, but no address without end
MAX_WORK = 400  # logos that may have to be drawn to find one
WAY = 9  # logos' worth of a mixture, beside its ends
INVENTION = 50  # the dial's middle, in percent
_WHOLE = re.compile(r"[0-9]{1,10}", re.ASCII)
_LIKE = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})*", re.ASCII)
_STEP = re.compile(r"([0-9])of([0-9])", re.ASCII)


class AddressError(ValueError):
    """An address that leads nowhere; str() is one plain sentence."""


@dataclass(frozen=True)
class Proposal:
    """A logo of `generate`: `number` counts from 1, `invention` is in percent."""

    prompt: str
    seed: int
    number: int
    invention: int = INVENTION

    def __str__(self) -> str:
        dial = {} if self.invention == INVENTION else {"invention": self.invention}
        return urlencode({"prompt": self.prompt, "seed": self.seed, "logo": self.number, **dial})


@dataclass(frozen=True)
class Neighbour:
    """One of the logos most like another: `numbers` count from 1, one for each time that was asked for."""

    of: Proposal | Mixture
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.of}&{urlencode({'like': '.'.join(map(str, self.numbers))})}"


@dataclass(frozen=True)
class Mixture:
    """The `step`-th of `steps` logos on the way from one to another, both ends left out."""

    first: Address
    second: Address
    step: int
    steps: int

    def __str__(self) -> str:
        return urlencode([("mix", self.first), ("mix", self.second), ("step", f"{self.step}of{self.steps}")])


Address = Proposal | Neighbour | Mixture


def neighbour(of: Address, number: int) -> Neighbour:
    """The `number`-th neighbour of a logo."""
    if isinstance(of, Neighbour):
        return replace(of, numbers=(*of.numbers, number))
    return Neighbour(of, (number,))


def marks(address: Address | None) -> list[str]:
    """What tells a logo's file from others of the same words: its seed and number, or how it came about."""
    match address:
        case None:
            return []
        case Proposal(seed=seed, number=number):
            return [str(seed), str(number)]
        case Neighbour(of=of, numbers=numbers):
            return [*marks(of), "like", *map(str, numbers)]
    return ["mix", f"{address.step}of{address.steps}"]


def prompts(address: Address) -> list[str]:
    """Every prompt in an address."""
    match address:
        case Proposal(prompt=prompt):
            return [prompt]
        case Neighbour(of=of):
            return prompts(of)
    return [*prompts(address.first), *prompts(address.second)]


def prompt_of(address: Address) -> str:
    """The words that a logo was drawn from, without labels."""
    return " + ".join(dict.fromkeys(map(labels.plain, prompts(address))))


def work(address: Address) -> int:
    """How many logos have to be drawn to find one."""
    match address:
        case Proposal(number=number):
            return number
        case Neighbour(of=of, numbers=numbers):
            return work(of) + sum(number + 1 for number in numbers)
    return work(address.first) + work(address.second) + WAY


def check(address: Address, most_work: int = MAX_WORK) -> None:
    """Raises AddressError where an address is too long to be given away, or too far to be followed."""
    # Minutes of a server's time would fit into a short address.
    if work(address) > most_work or len(str(address)) > MAX_LENGTH:
        raise AddressError("This way leads too far from its first logos: go on from one of them instead.")


def parse(text: str, most_work: int = MAX_WORK) -> Address:
    """An address from its text; other fields of the query are left alone.

    Raises:
        AddressError: it leads nowhere, or further than `most_work` logos.
        PromptError: a prompt in it cannot be drawn.
    """
    address = _parse(text)
    check(address, most_work)
    return address


def _parse(text: str) -> Address:
    if not isinstance(text, str) or not text.strip():
        raise AddressError("The logo's address is empty: give the one that came with the logo.")
    if len(text) > MAX_LENGTH:
        raise AddressError(f"The logo's address is longer than {MAX_LENGTH:,} characters, so it cannot be followed.")
    try:
        fields = parse_qs(text.strip().lstrip("?"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise AddressError("The logo's address has too many fields.") from None
    return _base(fields)


def _base(fields: dict[str, list[str]]) -> Address:
    if "mix" in fields:
        found = _STEP.fullmatch(_one(fields, "step"))
        if len(fields["mix"]) != 2 or not found or not 1 <= int(found[1]) <= int(found[2]) <= MAX_STEPS:
            raise AddressError("A mixture's address needs two fields mix, and a field step such as 2of3.")
        base = Mixture(*map(_parse, fields["mix"]), int(found[1]), int(found[2]))
    else:
        seed, number = _one(fields, "seed"), _one(fields, "logo") if "logo" in fields else "1"
        dial = _one(fields, "invention") if "invention" in fields else str(INVENTION)
        if not _WHOLE.fullmatch(seed) or int(seed) > MAX_SEED:
            raise AddressError(f"The seed in the logo's address must be a whole number from 0 to {MAX_SEED}.")
        if not _WHOLE.fullmatch(number) or not 1 <= int(number) <= MAX_LOGOS:
            raise AddressError(f"The field logo in the logo's address must be a number from 1 to {MAX_LOGOS}.")
        if not _WHOLE.fullmatch(dial) or int(dial) > 100:
            raise AddressError("The field invention in the logo's address must be a number from 0 to 100.")
        base = Proposal(tidy(_one(fields, "prompt")), int(seed), int(number), int(dial))
    if "like" not in fields:
        return base
    path = _one(fields, "like")
    numbers = tuple(map(int, path.split("."))) if _LIKE.fullmatch(path) else ()
    if not numbers or not all(1 <= number <= MAX_LOGOS for number in numbers):
        raise AddressError("The field like in the logo's address must be numbers such as 3 or 3.1.")
    return Neighbour(base, numbers)


def _one(fields: dict[str, list[str]], name: str) -> str:
    if len(fields.get(name, ())) != 1:
        raise AddressError(f"The logo's address needs one field {name}.")
    return fields[name][0]

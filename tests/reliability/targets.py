"""What is fuzzed: for each door of the app the inputs, and what must come of every one of them."""

import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hostile import write
from hypothesis import strategies as st
from outcome import plain
from spoiling import good_files, good_images, restructured, spoilt

from eda.dataset import Dataset
from eda.facts import facts
from eda.table import TableError
from logo_gan.model import address, pipeline
from logo_gan.text import prompt

WORDS = (
    *"red rocket on a logo for Halden brand named no 24/7 rokcet Аврора кот 猫 ﬁsh İ ß 🚀".split(),
    *'&-—"“,.\u0301\u200d\u202e',
    "’s",
)


# The prompt door: texts with surrogates and without, words that mean something, and what is no text at all.

CHARACTERS = st.text(st.characters(exclude_categories=()), max_size=40)
PROMPTS = st.one_of(
    CHARACTERS,
    st.lists(st.one_of(st.sampled_from(WORDS), CHARACTERS), max_size=30).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=30).map("".join),
    st.builds(lambda text, n: text * n, CHARACTERS, st.integers(0, 3_000)),
)
VALUES = st.one_of(PROMPTS, st.none(), st.integers(), st.floats(), st.booleans(), st.lists(PROMPTS, max_size=2))


def check_prompt(text: object) -> str:
    try:
        tidied = prompt.tidy(text)
    except prompt.PromptError as error:
        return plain_prompt(error)
    assert prompt.tidy(tidied) == tidied and 0 < len(tidied) <= 500 and tidied.isprintable() | ("\u200d" in tidied)
    tidied.encode()
    found = model().read(tidied)
    assert json.loads(json.dumps(found.as_dict())) == found.as_dict()
    return f"read, {'a' if found.brand else 'no'} brand, {'not ' if found.not_understood else ''}understood"


@cache
def model() -> pipeline.LogoGAN:
    return pipeline.LogoGAN.from_pretrained()


def check_drawing(text: object) -> str:
    try:
        (drawing,) = model().generate(text, n=1, seed=1)
    except prompt.PromptError as error:
        return plain_prompt(error)
    assert drawing.image(32).size == (32, 32) and drawing.svg().encode().startswith(b"<svg")
    assert address.parse(str(drawing.address)) == drawing.address
    return "drawn"


def plain_prompt(error: ValueError) -> str:
    return re.sub(r"[\d,]+", "N", plain(error))


# The door of links: queries of fields that are nearly right, one within another, and spoilt.

PIECES = st.one_of(
    st.sampled_from(("1", "16", "17", "0", "4294967295", "4294967296", "3.1", "1of2", "9of9", "2of1", "%00", "", "+")),
    PROMPTS,
    st.integers().map(str),
)
NAMES = st.sampled_from(("prompt", "seed", "logo", "invention", "like", "mix", "step", "other"))
GOOD = st.builds("prompt={}&seed={}&logo={}".format, st.sampled_from(("cat", "red+heart")), st.integers(0, 99),
                 st.integers(1, 16))  # fmt: skip


def around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    like = st.builds("{}&like={}".format, inner, st.lists(st.integers(0, 17).map(str), max_size=30).map(".".join))
    quoted = inner.map(lambda text: address.urlencode({"mix": text}))
    mixed = st.builds("{}&{}&step={}of{}".format, quoted, quoted, st.integers(0, 9), st.integers(0, 9))
    return st.one_of(like, mixed)


FIELDS = st.lists(st.tuples(NAMES, PIECES), max_size=8)
ADDRESSES = st.one_of(
    PROMPTS,
    FIELDS.map(lambda fields: "&".join(f"{name}={value}" for name, value in fields)),
    FIELDS.map(lambda fields: address.urlencode(fields, errors="replace")),
    st.recursive(st.one_of(GOOD, FIELDS.map(lambda fields: address.urlencode(fields, errors="replace"))), around),
    st.builds(lambda text, at, new: text[:at] + new + text[at + 1 :], st.recursive(GOOD, around), st.integers(0, 200),
              CHARACTERS),
)  # fmt: skip


def check_address(text: object) -> str:
    try:
        found = address.parse(text)
    except (address.AddressError, prompt.PromptError) as error:
        return plain_prompt(error)
    assert address.work(found) <= address.MAX_WORK and len(str(found)) <= address.MAX_LENGTH
    assert address.parse(str(found)) == found
    address.prompt_of(found).encode()
    assert address.marks(found)
    return type(found).__name__


def check_parquet(data: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        path.write_bytes(data)
        try:
            dataset = Dataset(path, folder=folder, look=False)
            assert [*dataset.analyse()][-1] == "pixels"
            told = json.loads(json.dumps(facts(dataset.summary)))
            assert told["rows"] == dataset.rows and len(dataset.preview) == min(6, dataset.rows)
            if dataset.rows:
                assert dataset.show([dataset.rows - 1])[0]["row"] == dataset.rows - 1
        except TableError as error:
            sentence = plain(error)
            assert not sentence.startswith("The analysis failed"), sentence
            return re.sub(r"[\d,]+| the file has .*", "N", sentence)
    return "analysed: " + ", ".join(name for name in ("damaged", "blank", "unsupported", "oversized") if told[name])


# The images within: sixteen a file, so that a file is worth its process.


IMAGES = st.lists(spoilt(good_images), min_size=1, max_size=16)


def check_images(images: list[bytes]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "a.parquet", images, ["logo"] * len(images))
        outcome = check_parquet(path.read_bytes())
    assert outcome.startswith("analysed"), outcome
    return outcome


@dataclass(frozen=True)
class Target:
    """Inputs, what is checked of one, and how one is written down."""

    inputs: st.SearchStrategy
    check: Callable
    dump: Callable[[object], bytes] = lambda value: json.dumps(value).encode()
    load: Callable[[bytes], object] = json.loads


BYTES = {"dump": bytes, "load": bytes}
TARGETS = {
    "prompt": Target(VALUES, check_prompt),
    "drawing": Target(PROMPTS, check_drawing),
    "address": Target(ADDRESSES, check_address),
    "parquet": Target(st.deferred(lambda: st.one_of(spoilt(good_files, 300), restructured())), check_parquet, **BYTES),
    "images": Target(IMAGES, check_images, lambda images: json.dumps([each.hex() for each in images]).encode(),
                     lambda data: [bytes.fromhex(each) for each in json.loads(data)]),
}  # fmt: skip

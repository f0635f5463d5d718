"""Prompts and addresses as no client would send them, byte by byte: tidied and drawn, or refused in one sentence."""

import re
import time
from urllib.parse import quote, urlencode

import pytest
from outcome import patience
from raw_http import asked, collect, process, send

TIDY_SECONDS = 0.1  # of the processor, from the request to the answer: a busy machine slows the clock, not the work
ROCKET = "prompt=orange+rocket&seed=7&logo=2"
SENTENCE = re.compile(r"[A-Z][^\n]{10,250}\.")


@pytest.fixture(scope="module")
def used(app):
    """The app once it has drawn and read."""
    assert asked(app, "generate_svg", {"prompt": "cat", "seed": 1})[0] == "complete"
    assert asked(app, "brief", {"prompt": "cat"})[0] == "complete"
    return app


@pytest.fixture
def warm(used):
    """Fails the test whose requests have left a traceback in the log."""
    begin = used.log.stat().st_size
    yield used
    said = used.log.read_bytes()[begin:].decode()
    assert "Traceback" not in said, said


def body(prompt: str) -> bytes:
    """A request whose prompt is this piece of JSON, as it stands."""
    return b'{"prompt": ' + prompt.encode() + b"}"


TIDIED = {
    "NUL": body('"cat\\u0000 logo"'),
    "nothing but a word between NULs": body('"\\u0000\\u0000cat\\u0000"'),
    "lone high surrogate": body('"cat \\ud83d"'),
    "lone low surrogate": body('"\\udc00 cat"'),
    "surrogates the wrong way round": body('"cat \\udc00\\ud800"'),
    "a pair of surrogates": body('"cat \\ud83d\\ude80"'),
    "emoji": body('"cat \N{ROCKET}\N{ZERO WIDTH JOINER}\N{FIRE}"'),
    "right to left": body('"\N{RIGHT-TO-LEFT OVERRIDE}\u05d7\u05ea\u05d5\u05dc cat"'),
    "accents without end": body(f'"c{chr(0x301) * 300}at"'),
    "escape sequences": body('"cat \\u001b[31m\\u0007\\b"'),
    "half a pair in UTF-16": '{"prompt": "cat \ud83d"}'.encode("utf-16", "surrogatepass"),
    "a key twice": b'{"prompt": "dog", "prompt": "cat"}',
}
REFUSED = {
    "empty": body('""'),
    "white space": body('"\\u2028 \\t\\u3000"'),
    "NULs": body('"\\u0000\\u0000"'),
    "lone surrogates": body('"\\ud800\\udfff\\ud800"'),
    "bidi marks alone": body('"\N{RIGHT-TO-LEFT OVERRIDE}\N{POP DIRECTIONAL FORMATTING}"'),
    "five thousand characters": body(f'"{"logo " * 1_000}"'),
    "eighty thousand joiners": body(f'"{chr(0x200D) * 80_000}"'),  # as much as a request may have
    "null": body("null"),
    "a number": body("7"),
    "an integer of 300 digits": body("9" * 300),
    "not a number": body("NaN"),
    "a list": body('["cat"]'),
    "an object": body('{"cat": "cat"}'),
    "lists in lists": body("[" * 400 + "]" * 400),
    "no prompt": b"{}",
    "a file": body('{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}'),
    "an address": body('{"path": "http://127.0.0.1:1/", "meta": {"_type": "gradio.FileData"}}'),
}
NO_JSON = {
    "nothing": b"",
    "NUL": b"\0",
    "no UTF-8": b'{"prompt": "\xff\xfe cat"}',
    "half a character": b'{"prompt": "cat \xf0\x9f\x9a"}',
    "no escape": body('"\\x41"'),
    "half an escape": body('"cat \\ud8"'),
    "a bare NUL": body('"cat\0"'),
    "cut off": b'{"prompt": "cat',
    "a list": b'["cat"]',
    "a string": b'"cat"',
    "an integer of 5,000 digits": body("9" * 5_000),
    "brackets": b"[" * 100_000,
    "objects in objects": b'{"prompt": ' * 100_000,
}


def cheapest(app, content: bytes) -> tuple[float, tuple]:
    """Processor seconds that the app takes for the cheapest of three requests, and what came of it."""
    seconds, running = [], process(app)
    for _ in range(3):
        begin = sum(running.cpu_times()[:2])
        outcome = asked(app, "brief", content)
        seconds.append(sum(running.cpu_times()[:2]) - begin)
    return min(seconds), outcome


@pytest.mark.parametrize("content", TIDIED.values(), ids=TIDIED)
def test_a_prompt_is_tidied_in_a_tenth_of_a_second_and_drawn(warm, content):
    seconds, (outcome, told) = cheapest(warm, content)
    assert outcome == "complete" and told[0]["things"], told
    assert seconds < TIDY_SECONDS
    outcome, told = asked(warm, "generate_svg", content)
    assert (outcome, len(told[0])) == ("complete", 4)


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_a_prompt_that_cannot_be_drawn_is_refused_in_a_tenth_of_a_second(warm, content):
    seconds, (outcome, told) = cheapest(warm, content)
    assert outcome in ("error", "400") and SENTENCE.fullmatch(told), told
    assert seconds < TIDY_SECONDS
    outcome, told = asked(warm, "generate_svg", content)
    assert outcome in ("error", "400") and SENTENCE.fullmatch(told), told


@pytest.mark.parametrize("content", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json_object_is_refused_at_the_door(warm, content):
    begin = time.monotonic()
    posted = send(warm, "generate_svg", content)
    assert time.monotonic() - begin < 1 * patience()
    assert 400 <= posted.status_code < 500, posted.text
    assert "Traceback" not in posted.text and 'File "' not in posted.text


def test_a_prompt_of_30_mb_is_refused_in_one_sentence(warm):
    begin = time.monotonic()
    posted = send(warm, "generate_svg", body(f'"{"a" * 30_000_000}"'))
    outcome, told = collect(warm, "generate_svg", posted)
    assert time.monotonic() - begin < 5 * patience()
    assert outcome == "error" or 400 <= posted.status_code < 500
    assert SENTENCE.fullmatch(told), told


def nested(depth: int, address: str = ROCKET) -> str:
    """Mixtures of mixtures; each level writes the one below twice."""
    for _ in range(depth):
        address = urlencode([("mix", address), ("mix", ROCKET), ("step", "1of2")])
    return address


ADDRESSES = {
    "a dial beyond its end": f"{ROCKET}&invention=101",
    "a dial in exponents": f"{ROCKET}&invention=1e1",
    "longer than any": f"prompt={'a' * 20_000}&seed=1&logo=1",
    "just as long as is allowed": f"prompt={'a' * 15_970}&seed=1&logo=1",
    "a prompt too long": f"prompt={'cat+' * 200}&seed=1&logo=1",
    "nested forty times": nested(40)[:16_000],
    "neighbours without end": f"{ROCKET}&like={'.'.join(['1'] * 5_000)}",
    "neighbours too far": f"{ROCKET}&like={'.'.join(['16'] * 40)}",
    "a percent-encoded NUL": "prompt=%00&seed=%00&logo=%00",
    "NULs around a number": "prompt=cat&seed=%007&logo=1",
    "no UTF-8": "prompt=%ff%fe&seed=1&logo=1",
    "lone surrogates": "prompt=%ed%a0%80&seed=1&logo=1",
    "a huge seed": f"prompt=cat&seed={'9' * 10_000}&logo=1",
    "a huge number": f"prompt=cat&seed=1&logo={'9' * 10_000}",
    "a negative seed": "prompt=cat&seed=-1&logo=1",
    "digits of another script": "prompt=cat&seed=\u0667&logo=1",
    "a seed in exponents": "prompt=cat&seed=1e5&logo=1",
    "a huge step": f"mix={quote(ROCKET)}&mix={quote(ROCKET)}&step={'9' * 5_000}of9",
    "five hundred fields": "&".join(["mix=a"] * 500),
    "half a percent sign": "prompt=cat%&seed=%&logo=%4",
    "a way up": "../../etc/passwd",
    "an address of the web": "https://example.com/?prompt=%00",
    "ampersands": "&" * 15_000,
    "escapes of escapes": "prompt=" + "%25" * 5_000,
    "no text": 7,
    "a list": [ROCKET],
}
ENDPOINTS = {
    "more_like_this": lambda address: {"logo": address, "n": 1},
    "mix": lambda address: {"first": ROCKET, "second": address, "steps": 1},
    "export": lambda address: {"logo": address, "size": 64},
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_a_hostile_address_is_refused_in_one_sentence_everywhere(warm, address):
    for endpoint, arguments in ENDPOINTS.items():
        begin = time.monotonic()
        outcome, told = asked(warm, endpoint, arguments(address))
        assert time.monotonic() - begin < 2 * patience(), endpoint
        assert outcome == "error" and SENTENCE.fullmatch(told), (endpoint, told)


NUMBERS = ["NaN", "Infinity", "-Infinity", "1e308", "9" * 300, "-1", '"seven"', "[1]", '{"a": 1}', "true"]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:20])
def test_a_number_that_is_none_is_refused_in_one_sentence_everywhere(warm, number):
    for endpoint, content in {
        "more_like_this": '{"logo": "%s", "n": %s}',
        "mix": '{"first": "%s", "second": "prompt=cat&seed=1", "steps": %s}',
        "export": '{"logo": "%s", "size": %s}',
        "generate_svg": '{"prompt": "%s", "seed": %s}',
        "generate": '{"prompt": "%s", "seed": 1, "invention": %s}',
    }.items():
        outcome, told = asked(warm, endpoint, (content % (ROCKET, number)).encode())
        assert outcome == "error" and SENTENCE.fullmatch(told), (endpoint, told)

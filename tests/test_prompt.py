"""Prompts: tidied, or refused with one plain sentence."""

import time

import pytest

from logo_gan.text.prompt import PromptError, tidy


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  orange\t rocket\r\n in  a circle ", "orange rocket in a circle"),
        ("cafe\u0301 owl", "café owl"),
        ("red\x00 fi\x07sh\ud800\ufeff\u202e", "red fish"),
        ("東京 カフェ", "東京 カフェ"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("7", "7"),
        ("🦊", "🦊"),
        ("a" * 500, "a" * 500),
        (" " * 300 + "owl" + " " * 300, "owl"),
    ],
)
def test_tidy(raw, clean):
    assert tidy(raw) == clean
    assert tidy(clean) == clean
    clean.encode()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("", "empty"),
        (None, "empty"),
        (" \n\t\u2003", "empty"),
        ("\x00\ud800\u200d", "empty"),
        ("?!… —", "no word"),
        ("___", "no word"),
        ("a" * 501, "501 characters"),
        ("word " * 101 + "x" * 20, "525 characters"),
        (["owl"], "must be a text"),
    ],
)
def test_refusals_are_one_plain_sentence(bad, reason):
    with pytest.raises(PromptError, match=reason) as caught:
        tidy(bad)
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence and sentence.count(". ") == 0


def test_the_longest_is_an_argument():
    assert tidy("an owl", 6) == "an owl"
    with pytest.raises(PromptError, match=r"7 characters, and at most 6"):
        tidy("an owls", 6)


def test_a_huge_prompt_is_refused_at_once():
    huge = "a\u0301 " * 10_000_000
    start = time.thread_time()
    with pytest.raises(PromptError):
        tidy(huge)
    assert time.thread_time() - start < 0.1

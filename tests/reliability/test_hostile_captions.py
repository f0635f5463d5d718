"""Captions without end are measured and cut; markup, links, bidi marks and formulas are words, shown as they are."""

import json
import time
from html.parser import HTMLParser
from pathlib import Path

import psutil
import pytest
from hostile import MB, WORDS, logo, write
from outcome import analysed, patience, peak

from eda import columns, panels, work
from eda.dataset import Dataset
from eda.facts import facts
from eda.report import report

# 16 and 17: captions


@pytest.mark.parametrize("text", ["é" * 50 * MB, "word, " * (100 * MB // 6)], ids=["a word", "words"])
def test_a_caption_of_a_hundred_megabytes_is_measured_flagged_and_shown_in_part(tmp_path, text):
    path = write(tmp_path / "a.parquet", [logo()] * 3, [text, "blue, star", None], compression="zstd")
    before, start = psutil.Process().memory_info().rss, time.monotonic()
    dataset = Dataset(path, look=False)
    list(dataset.analyse())
    told = facts(dataset.summary)
    assert time.monotonic() - start < 10 * patience() and psutil.Process().memory_info().rss - before < 100 * MB
    assert told["long_captions"] == 1 and told["long_captions_rows"] == [0]
    assert told["caption_length"]["max"] == len(text) and told["epithets"]["max"] == max(text.count(","), 1)
    assert told["frequent_words"]["star"] == 1 and len(json.dumps(told)) < 100_000
    assert dataset.preview[0]["caption"] == text[: work.MAX_SHOWN] + "…"


def test_five_million_commas_are_counted_and_flagged(tmp_path):
    told = analysed(write(tmp_path / "a.parquet", [logo()] * 2, ["," * 5 * MB, "blue, star"]))
    assert told["epithets"]["max"] == 5 * MB and told["long_captions_rows"] == [0]
    assert told["frequent_epithets"] == {} and "star" in told["frequent_words"]


def test_ten_thousand_endless_words_do_not_fill_this_process(tmp_path):
    texts = [f"{i}a" + "y" * 9_990 + f", {i}b" + "z" * 5_000 for i in range(12_000)]
    path = write(tmp_path / "a.parquet", [None] * len(texts), texts, compression="zstd")
    del texts
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    told = analysed(path)
    assert peak() - before < 100 * MB
    assert max(map(len, told["frequent_words"])) <= columns.LONG_PART


class Page(HTMLParser):
    """The elements of a page with their attributes' names, and its texts; scripts and styles are no text."""

    def __init__(self, page: str):
        super().__init__()
        self.elements: list[str] = []
        self.texts: list[str] = []
        self.open = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.open = tag
        self.elements.append(" ".join([tag, *(name for name, _ in attributes)]))
        self.texts += [value or "" for name, value in attributes if name in ("alt", "title")]

    def handle_data(self, data):
        if self.open not in ("script", "style"):
            self.texts.append(data)


def pages(path: Path) -> tuple[Page, Page, Dataset]:
    """What the page of the app shows of a file as HTML, and the report."""
    dataset = Dataset(path)
    list(dataset.analyse())
    thumbnails = {row["row"]: row for row in dataset.show(panels.worth_showing(dataset.summary))}
    shown = panels.preview(dataset.show(range(dataset.rows))) + panels.faults(dataset.summary, thumbnails)
    shown += panels.cloud_text(dataset.summary, True) + "".join(map(panels.described, dataset.preview))
    return Page(shown), Page(report(dataset.name, dataset.summary, thumbnails)), dataset


def test_markup_links_bidi_marks_and_formulas_in_captions_are_text_everywhere(tmp_path):
    """Pages about hostile captions have the very elements of pages about harmless ones."""
    images = [logo(), b"<svg onload=alert(5)>", None, b"\x89PNG", logo()]

    def dataset(name: str, words: list[str]) -> Path:
        texts = [f"{word}, {word}, for all" for word in words for _ in range(3)]
        return write(tmp_path / f"{name}.parquet", [images[i % 5] for i in range(len(texts))], texts)

    hostile, hostile_report, found = pages(dataset("hostile", WORDS))
    harmless, harmless_report, _ = pages(dataset("harmless", [f"word{chr(97 + i)}" for i in range(len(WORDS))]))
    assert set(hostile.elements) == set(harmless.elements)
    assert hostile_report.elements == harmless_report.elements
    assert not {"script", "a"} & {element.split()[0] for element in hostile.elements}
    told = json.loads(json.dumps(facts(found.summary)))
    for i, word in enumerate(WORDS):
        caption = f"{word}, {word}, for all"
        assert found.show([3 * i])[0]["caption"] == caption
        assert caption.replace("\0", "\ufffd") in [text.replace("\0", "\ufffd") for text in hostile.texts], word
        assert told["frequent_epithets"][word.strip()] == 3, word
    assert told["shared_epithets"] == ["for all"]


def test_a_file_s_own_name_is_text_in_the_report(tmp_path):
    path = write(tmp_path / "<script>alert(1)<_script>.parquet", [logo()], ["red"])
    dataset = Dataset(path)
    list(dataset.analyse())
    page = report(dataset.name, dataset.summary)
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page

"""The Dataset tab in a real browser: a file is dropped, its faults and plots appear, every control works."""

import json
import re

import parquets as made
import pyarrow.parquet as pq
import pytest
from conftest import ROOT, opened

from eda import looks, measures

PLOTS = {
    *(f"histogram-{name}" for name in measures.MEASURES),
    *(f"box-{name}" for name in measures.OF_CAPTIONS),
    "commonest-epithets", "commonest-trades", "pie-colour", "bars-dominant",
}  # fmt: skip
EXAMPLE = ROOT / "eda" / "example.parquet"
SECTIONS = (
    "#dataset-format", "#dataset-preview", "#dataset-element", "#dataset-faults", "#dataset-words",
    "#dataset-pie-colour", "#dataset-range", "#dataset-report",
)  # fmt: skip


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    return made.faulty(tmp_path_factory.mktemp("faulty") / "faulty.parquet")


def open_tab(page) -> None:
    page.get_by_role("tab", name="Dataset").click()
    page.locator("#dataset-format table").wait_for()


def upload(page, path) -> None:
    page.locator("#dataset-file input[type=file]").set_input_files(path)


def wait_until_read(page, name: str) -> None:
    """Until the last thing, the report, can be downloaded."""
    page.locator("#dataset-status .count", has_text=name).wait_for()
    page.wait_for_function(
        "document.querySelector('#dataset-report') && !document.querySelector('#dataset-report').disabled"
        " && document.querySelector('#dataset-status [role=status]').innerText == ''"
        f" && [...document.querySelectorAll('#dataset .eda-plots .js-plotly-plot .main-svg')].length >= {len(PLOTS)}"
    )


def drawn(page) -> dict[str, str]:
    """What Plotly has drawn, by plot: data and the looks that templates change."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('#dataset .js-plotly-plot')]
            .filter(plot => !plot.closest('#dataset-plotly'))
            .map(plot => [plot.closest('[id^=dataset-]').id.slice(8), JSON.stringify([
                plot.data.map(trace => [trace.x, trace.y, trace.values, trace.q1]),
                plot._fullLayout.paper_bgcolor])]))"""
    )


def wait_for_change(page, plot: str, before: str) -> None:
    page.wait_for_function(
        """([id, before]) => {
            const plot = document.querySelector(`#dataset-${id} .js-plotly-plot`);
            return plot && JSON.stringify([plot.data.map(trace => [trace.x, trace.y, trace.values, trace.q1]),
                plot._fullLayout.paper_bgcolor]) != before;
        }""",
        arg=[plot, before],
    )


@pytest.fixture
def tab(page):
    open_tab(page)
    return page


@pytest.fixture(scope="module")
def read(app, browser, faulty):
    """The tab with the faulty dataset, read to the end; for tests that keep this dataset and need no fresh page."""
    with opened(browser, app.url) as page:
        open_tab(page)
        upload(page, faulty)
        wait_until_read(page, "faulty.parquet")
        yield page


def show_row(page, number: int) -> None:
    page.locator("#dataset-number input, #dataset-number textarea").fill(str(number))
    page.keyboard.press("Enter")
    page.locator("#dataset-row-text", has_text=f"row {number},").wait_for()


def test_nothing_is_offered_before_a_dataset_is_loaded(tab):
    assert "image" in tab.locator("#dataset-format").inner_text()
    assert tab.locator("#dataset-format img").count() == 1
    for hidden in ("#dataset-random", "#dataset-faults", "#dataset-histogram-width", "#dataset-report"):
        assert not tab.locator(hidden).is_visible()


def test_the_example_is_loaded_and_downloaded_in_one_click_each(tab, tmp_path):
    tab.locator("#dataset-example").click()
    wait_until_read(tab, "example.parquet: 2,000 rows")
    assert set(drawn(tab)) == PLOTS
    assert tab.locator("#dataset-preview tbody tr").count() == 6
    tab.wait_for_function("document.querySelector('#dataset-cloud img')?.naturalWidth == 1200")
    assert "Exact duplicates" in tab.locator("#dataset-faults").inner_text()
    with tab.expect_download() as saved:
        tab.locator("#dataset-download").click()
    saved.value.save_as(tmp_path / "example.parquet")
    assert (tmp_path / "example.parquet").read_bytes() == EXAMPLE.read_bytes()


def test_what_is_wrong_is_told_with_row_numbers_and_shown(read):
    told = read.locator("#dataset-faults").inner_text()
    for line, rows in {
        "Damaged: 1 row": "5", "Blank: 1 row": "3", "Unsupported: 1 row": "7", "No image: 1 row": "9",
        "Exact duplicates: 1 row": "11", "No caption: 1 row": "13",
    }.items():  # fmt: skip
        assert re.search(rf"{line}\n+.*Rows: {rows}\b", told), line
    assert "None found: oversized" in told
    assert read.locator("#dataset-faults img").count() >= 4
    assert read.locator("#dataset-faults .no-image").all_inner_texts().count("damaged") == 1
    assert read.locator("#dataset-status").inner_text().startswith("faulty.parquet: 60 rows")


def test_captions_are_shown_as_they_are(read):
    show_row(read, 15)
    assert "<img src=x onerror=alert(1)><b>bold</b>, =1+1, sharp" in read.locator("#dataset-row-text").inner_text()
    assert read.locator("#dataset-row-text b").count() == 1  # its own heading


def test_a_random_element_and_the_one_of_a_number(tab, faulty):
    upload(tab, faulty)
    wait_until_read(tab, "faulty.parquet")
    rows = pq.read_table(faulty, columns=["text"])["text"].to_pylist()
    before = drawn(tab), tab.locator("#dataset-faults").inner_html(), tab.locator("#dataset-preview").inner_html()
    tab.locator("#dataset-random").click()
    tab.wait_for_function("document.querySelector('#dataset-row-text b')")
    number = int(re.match(r"row (\d+),", tab.locator("#dataset-row-text b").inner_text())[1])
    assert 0 <= number < 60
    assert (rows[number] or "no caption") in tab.locator("#dataset-row-text").inner_text()
    entry = tab.locator("#dataset-number input, #dataset-number textarea")
    assert entry.input_value() == str(number)
    entry.fill("17")
    tab.keyboard.press("Enter")
    tab.locator("#dataset-row-text", has_text="row 17, 900 × 600").wait_for()
    tab.wait_for_function("document.querySelector('#dataset-row img')?.naturalWidth == 900")
    entry.fill("5")
    tab.keyboard.press("Enter")
    tab.locator("#dataset-row-text", has_text="damaged").wait_for()
    assert not tab.locator("#dataset-row img").is_visible()
    for bad, sentence in {"60": "There is no row 60", "-1": "There is no row -1", "2.5": "whole number"}.items():
        entry.fill(bad)
        tab.keyboard.press("Enter")
        tab.get_by_test_id("toast-body").filter(has_text=sentence).first.wait_for()
    after = drawn(tab), tab.locator("#dataset-faults").inner_html(), tab.locator("#dataset-preview").inner_html()
    assert after == before


def test_a_slider_redraws_its_own_plot_and_no_other(tab):
    tab.locator("#dataset-example").click()
    wait_until_read(tab, "example.parquet")
    for name in measures.MEASURES:
        before = drawn(tab)
        # Only a plot that is not drawn anew keeps the mark.
        tab.evaluate("document.querySelectorAll('#dataset .eda-plots .js-plotly-plot').forEach(p => p.data.old = true)")
        bins = tab.locator(f"#dataset-bins-{name} input[type=number]")
        bins.fill("7")
        bins.press("Tab")
        if name != "epithets":  # of so few values that the bins stay the same
            wait_for_change(tab, f"histogram-{name}", before[f"histogram-{name}"])
        assert {plot for plot, seen in drawn(tab).items() if seen != before[plot]} <= {f"histogram-{name}"}
        redrawn = tab.evaluate(
            "[...document.querySelectorAll('#dataset .eda-plots .js-plotly-plot')].filter(p => !p.data.old)"
            ".map(p => p.closest('[id^=dataset-]').id)"
        )
        assert set(redrawn) <= {f"dataset-histogram-{name}"}
        bars = tab.evaluate(f"document.querySelector('#dataset-histogram-{name} .js-plotly-plot').calcdata[0].length")
        assert bars <= 7


def test_the_full_range_takes_in_what_the_robust_one_labels(read):
    before = drawn(read)
    assert "above" in read.locator("#dataset-histogram-width").inner_text()
    read.locator("#dataset-full input").check()
    wait_for_change(read, "histogram-width", before["histogram-width"])
    read.wait_for_function("!document.querySelector('#dataset-histogram-width').innerText.includes('above')")
    changed = {plot for plot, seen in drawn(read).items() if seen != before[plot]}
    assert changed <= {plot for plot in PLOTS if plot.startswith("histogram")}


def test_a_template_restyles_every_plot(read):
    read.locator("#dataset-template input").click()
    assert len(read.get_by_role("option").all()) == len(looks.TEMPLATES)
    read.get_by_role("option", name="plotly_dark", exact=True).click()
    read.wait_for_function(
        """count => [...document.querySelectorAll('#dataset .js-plotly-plot')].filter(
            plot => plot._fullLayout.paper_bgcolor == 'rgb(17,17,17)').length == count""",
        arg=len(PLOTS),
    )


def test_shared_words_come_back_into_the_cloud(read):
    before = read.locator("#dataset-cloud img").get_attribute("src")
    assert "minimalist (" not in read.locator("#dataset-words details").text_content()
    read.locator("#dataset-shared input").check()
    read.wait_for_function("document.querySelector('#dataset-words details').textContent.includes('minimalist (58)')")
    assert read.locator("#dataset-cloud img").get_attribute("src") != before


def test_the_logos_of_a_range_are_found(read):
    read.locator("#dataset-measure input").click()
    read.get_by_role("option", name="Width (pixels)", exact=True).click()
    read.wait_for_function("document.querySelector('#dataset-high input').value == '900'")
    read.locator("#dataset-low input").fill("500")
    read.locator("#dataset-find").click()
    read.wait_for_function("document.querySelectorAll('#dataset-found img').length == 1")
    assert "1 of 60 rows: width from 500 to 900" in read.locator("#dataset-found-text").inner_text()
    assert "row 17" in read.locator("#dataset-found .caption-label").inner_text()
    read.locator("#dataset-low input").fill("5000")
    read.locator("#dataset-find").click()
    read.get_by_test_id("toast-body").filter(has_text="the smaller one first").wait_for()


def test_the_report_and_the_summary_are_taken_along(read, browser, tmp_path):
    for kind in ("report", "summary"):
        with read.expect_download() as saved:
            read.locator(f"#dataset-{kind}").click()
        saved.value.save_as(tmp_path / saved.value.suggested_filename)
    found = json.loads((tmp_path / "faulty.json").read_text())
    assert (found["rows"], found["damaged"], found["damaged_rows"], found["blank_rows"]) == (60, 1, [5], [3])
    context = browser.new_context(offline=True)
    try:
        page = context.new_page()
        page.goto((tmp_path / "faulty.html").as_uri())
        page.wait_for_function(f"document.querySelectorAll('.js-plotly-plot .main-svg').length >= {len(PLOTS)}")
        assert "Damaged: 1 row" in page.inner_text("body")
    finally:
        context.close()


def test_every_section_collapses_alone(read):
    sections = read.get_by_role("tabpanel").locator(".gr-accordion")
    assert sections.count() == len(SECTIONS)
    for i, content in enumerate(SECTIONS):
        sections.nth(i).get_by_role("button").first.click()
        read.locator(content).first.wait_for(state="hidden")
        assert all(read.locator(other).first.is_visible() for other in SECTIONS if other != content)
        sections.nth(i).get_by_role("button").first.click()
        read.locator(content).first.wait_for()


REFUSED = {
    "empty.parquet": (b"", "The file is empty"),
    "words.parquet": (b"PAR1 and then words", "cut off"),
    "picture.png": (b"\x89PNG\r\n\x1a\n", "not a parquet file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_file_is_told_and_what_was_loaded_stays(read, name, tmp_path):
    content, sentence = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    before = drawn(read)
    upload(read, tmp_path / name)
    read.locator("#dataset-status [role=alert]", has_text=sentence).wait_for()
    assert drawn(read) == before
    show_row(read, 20 + list(REFUSED).index(name))


def test_a_file_that_breaks_off_in_its_images_shows_its_captions_and_nothing_of_another(tab, faulty, tmp_path):
    upload(tab, faulty)
    wait_until_read(tab, "faulty.parquet")
    path = made.write(
        tmp_path / "spoilt.parquet", [*map(made.picture, range(1, 40))], [*map(made.caption, range(1, 40))],
        write_page_checksum=True, use_dictionary=False, compression="none", write_statistics=False,
    )  # fmt: skip
    content = bytearray(path.read_bytes())
    content[content.index(b"IDAT") + 20] ^= 1
    path.write_bytes(content)
    upload(tab, path)
    tab.locator("#dataset-status [role=status]", has_text="does not match its checksum").wait_for()
    assert "spoilt.parquet: 39 rows" in tab.locator("#dataset-status").inner_text()
    tab.wait_for_function("!document.querySelector('#dataset-histogram-width .js-plotly-plot')")
    assert {plot for plot in drawn(tab) if not plot.startswith("commonest")} == {
        f"{kind}-{name}" for kind in ("histogram", "box") for name in measures.OF_CAPTIONS
    }
    assert tab.locator("#dataset-cloud img").count() == 0
    assert tab.locator("#dataset-faults").inner_text().strip() == ""


def test_what_is_asked_for_last_is_what_is_shown(tab, faulty):
    tab.locator("#dataset-example").click()
    tab.locator("#dataset-status .count", has_text="example.parquet").wait_for()
    upload(tab, faulty)
    wait_until_read(tab, "faulty.parquet: 60 rows")
    tab.wait_for_timeout(3000)  # for as long as the example would take
    assert tab.locator("#dataset-status").inner_text().startswith("faulty.parquet: 60 rows")
    show_row(tab, 59)
    assert "Brand 59" in tab.locator("#dataset-row-text").inner_text()


def test_a_dataset_without_rows_has_an_empty_state(tab, tmp_path):
    upload(tab, made.write(tmp_path / "none.parquet", [], []))
    tab.locator("#dataset-status .count", has_text="none.parquet: 0 rows").wait_for()
    assert "nothing to analyse" in tab.locator("#dataset-status").inner_text()
    assert not tab.locator("#dataset-random").is_visible()


def test_two_visitors_see_their_own_datasets(app, browser, faulty, tmp_path):
    other = made.write(
        tmp_path / "other.parquet", [made.picture(i) for i in range(7)], [made.caption(i) for i in range(7)]
    )
    with opened(browser, app.url) as one, opened(browser, app.url) as two:
        open_tab(one)
        open_tab(two)
        upload(one, faulty)
        upload(two, other)
        wait_until_read(one, "faulty.parquet: 60 rows")
        wait_until_read(two, "other.parquet: 7 rows")
        two.locator("#dataset-random").click()
        two.locator("#dataset-row-text b").wait_for()
        assert int(re.match(r"row (\d+)", two.locator("#dataset-row-text b").inner_text())[1]) < 7
        assert "60 rows" in one.locator("#dataset-status").inner_text()

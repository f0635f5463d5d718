"""The Model tab in a real browser: what it says, plots and shows."""

import csv
import json
import re
import shutil

import pytest
from conftest import launched, opened
from PIL import Image

from logo_gan.evaluation.model_card import REPOSITORY
from logo_gan.web import plots

PHONE = {"viewport": {"width": 390, "height": 844}}


def test_the_model_tab_says_which_weights_are_in_use(page):
    open_model(page)
    assert "bundled (warp)" in page.locator("#model").inner_text()
    assert page.locator("#description a").get_attribute("href") == REPOSITORY
    assert page.locator("#picker label").all_inner_texts() == ["warp", "baseline-28", "both"]
    assert page.get_by_role("radio", name="warp").is_checked()
    page.get_by_text("One image does not differ from itself").wait_for()


MEASURES = [column for chart in plots.CHARTS.values() if not chart.noisy for column in chart.columns]


@pytest.fixture(scope="module")
def measured(bundled_weights, tmp_path_factory):
    """The app with a model in a folder that has everything: losses, measures at 13 points, a progress strip."""
    folder = tmp_path_factory.mktemp("measured")
    own = folder / "own"
    own.mkdir()
    for name in ("config.json", "model.safetensors"):
        shutil.copy(bundled_weights / name, own)
    losses = ["loss_generator", "loss_discriminator", "loss_reconstruction"]
    with (own / "history.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["images", "epoch", *losses, *MEASURES])
        writer.writeheader()
        for i in range(1, 131):
            row = {"images": 7_500 * i, "epoch": 0.075 * i, **dict.fromkeys(losses, 0.5 + 1 / i)}
            writer.writerow(row | (dict.fromkeys(MEASURES, 0.5 + i / 300) if i % 10 == 0 else {}))
    entry = {"value": 0.929, "interval": [0.84, 0.97], "n": 960, "extractor": "judge", "floor": 0.08, "ceiling": 0.99}
    samples = json.loads((own / "config.json").read_text()) | {"training": {"samples": ["wolf", "orange rocket"]}}
    (own / "config.json").write_text(json.dumps(samples))
    (own / "measures.json").write_text(json.dumps({"object": entry, "fid": {"value": None, "note": "not measured"}}))
    Image.new("RGB", (1000, 400), "teal").save(own / "progress.png")
    with launched(folder, LOGO_GAN_MODEL=str(own)) as running:
        yield running


def open_model(page) -> None:
    """Opens the Model tab and waits until its plots are drawn."""
    page.get_by_role("tab", name="Model").click()
    wait_for_plots(page)


def wait_for_plots(page, condition: str = "plots.length") -> None:
    """Waits for a condition on `plots`, what Plotly knows of each figure on the page."""
    page.wait_for_function(
        f"""() => {{
            const drawn = [...document.querySelectorAll('#plots .js-plotly-plot')];
            const plots = drawn.map(plot => plot._fullLayout);
            return drawn.every(plot => plot.querySelector('svg .trace')) && {condition};
        }}"""
    )


def brightness(colour: str) -> float:
    return sum(int(value) for value in re.findall(r"\d+", colour)[:3]) / 3


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_model_tab_can_be_read_in_light_and_dark_on_a_phone_and_a_desk(measured, browser, scheme, width):
    with opened(browser, measured.url, color_scheme=scheme, viewport={"width": width, "height": 844}) as page:
        open_model(page)
        wait_for_plots(page, f"plots.length == {len(plots.CHARTS)}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for plot in page.locator("#plots .js-plotly-plot").all():
            frame, picture = plot.bounding_box(), plot.locator("svg").first.bounding_box()
            assert frame["x"] >= 0 and picture["width"] <= frame["width"] + 1 <= width
        texts = page.locator("#plots").locator(".gtitle, .xtick text, .ytitle, .legendtext").all()
        fills = [text.evaluate("text => getComputedStyle(text).fill") for text in texts]
        assert len(fills) > 40
        assert all((brightness(fill) > 150) == (scheme == "dark") for fill in fills)
        strip = page.locator(".strip img").first
        strip.scroll_into_view_if_needed()
        page.wait_for_function("document.querySelector('.strip img').naturalWidth == 1000")
        assert strip.bounding_box()["x"] >= 0, "its left end would be out of reach"
        assert "wolf; orange rocket" in strip.get_attribute("alt")
        assert "0.929" in page.locator("#measures").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


SECTIONS = ("#model", "#description", "#no-strip", "#measures", "#faults")


def test_a_control_redraws_the_plots_and_nothing_else(measured, browser):
    with opened(browser, measured.url) as page:
        open_model(page)
        faults = page.get_by_role("button", name="Why the old model failed")
        faults.click()
        page.locator("#faults").wait_for(state="hidden")
        before = [page.locator(section).inner_html() for section in SECTIONS[:-1]]

        wait_for_plots(page, "plots[0].yaxis.type == 'log'")
        page.get_by_text("linear", exact=True).click()
        wait_for_plots(page, "plots.every(plot => plot.yaxis.type == 'linear')")
        page.get_by_text("logarithmic", exact=True).click()
        wait_for_plots(page, "plots[0].yaxis.type == 'log'")

        page.locator("#template input").click()
        assert len(page.get_by_role("option").all()) == len(plots.TEMPLATES)
        page.get_by_role("option", name="plotly_dark", exact=True).click()
        wait_for_plots(page, "plots.every(plot => plot.paper_bgcolor == 'rgb(17,17,17)')")
        wait_for_plots(page, "plots[0].yaxis.type == 'log'")

        page.get_by_test_id("baseline-28-radio-label").click()
        wait_for_plots(page, "plots[0].annotations[0].text.startsWith('<b>baseline-28</b>')")
        page.get_by_text("all three", exact=True).click()
        wait_for_plots(page, "plots[0].annotations.length == 3 && plots[0].yaxis3.type == 'log'")
        wait_for_plots(page, "plots.every(plot => plot.paper_bgcolor == 'rgb(17,17,17)')")

        assert [page.locator(section).inner_html() for section in SECTIONS[:-1]] == before
        assert not page.locator("#faults").is_visible()
        assert not page.get_by_test_id("toast-body").count()


def test_a_finger_that_drags_over_a_plot_scrolls_the_page(measured, browser):
    """A plot that takes the gesture for zooming holds phones up, for it is as wide as they are."""
    with opened(browser, measured.url, **PHONE, has_touch=True, is_mobile=True) as page:
        open_model(page)
        plot = page.locator("#plots .js-plotly-plot").nth(1)
        plot.scroll_into_view_if_needed()
        before = page.evaluate("scrollY")
        box = plot.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + 180
        devtools = page.context.new_cdp_session(page)
        for kind, points in [
            ("touchStart", [y]),
            *(("touchMove", [y - 15 * k]) for k in range(1, 11)),
            ("touchEnd", []),
        ]:
            devtools.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": at} for at in points]}
            )
        page.wait_for_function("before => scrollY > before + 50", arg=before)


def test_charts_that_a_model_s_history_lacks_are_not_shown(measured, browser):
    with opened(browser, measured.url) as page:
        open_model(page)
        wait_for_plots(page, f"plots.length == {len(plots.CHARTS)}")
        assert page.locator("#untracked").inner_text() == ""
        page.get_by_test_id("baseline-28-radio-label").click()
        wait_for_plots(page, "plots[0].annotations[0].text.startsWith('<b>baseline-28</b>')")
        page.locator("#plot-bending").wait_for(state="hidden")


def test_every_section_of_the_model_tab_collapses_alone(page):
    open_model(page)
    page.wait_for_function("document.querySelector('#faults li')")
    sections = page.get_by_role("tabpanel").locator(".gr-accordion")
    contents = ("#model", "#description", "#picker", ".strip", "#measures", "#faults")
    assert sections.count() == len(contents)
    for i, content in enumerate(contents):
        sections.nth(i).get_by_role("button").first.click()
        page.locator(content).first.wait_for(state="hidden")
        assert all(page.locator(other).first.is_visible() for other in contents if other != content)
        sections.nth(i).get_by_role("button").first.click()
        page.locator(content).first.wait_for()


def test_the_first_tab_does_not_wait_for_plotly(app, browser):
    with opened(browser, app.url) as page:
        fetched = []
        page.on("request", lambda request: fetched.append(request.url))
        page.reload()
        page.wait_for_function("document.querySelectorAll('#logos img[alt^=Example]').length == 4")
        assert not any("Plotly" in url for url in fetched)
        open_model(page)
        assert any("Plotly" in url for url in fetched)

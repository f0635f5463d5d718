"""The Model and the Dataset tab looked through by axe-core, in light and dark: no grave finding, nothing too wide."""

import re

import pytest
from accessibility import findings
from conftest import opened

RUNS = (("en-US", "light", 1280), ("en-US", "dark", 360), ("ru-RU", "light", 360), ("ru-RU", "dark", 1280))


def test_what_nobody_could_use_is_found(browser):
    """Or an empty list would say nothing."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.set_content("<html lang='en'><title>x</title><p style='color:#ccc'>faint</p><input><img src='a'></html>")
        assert {found.split(" at ")[0] for found in findings(page)} == {"color-contrast", "label", "image-alt"}
        assert findings(page, within="p", known={("color-contrast", "p"): "as it should be"}) == []
    finally:
        context.close()


@pytest.mark.parametrize(("locale", "scheme", "width"), RUNS)
def test_both_tabs_can_be_used_by_everyone(app, browser, locale, scheme, width):
    looks = {"locale": locale, "color_scheme": scheme, "viewport": {"width": width, "height": 844}}
    with opened(browser, app.url, **looks) as page:
        tabs = page.get_by_role("tab")
        tabs.nth(2).wait_for()
        assert tabs.count() == 3, "on a phone as well, rather than behind three dots"
        tabs.nth(1).click()
        page.wait_for_function("document.querySelectorAll('#plots .js-plotly-plot .trace').length > 5")
        page.locator("#measures table").wait_for()
        assert findings(page) == [] and cut_off(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

        tabs.nth(2).click()
        page.locator("#dataset-format table").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("#dataset-example").click()
        page.wait_for_function("document.querySelector('#dataset-report')?.disabled === false")
        page.locator("#dataset-random").click()
        page.locator("#dataset-row-text b").wait_for()
        page.locator("#dataset-find").click()
        page.wait_for_function("document.querySelectorAll('#dataset-found img').length == 24")
        page.locator("#dataset-words summary").click()
        assert findings(page) == [] and cut_off(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for plot in page.locator("#dataset .eda-plots .js-plotly-plot").all():
            frame, picture = plot.bounding_box(), plot.locator("svg").first.bounding_box()
            assert frame["x"] >= 0 and picture["width"] <= frame["width"] + 1 <= width
        texts = page.locator("#dataset .eda-plots").locator(".gtitle, .xtick text, .ytitle, .annotation text")
        fills = texts.evaluate_all("texts => texts.map(text => getComputedStyle(text).fill)")
        assert len(fills) > 40
        assert all((brightness(fill) > 150) == (scheme == "dark") for fill in fills)


def brightness(colour: str) -> float:
    return sum(int(value) for value in re.findall(r"\d+", colour)[:3]) / 3


def cut_off(page) -> list[str]:
    """Titles of plots and of their axes that reach out of their plot."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.js-plotly-plot')].filter(plot => plot.checkVisibility()).flatMap(
            plot => {
                const frame = plot.getBoundingClientRect();
                const names = '.gtitle, .gtitle-subtitle, .xtitle, .ytitle, .annotation text';
                return [...plot.querySelectorAll(names)].filter(text => {
                    const box = text.getBoundingClientRect();
                    return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1
                        || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
                }).map(text => text.textContent);
            })"""
    )

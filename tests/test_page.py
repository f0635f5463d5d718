"""The page in a real browser: what a visitor sees, types, presses and saves."""

import re
import xml.etree.ElementTree as ET

import pytest
from conftest import opened
from PIL import Image

PROMPT = "orange rocket in a navy circle"
GENERATE = "Generate four logos"
PHONE = {"viewport": {"width": 390, "height": 844}}


def write(page, prompt: str) -> None:
    page.get_by_label("What should the logo show?").fill(prompt)


def wait_for_proposals(page, prompt: str, but_not: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The addresses of four pictures that are asked-for proposals, loaded, and not those seen before."""
    page.wait_for_function(
        """([prompt, old]) => {
            const images = [...document.querySelectorAll('#logos img')];
            const asked = (image, i) => image.alt == `Proposal ${i + 1}: ${prompt}`;
            const loaded = image => image.complete && image.naturalWidth == 1024;
            return images.length == 4 && images.every(asked) && images.every(loaded)
                && !images.some(image => old.includes(image.src));
        }""",
        arg=[prompt, list(but_not)],
    )
    return tuple(image.get_attribute("src") for image in page.locator("#logos img").all())


def seed_used(page) -> str:
    return page.get_by_label("Drawn with seed").input_value()


def test_the_empty_page_shows_what_comes_of_a_prompt(page):
    page.wait_for_function("document.querySelectorAll('#logos img[alt^=\"Example: \"]').length == 4")
    assert not page.get_by_role("button", name="PNG 1").is_visible()
    assert page.get_by_role("button", name="Keep this seed").is_disabled()


def test_enter_and_the_button_each_draw_four_logos(page):
    write(page, PROMPT)
    page.keyboard.press("Enter")
    first = wait_for_proposals(page, PROMPT)
    assert re.fullmatch(r"\d{1,10}", seed_used(page))
    page.get_by_role("button", name=GENERATE).click()
    second = wait_for_proposals(page, PROMPT, but_not=first)
    assert not set(first) & set(second)


def test_a_seed_that_is_kept_gives_the_same_logos(page):
    write(page, PROMPT)
    page.keyboard.press("Enter")
    first = wait_for_proposals(page, PROMPT)
    seed = seed_used(page)
    page.get_by_role("button", name="Keep this seed").click()
    page.wait_for_function("seed => document.querySelector('#seed input').value == seed", arg=seed)
    write(page, "blue fish logo")
    page.keyboard.press("Enter")
    wait_for_proposals(page, "blue fish logo")
    assert seed_used(page) == seed
    write(page, PROMPT)
    page.keyboard.press("Enter")
    assert wait_for_proposals(page, PROMPT) == first


def test_a_seed_can_be_set(page):
    page.get_by_label("Seed", exact=True).fill("4294967295")
    write(page, "cat")
    page.keyboard.press("Enter")
    wait_for_proposals(page, "cat")
    assert seed_used(page) == "4294967295"


def test_an_example_is_one_press(page):
    page.get_by_role("button", name="blue fish logo").click()
    wait_for_proposals(page, "blue fish logo")
    assert page.get_by_label("What should the logo show?").input_value() == "blue fish logo"


def test_every_proposal_is_saved_as_png_and_as_svg(page, tmp_path):
    page.get_by_label("Seed", exact=True).fill("7")
    write(page, PROMPT)
    page.keyboard.press("Enter")
    wait_for_proposals(page, PROMPT)
    for i in (1, 2, 3, 4):
        for kind in ("PNG", "SVG"):
            button = page.get_by_role("button", name=f"{kind} {i}", exact=True)
            page.wait_for_function(
                "name => [...document.querySelectorAll('#downloads button')].some("
                "button => button.innerText.trim() == name && !button.disabled)",
                arg=f"{kind} {i}",
            )
            with page.expect_download() as saved:
                button.click()
            assert saved.value.suggested_filename == f"orange-rocket-in-a-navy-circle-7-{i}.{kind.lower()}"
            path = tmp_path / saved.value.suggested_filename
            saved.value.save_as(path)
            if kind == "PNG":
                with Image.open(path) as image:
                    assert (image.format, image.size) == ("PNG", (1024, 1024))
            else:
                assert ET.parse(path).getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    ("prompt", "seed", "sentence"),
    [
        ("", "", "The prompt is empty"),
        ("!!!", "", "The prompt has no word in it"),
        ("cat", "1.5", "The seed must be a whole number"),
        ("cat", "4294967296", "The seed must be a whole number"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(page, prompt, seed, sentence):
    page.get_by_label("Seed", exact=True).fill(seed)
    write(page, prompt)
    page.get_by_role("button", name=GENERATE).click()
    toast = page.get_by_test_id("toast-body")
    toast.wait_for()
    assert sentence in toast.inner_text()
    assert "Traceback" not in page.content()


def test_markup_in_a_prompt_is_shown_as_it_is(page):
    prompt = "<b>cat</b> <img src=x onerror=alert(1)>"
    write(page, prompt)
    page.keyboard.press("Enter")
    wait_for_proposals(page, prompt)
    assert page.locator("#logos .caption-label").first.inner_text() == f"Proposal 1: {prompt}"
    assert page.locator("#logos b").count() == 0


def test_a_prompt_in_another_script_is_drawn_and_saved(page):
    write(page, "рыжий кот")
    page.keyboard.press("Enter")
    wait_for_proposals(page, "рыжий кот")
    with page.expect_download() as saved:
        page.get_by_role("button", name="PNG 1", exact=True).click()
    assert saved.value.suggested_filename.startswith("рыжий-кот-")


def test_the_model_tab_says_which_weights_are_in_use(page):
    page.get_by_role("tab", name="Model").click()
    page.get_by_text("bundled (layered-64)").wait_for()


@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1920])
def test_nothing_is_wider_than_the_window(app, browser, width):
    with opened(browser, app.url, viewport={"width": width, "height": 844}) as page:
        write(page, "a" * 60 + " rocket")
        page.keyboard.press("Enter")
        wait_for_proposals(page, "a" * 60 + " rocket")
        page.get_by_role("button", name="SVG 4").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        columns = {round(image.bounding_box()["x"]) for image in page.locator("#logos img").all()}
        assert len(columns) == 2


def test_two_visitors_see_their_own_logos(app, browser):
    with opened(browser, app.url) as one, opened(browser, app.url) as two:
        write(one, "red cat")
        write(two, "green tree")
        one.keyboard.press("Enter")
        two.keyboard.press("Enter")
        assert not set(wait_for_proposals(one, "red cat")) & set(wait_for_proposals(two, "green tree"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_colour_scheme(app, browser, scheme):
    with opened(browser, app.url, color_scheme=scheme) as page:
        page.get_by_role("button", name=GENERATE).wait_for()
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness = sum(int(value) for value in re.findall(r"\d+", background)[:3]) / 3
        assert (brightness > 200) == (scheme == "light")

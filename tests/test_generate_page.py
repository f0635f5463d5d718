"""The Generate tab in a real browser: prompts, seeds, words, languages, and whoever uses it with whatever."""

import json
import re

import pytest
from accessibility import findings
from conftest import opened
from studio import (
    GENERATE,
    PROMPT,
    choose,
    draw,
    fills,
    save,
    seed_used,
    toast,
    wait_for_address,
    wait_for_logos,
    wait_for_proposals,
    write,
)

from logo_gan.web.examples import EXAMPLES


def test_the_empty_page_shows_what_comes_of_a_prompt(page):
    page.wait_for_function("document.querySelectorAll('#logos img[alt^=Example]').length == 4")
    assert not page.locator("#finish").is_visible()
    assert not page.locator("#past").is_visible()
    assert page.get_by_role("button", name="Keep this seed").is_disabled()
    choose(page, 2)
    page.locator(".editor").wait_for()
    assert EXAMPLES["en"][1] in page.locator(".editor .sheet").get_attribute("aria-label")


def test_enter_and_the_button_each_draw_four_logos(page):
    write(page, PROMPT)
    page.keyboard.press("Enter")
    first = wait_for_proposals(page, PROMPT)
    assert re.fullmatch(r"\d{1,10}", seed_used(page))
    page.get_by_role("button", name=GENERATE).click()
    second = wait_for_proposals(page, PROMPT, but_not=first)
    assert not set(first) & set(second)


def test_what_is_drawn_before_the_page_has_quite_opened_stays(page):
    held = []

    def hold(route):
        opens = json.loads(route.request.post_data)["trigger_id"] == 0
        held.append(route) if opens else route.continue_()

    page.route("**/queue/join*", hold)
    page.reload()
    box = page.get_by_label("What should the logo show?")
    box.fill(PROMPT)
    box.press("Enter")
    drawn = wait_for_proposals(page, PROMPT)
    page.locator(".editor").wait_for()
    assert held
    with page.expect_response("**/queue/join*"):
        for route in held:
            route.continue_()
    page.locator("#logos img[alt^=Example]").first.wait_for(state="detached")
    choose(page, 2)  # comes after what was held
    page.wait_for_timeout(1000)
    assert wait_for_proposals(page, PROMPT) == drawn


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
    draw(page, "cat", "4294967295")
    assert seed_used(page) == "4294967295"


def test_an_example_is_one_press(page):
    page.get_by_role("button", name=EXAMPLES["en"][3]).click()
    wait_for_proposals(page, EXAMPLES["en"][3])
    assert page.get_by_label("What should the logo show?").input_value() == EXAMPLES["en"][3]


def test_the_dial_goes_from_the_remembered_drawing_to_others_and_is_kept_in_the_address(page):
    write(page, "fox")
    page.get_by_label("Seed", exact=True).fill("7")
    alike = {}
    for dial in (0, 100):
        page.get_by_role("slider").fill(str(dial))
        page.get_by_role("button", name=GENERATE).click()
        wait_for_address(page, seed="7", invention=str(dial))
        told = page.locator(".editor .origin summary").inner_text()
        alike[dial] = int(re.search(r"(\d+)\W% alike", told)[1])
    assert alike[0] >= 98 and alike[100] <= alike[0]
    with opened(page.context.browser, page.evaluate("location.href")) as other:
        wait_for_proposals(other, "fox")
        assert other.get_by_role("slider").input_value() == "100"


def test_each_logo_says_what_it_was_drawn_from(page):
    draw(page, "wolf")
    caption = page.locator("#logos .caption-label").first.inner_text()
    assert re.fullmatch(r"Proposal 1, from “wolf[\w ]*” \([\w-]+, [\w.-]+\): wolf", caption)
    origin = page.locator(".editor .origin")
    line = r"Drawn from “wolf[\w ]*” of [\w-]+ by .+, [\w.-]+\. Nearest remembered: [\w-]+ of [\w-]+, \d+\W% alike\."
    assert re.fullmatch(line, origin.locator("summary").inner_text())
    assert not origin.locator("li").first.is_visible()
    origin.locator("summary").click()
    assert "under the licence" in origin.locator("li").first.inner_text()
    assert "the area that both cover" in origin.inner_text()


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
    assert sentence in toast(page)
    assert "Traceback" not in page.content()


def test_markup_in_a_prompt_and_a_name_is_shown_as_it_is(page):
    prompt = "<b>cat</b> <img src=x onerror=alert(1)>"
    draw(page, prompt)
    assert page.locator("#logos .caption-label").first.inner_text().endswith(f": {prompt}")
    page.get_by_label("Name", exact=True).fill("<i>x</i>")
    page.get_by_label("beside").check()
    page.locator(".editor g[data-layer=name]").wait_for(state="attached")
    assert page.locator("#logos b, #editor i:not(.palettes i), #reading img").count() == 0


def test_a_prompt_in_another_script_is_drawn_and_saved(page):
    draw(page, "рыжий кот")
    assert save(page, "Save PNG")[0] == "рыжий-кот-7-1.png"


def test_the_interface_speaks_russian_to_a_russian_browser_and_can_be_switched(app, browser):
    with opened(browser, app.url, locale="ru-RU") as page:
        page.get_by_role("tab", name="Модель").wait_for()
        write(page, "оранжевая ракета в синем круге, квантовый")
        page.get_by_role("button", name="Нарисовать четыре логотипа").click()
        wait_for_logos(page, "Вариант", "оранжевая ракета в синем круге, квантовый")
        page.locator(".editor").wait_for()
        assert page.locator(".editor legend").inner_text() == "Цвета"
        assert page.locator("html").get_attribute("lang") == "ru"
        write(page, "!!!")
        page.keyboard.press("Enter")
        assert "нет ни одного слова" in toast(page)
        page.locator(".editor input[data-role=mark]").fill("#123456")
        page.get_by_role("button", name="English").click()
        page.get_by_role("tab", name="Dataset").wait_for()
        wait_for_proposals(page, "оранжевая ракета в синем круге, квантовый")
        page.get_by_role("button", name=GENERATE).wait_for()
        page.wait_for_function("document.querySelector('.editor legend').innerText == 'Colours'")
        assert fills(page)["mark"] == "#123456"
        page.reload()  # the choice is remembered
        page.get_by_role("button", name=GENERATE).wait_for()
        page.wait_for_function("document.documentElement.lang == 'en'")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_address_can_name_the_language(app, browser, language):
    with opened(browser, f"{app.url}/?lang={language}", locale="de-DE") as page:
        label = {"en": GENERATE, "ru": "Нарисовать четыре логотипа"}[language]
        page.get_by_role("button", name=label).wait_for()
        page.get_by_role("tab", name={"en": "Dataset", "ru": "Данные"}[language]).wait_for()


@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1920])
def test_nothing_is_wider_than_the_window(app, browser, width):
    with opened(browser, app.url, viewport={"width": width, "height": 844}) as page:
        draw(page, "logo for Wordsworthington, " + "a" * 60 + " rocket")
        page.locator("#history img").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        columns = {round(image.bounding_box()["x"]) for image in page.locator("#logos img").all()}
        assert len(columns) == (2 if width < 720 else 4)


@pytest.mark.parametrize(
    ("scheme", "width", "locale"),
    [("light", 1280, "en-US"), ("dark", 1280, "ru-RU"), ("light", 360, "ru-RU"), ("dark", 360, "en-US")],
)
def test_everyone_can_use_the_tab(app, browser, scheme, width, locale):
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 844}, "locale": locale}
    with opened(browser, app.url, **options) as page:
        page.wait_for_function("document.querySelectorAll('#logos img').length == 4")
        write(page, "logo for Aurora, orange rocket, quantum")
        page.keyboard.press("Enter")
        page.locator(".editor").wait_for()
        page.locator("#history img").first.wait_for()
        assert findings(page) == []
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness = sum(int(value) for value in re.findall(r"\d+", background)[:3]) / 3
        assert (brightness > 200) == (scheme == "light")


def test_everything_can_be_reached_and_pressed_with_the_keyboard(page):
    """From the name by Tab alone, each stop with a focus that can be seen."""
    draw(page)
    page.get_by_label("Name", exact=True).focus()
    reached, faint = [], []
    for _ in range(80):
        page.keyboard.press("Tab")
        name, seen = page.evaluate(
            """() => { const at = document.activeElement, style = getComputedStyle(at);
                const inner = at.querySelector?.('img');
                const ring = element => element && parseFloat(getComputedStyle(element).outlineWidth) > 0
                    && getComputedStyle(element).outlineStyle != 'none';
                const name = at.getAttribute('aria-label') || at.innerText || at.labels?.[0]?.innerText || at.id;
                return [name.trim(), ring(at) || ring(inner) || style.boxShadow != 'none']; }"""
        )
        reached.append(name)
        faint += [] if seen else [name]
    told = " | ".join(reached)
    for wanted in (GENERATE, EXAMPLES["en"][0], "slider", "Thumbnail 1 of 4", "Seed", "Keep this seed", "Ground",
                   "Navy and amber", "Copy colours", "Slogan", "hexagon", "Font", "Save PNG", "Copy link",
                   "More like this"):  # fmt: skip
        assert wanted in told, told
    assert faint == []
    page.locator("#logos button").nth(2).focus()
    page.keyboard.press("Enter")
    wait_for_address(page, logo="3")


def test_two_visitors_see_their_own_logos_and_history(app, browser):
    with opened(browser, app.url) as one, opened(browser, app.url) as two:
        write(one, "red cat")
        write(two, "green tree")
        one.keyboard.press("Enter")
        two.keyboard.press("Enter")
        assert not set(wait_for_proposals(one, "red cat")) & set(wait_for_proposals(two, "green tree"))
        for page, prompt in ((one, "red cat"), (two, "green tree")):
            page.wait_for_function("document.querySelectorAll('#history img').length == 4")
            assert all(image.get_attribute("alt").endswith(prompt) for image in page.locator("#history img").all())

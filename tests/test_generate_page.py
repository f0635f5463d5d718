"""The Generate tab in a real browser: what a visitor sees, types, presses, changes and saves."""

import io
import re
import xml.etree.ElementTree as ET
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from accessibility import findings
from conftest import opened
from PIL import Image

PROMPT = "orange rocket in a navy circle"
GENERATE = "Generate four logos"
SVG = "{http://www.w3.org/2000/svg}"


def write(page, prompt: str) -> None:
    page.locator("#logos img").first.wait_for()  # what is typed before the page is whole would be lost
    page.locator("#prompt input, #prompt textarea").fill(prompt)


def wait_for_logos(page, kind: str, prompt: str, n: int = 4, but_not: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The addresses of `n` pictures with such alternative texts, loaded, and not those seen before."""
    page.wait_for_function(
        """([kind, prompt, n, old]) => {
            const images = [...document.querySelectorAll('#logos img')];
            const asked = image => image.alt.startsWith(kind) && image.alt.endsWith(`: ${prompt}`);
            const loaded = image => image.complete && image.naturalWidth == 1024;
            return images.length == n && images.every(asked) && images.every(loaded)
                && !images.some(image => old.includes(image.src));
        }""",
        arg=[kind, prompt, n, list(but_not)],
    )
    return tuple(image.get_attribute("src") for image in page.locator("#logos img").all())


def wait_for_proposals(page, prompt: str, but_not: tuple[str, ...] = ()) -> tuple[str, ...]:
    return wait_for_logos(page, "Proposal", prompt, 4, but_not)


def draw(page, prompt: str = PROMPT, seed: str = "7") -> None:
    """Draws with a seed, and waits until the first logo is in the editor and in the address bar."""
    page.locator("#logos img").first.wait_for()
    page.get_by_label("Seed", exact=True).fill(seed)
    write(page, prompt)
    page.keyboard.press("Enter")
    wait_for_proposals(page, prompt)
    wait_for_address(page, logo="1", seed=seed)


def wait_for_address(page, **fields: str) -> None:
    """Waits until the browser's address has these fields."""
    page.wait_for_function(
        """fields => { const query = new URLSearchParams(location.search);
            return Object.entries(fields).every(([name, value]) => query.get(name) === value); }""",
        arg=fields,
    )


def address(page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def choose(page, number: int) -> None:
    page.locator("#logos button").nth(number - 1).click()


def seed_used(page) -> str:
    return page.get_by_label("Drawn with seed").input_value()


def fills(page) -> dict[str, str]:
    """Layer → colour of the logo in the editor."""
    groups = "groups => groups.map(group => [group.dataset.layer, group.getAttribute('fill')])"
    return dict(page.locator(".editor .sheet g[data-layer]").evaluate_all(groups))


def save(page, button: str) -> tuple[str, bytes]:
    with page.expect_download() as saved:
        page.get_by_role("button", name=button, exact=True).click()
    return saved.value.suggested_filename, saved.value.path().read_bytes()


def toast(page) -> str:
    body = page.get_by_test_id("toast-body").last
    body.wait_for()
    return body.inner_text()


def test_the_empty_page_shows_what_comes_of_a_prompt(page):
    page.wait_for_function("document.querySelectorAll('#logos img[alt^=\"Example: \"]').length == 4")
    assert not page.locator("#finish").is_visible()
    assert not page.locator("#past").is_visible()
    assert page.get_by_role("button", name="Keep this seed").is_disabled()
    choose(page, 2)
    page.locator(".editor").wait_for()
    assert "white owl" in page.locator(".editor .sheet").get_attribute("aria-label")


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
    draw(page, "cat", "4294967295")
    assert seed_used(page) == "4294967295"


def test_an_example_is_one_press(page):
    page.get_by_role("button", name="blue fish logo").click()
    wait_for_proposals(page, "blue fish logo")
    assert page.get_by_label("What should the logo show?").input_value() == "blue fish logo"


def test_every_logo_is_saved_as_png_in_three_sizes_on_three_grounds_and_as_svg(page):
    draw(page)
    for number in (1, 2, 3, 4):
        choose(page, number)
        wait_for_address(page, logo=str(number))
        name, svg = save(page, "Save SVG")
        assert name == f"orange-rocket-in-a-navy-circle-7-{number}.svg"
        assert {group.get("id") for group in ET.fromstring(svg).iter(f"{SVG}g")} >= {"background", "mark"}
    for size in (512, 1024, 2048):
        page.get_by_label(f"{size} px").check()
        name, png = save(page, "Save PNG")
        assert name == "orange-rocket-in-a-navy-circle-7-4.png"
        with Image.open(io.BytesIO(png)) as image:
            assert (image.format, image.size, image.mode) == ("PNG", (size, size), "RGB")
    page.get_by_label("512 px").check()
    page.get_by_label("transparent").check()
    with Image.open(io.BytesIO(save(page, "Save PNG")[1])) as image:
        assert (image.mode, image.getpixel((0, 0))[3]) == ("RGBA", 0)
    assert b'id="background"' not in save(page, "Save SVG")[1]
    assert not page.locator(".editor g[data-layer=background]").is_visible()
    page.get_by_label("white", exact=True).check()
    with Image.open(io.BytesIO(save(page, "Save PNG")[1])) as image:
        assert (image.mode, image.getpixel((0, 0))) == ("RGB", (255, 255, 255))


def test_colours_change_at_once_and_are_saved_copied_and_kept(page, app):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app.url)
    draw(page)
    drawn = fills(page)
    page.get_by_label("Mark", exact=False).first.fill("#123456")
    assert fills(page) == drawn | {"mark": "#123456"}  # before any answer of the server
    page.get_by_role("button", name="Copy colours").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()").split(", ")
    assert copied == list((drawn | {"mark": "#123456"}).values())
    assert b'id="mark" fill="#123456"' in save(page, "Save SVG")[1]
    choose(page, 2)
    wait_for_address(page, logo="2")
    assert "#123456" not in fills(page).values()
    choose(page, 1)
    wait_for_address(page, logo="1")
    assert fills(page)["mark"] == "#123456"
    page.get_by_role("button", name="Navy and amber").click()
    assert fills(page) == {"background": "#ffffff", "container": "#102a43", "mark": "#f0b429"}
    page.get_by_role("button", name="Colours as drawn").click()
    assert fills(page) == drawn


def test_a_brand_name_is_set_with_the_mark(page):
    draw(page, "logo for Aurora, orange rocket")
    assert page.get_by_label("Brand name").input_value() == "Aurora"
    assert "name" in fills(page)
    svg = save(page, "Save SVG")
    assert svg[0] == "aurora-7-1.svg"
    assert b"<text" not in svg[1]
    with Image.open(io.BytesIO(save(page, "Save PNG")[1])) as image:
        assert image.width > image.height == 1024
    page.get_by_label("below").check()
    page.get_by_label("Brand name").fill("Северное сияние")
    page.get_by_label("Font").click()
    page.get_by_role("option", name="Oswald").click()
    wait_for_address_name = "document.querySelector('.editor .sheet').ariaLabel.includes('Северное сияние')"
    page.wait_for_function(wait_for_address_name)
    before = page.locator(".editor [data-layer=name] path").get_attribute("d")
    page.get_by_label("Font").click()
    page.get_by_role("option", name="Caveat").click()
    page.wait_for_function(
        "before => document.querySelector('.editor g[data-layer=name] path').getAttribute('d') != before", arg=before
    )
    page.get_by_label("Brand name").fill("猫")
    assert "猫" in toast(page)
    page.get_by_label("Brand name").fill("Северное сияние")
    wait_for_address(page, name="Северное сияние")
    # Each prompt's logos keep their own name; one that is written stays where a prompt has none.
    draw(page, "blue fish", "8")
    wait_for_address(page, name="Северное сияние", prompt="blue fish")
    draw(page, "logo for Nimbus, green tree", "8")
    wait_for_address(page, name="Nimbus")
    page.locator("#history button").last.click()
    wait_for_address(page, name="Северное сияние", seed="7")
    page.get_by_label("none", exact=True).check()
    page.wait_for_function("!new URLSearchParams(location.search).has('name')")
    page.get_by_label("Brand name").fill("Aurora")  # what is written is set
    wait_for_address(page, name="Aurora", layout="beside")


def test_more_like_this_and_mixing_two(page):
    draw(page)
    choose(page, 2)
    wait_for_address(page, logo="2")
    page.get_by_role("button", name="More like this").click()
    wait_for_logos(page, "Variation", PROMPT)
    wait_for_address(page, like="1")
    mix = page.get_by_role("button", name="… with this one")
    assert mix.is_disabled()
    page.get_by_role("button", name="Mix this one …").click()
    page.locator("#pair img").wait_for()
    assert mix.is_disabled()  # a logo with itself
    draw(page, "blue fish logo", "9")
    page.wait_for_function("!document.querySelector('#mix').disabled")
    mix.click()
    page.wait_for_function("document.querySelectorAll('#logos img').length == 6")
    alts = [image.get_attribute("alt") for image in page.locator("#logos img").all()]
    steps = [f"Step {i} of 4: {PROMPT} + blue fish logo" for i in (1, 2, 3, 4)]
    assert alts == [f"Variation 1: {PROMPT}", *steps, "Proposal 1: blue fish logo"]
    wait_for_address(page, step="1of4")


def test_the_history_leads_back_to_every_logo_of_the_visit(page):
    draw(page)
    draw(page, "blue fish logo", "9")
    past = page.locator("#history img")
    page.wait_for_function("document.querySelectorAll('#history img').length == 8")
    assert [each.get_attribute("alt") for each in past.all()] == ["9 · blue fish logo"] * 4 + [f"7 · {PROMPT}"] * 4
    page.locator("#history button").nth(6).click()
    wait_for_proposals(page, PROMPT)
    wait_for_address(page, logo="3", seed="7")
    assert page.get_by_label("What should the logo show?").input_value() == PROMPT
    assert page.locator("#logos button.selected img").get_attribute("alt") == f"Proposal 3: {PROMPT}"


def test_a_link_shows_the_same_logo_in_another_browser(page, app, browser):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app.url)
    draw(page, "logo for Fjord & Co, green tree in a ring")
    pictures = wait_for_proposals(page, "logo for Fjord & Co, green tree in a ring")
    choose(page, 3)
    wait_for_address(page, logo="3")
    page.get_by_role("button", name="Forest").click()
    page.get_by_label("below").check()
    wait_for_address(page, layout="below")
    page.get_by_role("button", name="Copy link").click()
    assert "The link is copied" in toast(page)
    link = page.evaluate("navigator.clipboard.readText()")
    colours, svg = fills(page), save(page, "Save SVG")
    with opened(browser, link) as other:
        assert wait_for_proposals(other, "logo for Fjord & Co, green tree in a ring") == pictures
        other.locator(".editor").wait_for()
        assert fills(other) == colours
        assert save(other, "Save SVG") == svg
        assert seed_used(other) == "7"
        assert other.get_by_label("Seed", exact=True).input_value() == ""  # or every new drawing would be the same


def test_links_to_variations_and_mixtures_lead_there(page, app, browser):
    draw(page)
    page.get_by_role("button", name="Mix this one …").click()
    page.get_by_role("button", name="More like this").click()
    pictures = wait_for_logos(page, "Variation", PROMPT)
    wait_for_address(page, like="1")
    with opened(browser, page.evaluate("location.href")) as other:
        assert wait_for_logos(other, "Variation", PROMPT) == pictures
    page.get_by_role("button", name="… with this one").click()
    wait_for_address(page, step="1of4")
    svg = save(page, "Save SVG")
    with opened(browser, page.evaluate("location.href")) as other:
        wait_for_address(other, step="1of4")
        assert save(other, "Save SVG") == svg


def test_a_link_with_a_prompt_alone_draws_it(app, browser):
    with opened(browser, f"{app.url}/?prompt=red+heart") as page:
        wait_for_proposals(page, "red heart")
        page.wait_for_function("document.querySelector('#prompt input, #prompt textarea').value == 'red heart'")
        assert re.fullmatch(r"\d{1,10}", seed_used(page))


def test_a_link_keeps_the_name_s_colour_the_ground_and_the_language(app, browser):
    query = "prompt=red+heart&seed=1&logo=1&name=Aurora&layout=beside&name_colour=ff00ff&ground=transparent&lang=ru"
    with opened(browser, f"{app.url}/?{query}") as page:
        wait_for_logos(page, "Вариант", "red heart")
        page.locator(".editor").wait_for()
        assert fills(page)["name"] == "#ff00ff"
        assert page.locator(".editor").get_attribute("data-ground") == "transparent"
        page.get_by_role("button", name="Нарисовать четыре логотипа").click()
        wait_for_address(page, name="Aurora", ground="transparent", lang="ru")
        address = page.evaluate("location.href")
    with opened(browser, address) as page:
        wait_for_logos(page, "Вариант", "red heart")


@pytest.mark.parametrize("field", ["model", "colours", "seed", "name"])
def test_what_stands_in_a_link_is_no_markup(app, browser, field):
    """Nor does it make the browser ask another host, which `opened` looks out for."""
    hostile = "<h1>Log in</h1><img src='http://127.0.0.2:9/x.png'><a href='http://127.0.0.2:9'>here</a>"
    fields = {"prompt": "cat", "seed": "1", "logo": "1", "layout": "beside", field: hostile}
    with opened(browser, f"{app.url}/?{urlencode(fields)}") as page:
        page.wait_for_function("document.querySelectorAll('#logos img').length == 4")
        if field != "name":
            page.get_by_test_id("toast-body").first.wait_for()
        assert page.get_by_test_id("toast-body").locator("h1, img, a").count() == 0


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("prompt=cat&seed=x&logo=1", "The seed in the logo's address must be"),
        ("prompt=cat&seed=1&logo=1&model=another-12345678", "was made with the model another-12345678"),
        ("prompt=cat&seed=1&logo=1&colours=ffffff", "This logo has"),
    ],
)
def test_a_link_that_cannot_be_followed_says_so(app, browser, query, sentence):
    with opened(browser, f"{app.url}/?{query}") as page:
        assert sentence in toast(page)
        page.wait_for_function("document.querySelectorAll('#logos img').length == 4")


def test_the_page_says_what_of_a_prompt_it_understands(page):
    write(page, "a rokcet in navy, quantum")
    page.locator("#reading .not_understood").wait_for()
    assert "rokcet → rocket, navy" in page.locator("#reading .drawn_from").inner_text()
    assert page.locator("#reading .not_understood").inner_text().endswith("quantum")
    write(page, "red heart")
    page.wait_for_function("!document.querySelector('#reading .not_understood')")
    assert page.locator("#reading b").all_inner_texts() == ["red", "heart"]


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
    assert page.locator("#logos .caption-label").first.inner_text() == f"Proposal 1: {prompt}"
    page.get_by_label("Brand name").fill("<i>x</i>")
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
        page.locator(".editor input[data-layer=mark]").fill("#123456")
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
    """From the prompt by Tab alone, each stop with a focus that can be seen."""
    draw(page)
    page.locator("#prompt input, #prompt textarea").focus()
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
    for wanted in (GENERATE, "blue fish logo", "Thumbnail 1 of 4", "Seed", "Keep this seed", "Ground", "Navy and amber",
                   "Copy colours", "Brand name", "Font", "Save PNG", "Copy link", "More like this"):  # fmt: skip
        assert wanted in told, told
    assert faint == []
    page.locator("#logos button").nth(2).focus()
    page.keyboard.press("Enter")
    wait_for_address(page, logo="3")


def test_what_is_done_while_an_answer_is_under_way_counts(page):
    draw(page)
    for number in (2, 4, 3):  # quick choices: the last one stays
        choose(page, number)
    wait_for_address(page, logo="3")
    assert save(page, "Save SVG")[0].endswith("-7-3.svg")
    # A colour while a name is being set, and a name while logos are being drawn.
    page.get_by_label("below").check()
    page.locator(".editor input[data-layer=mark]").fill("#123456")
    page.locator("#name input, #name textarea").fill("Northern Lights")
    page.locator(".editor g[data-layer=name]").wait_for(state="attached")
    assert fills(page)["mark"] == "#123456"
    write(page, "green tree")
    page.keyboard.press("Enter")
    page.locator("#name input, #name textarea").fill("Southern Lights")
    write(page, "blue fish")
    page.keyboard.press("Enter")
    wait_for_proposals(page, "blue fish")
    wait_for_address(page, name="Southern Lights", layout="below", prompt="blue fish")


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

"""The brief on the page, in a real browser: what was read, corrected part by part, and the fields of names."""

import gradio as gr
import pytest
from accessibility import findings
from conftest import opened
from studio import PROMPT, draw, fills, save, seed_used, toast, wait_for_address, wait_for_proposals, write

from logo_gan.web.brief_events import BriefEvents


def box(page) -> str:
    return page.locator("#prompt input, #prompt textarea").input_value()


def thing(page, kind: str = "thing"):
    return page.locator(f"#reading details.{kind}")


def drawn_from(page) -> set[str]:
    """What the captions say that the logos were drawn from."""
    return {caption.split("“")[1].split("”")[0] for caption in page.locator("#logos .caption-label").all_inner_texts()}


def test_what_was_read_stands_below_the_prompt(page):
    write(page, "red heart in a navy circle for Aurora, quibbledock")
    page.locator("#reading p b").wait_for()
    assert page.locator("#reading p").inner_text() == "Not understood: quibbledock"
    assert thing(page).locator("summary").inner_text().startswith("heart")
    assert thing(page).locator("summary svg path").get_attribute("d")
    assert page.locator("#reading .colour.mark input").input_value() == "#e50000"
    assert page.locator("#reading select[data-kind=container]").input_value() == "circle"
    assert page.locator("#reading .brand").inner_text().split() == ["brand:", "Aurora", "×"]
    write(page, "fox, #ff8800")
    page.wait_for_function("!document.querySelector('#reading p b')")
    assert page.locator("#reading .colour.mark b").inner_text() == "#ff8800"
    assert page.locator("#reading .colour.ground b").inner_text() == "any"


def test_another_thing_is_drawn_at_once_and_the_rest_stays(page):
    draw(page)
    colours = fills(page)
    thing(page).locator("summary").click()
    other = thing(page).locator(".choices button").first
    name = other.inner_text()
    other.click()
    wait_for_address(page, prompt=f"{PROMPT} [thing: {name}]", seed="7", logo="1")
    assert box(page) == f"{PROMPT} [thing: {name}]"
    assert all(set(name.split()) & set(each.split()) for each in drawn_from(page))
    assert fills(page) == colours
    thing(page).locator("summary").click()
    thing(page).get_by_label("another").fill("penguin")
    page.keyboard.press("Enter")
    wait_for_address(page, prompt=f"{PROMPT} [thing: penguin]", seed="7")
    assert all("penguin" in each for each in drawn_from(page))
    with opened(page.context.browser, page.evaluate("location.href")) as other_page:
        wait_for_proposals(other_page, PROMPT)
        assert box(other_page) == f"{PROMPT} [thing: penguin]"


def test_container_colour_count_and_style_can_be_corrected(page):
    draw(page, "green fish, playful", "7")
    page.locator("#reading select[data-kind=container]").focus()
    page.locator("#reading select[data-kind=container]").select_option("hexagon")
    wait_for_address(page, prompt="green fish, playful [container: hexagon]")
    assert "container" in fills(page)
    assert page.evaluate("document.activeElement.dataset.kind") == "container"  # the focus is where it was
    page.locator("#reading .colour.container input").fill("#123456")
    wait_for_address(page, prompt="green fish, playful [container: hexagon] [container colour: #123456]")
    assert fills(page)["container"] == "#123456"
    page.get_by_role("button", name="Any colour for the mark").click()
    page.locator("#reading .colour.mark.open").wait_for()
    page.get_by_role("button", name="Without playful").click()
    page.locator("#reading .style").wait_for(state="detached")
    page.locator("#reading select[data-kind=count]").select_option("3")
    page.locator("#reading details.add summary").click()
    page.locator("#reading details.add input").fill("star")
    page.keyboard.press("Enter")
    thing(page, "second").wait_for()
    page.locator(".editor g[data-layer=second]").wait_for(state="attached")
    assert seed_used(page) == "7"
    thing(page, "second").locator("summary").click()
    page.keyboard.press("Escape")
    assert thing(page, "second").get_attribute("open") is None
    thing(page, "second").locator("summary").click()
    thing(page, "second").get_by_role("button", name="none").click()
    thing(page, "second").wait_for(state="detached")


def test_the_fields_come_first_and_a_brief_can_be_made_of_them_alone(page):
    page.locator("#logos img").first.wait_for()
    page.get_by_label("Name", exact=True).fill("Pemberton & Rye")
    page.get_by_label("Slogan").fill("Since 1987")
    page.get_by_label("What you do").fill("law firm")
    page.get_by_label("What you do").press("Enter")
    wait_for_address(page, prompt="[name: Pemberton & Rye] [slogan: Since 1987] [trade: law firm]", layout="beside")
    assert set(fills(page)) >= {"mark", "name", "slogan"}
    assert b'<g id="slogan"' in save(page, "Save SVG")[1]
    assert box(page) == ""
    page.get_by_label("Slogan").fill("")
    page.wait_for_function("!document.querySelector('.editor g[data-layer=slogan]')")
    with opened(page.context.browser, page.evaluate("location.href")) as other:
        other.locator(".editor g[data-layer=name]").wait_for()
        fields = ("Name", "Slogan", "What you do")
        values = [other.get_by_label(label, exact=True).input_value() for label in fields]
        assert values == ["Pemberton & Rye", "", "law firm"]
        # What is written in a field stays for the next prompt; what a prompt gave goes with it.
        draw(other, "owl, dental clinic with the name Nimbus", "8")
        assert other.get_by_label("Name", exact=True).input_value() == "Pemberton & Rye"


def test_corrections_by_the_keyboard_and_in_quick_succession_all_count(page):
    draw(page, "green fish", "7")
    select = page.locator("#reading select[data-kind=container]")
    select.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.locator("#reading select[data-kind=count]").select_option("3")
    wait_for_address(page, prompt="green fish [container: square] [count: 3]")
    page.wait_for_function("document.querySelector('#reading select[data-kind=container]').value == 'square'")
    thing(page).locator("summary").click()
    thing(page).get_by_label("another").fill("whal")  # and a suggestion after all
    other = thing(page).locator(".choices button").first
    name = other.inner_text()
    other.click()
    wait_for_address(page, prompt=f"green fish [container: square] [count: 3] [thing: {name}]")


def test_what_was_misread_can_be_dropped_and_what_was_not_read_be_named(page):
    draw(page, "JM monogram, blue", "7")
    page.locator("#reading .letters input").fill("")
    page.keyboard.press("Enter")
    wait_for_address(page, prompt="JM monogram, blue [letters: none]")
    page.locator("#reading details.add summary").click()
    page.locator("#reading details.add input").fill("owl")
    page.keyboard.press("Enter")
    wait_for_address(page, prompt="JM monogram, blue [letters: none] [thing: owl]")
    assert all("owl" in each for each in drawn_from(page))
    draw(page, "owl, law firm, green", "7")
    assert page.get_by_label("What you do").input_value() == "law firm"
    page.get_by_label("What you do").fill("")
    page.get_by_label("What you do").press("Enter")
    wait_for_address(page, prompt="owl, law firm, green [trade: none]")
    assert page.get_by_label("What you do").input_value() == ""


def test_a_bare_request_in_the_address_is_set_as_if_it_had_been_written_here(app, browser):
    with opened(browser, f"{app.url}/?prompt=logo+for+Aurora,+a+rocket,+vintage") as page:
        wait_for_address(page, name="Aurora", font="podkova", layout="beside")


def test_a_long_prompt_can_be_corrected(page):
    words = ("a red fox and then some more words, " * 20)[:496].strip(" ,")
    draw(page, words, "7")
    page.locator("#reading select[data-kind=container]").select_option("hexagon")
    wait_for_address(page, prompt=f"{words} [container: hexagon]")
    write(page, "fox " * 200)  # too long: what was read last stays
    page.keyboard.press("Enter")
    assert "at most 500" in toast(page)
    assert page.locator("#reading .parts").is_visible()


def test_what_a_prompt_names_fills_the_fields_until_the_next_one(page):
    draw(page, "Aurora, a bakery, wheat", "7")
    assert page.get_by_label("Name", exact=True).input_value() == "Aurora"
    assert page.get_by_label("What you do").input_value() == "bakery"
    assert "name" not in page.evaluate("new URLSearchParams(location.search).get('prompt')")
    draw(page, "blue fish", "8")
    assert page.get_by_label("Name", exact=True).input_value() == ""
    assert page.get_by_label("What you do").input_value() == ""
    page.locator("#history button").last.click()
    wait_for_address(page, seed="7")
    assert page.get_by_label("What you do").input_value() == "bakery"


def test_the_typeface_goes_with_the_style_until_another_is_chosen(page):
    draw(page, "Aurora, a rocket, vintage", "7")
    wait_for_address(page, font="podkova", name="Aurora")
    draw(page, "Aurora, a rocket, luxury", "7")
    wait_for_address(page, font="cormorant")
    page.get_by_label("Font").click()
    page.get_by_role("option", name="Oswald").click()
    wait_for_address(page, font="oswald")
    draw(page, "Aurora, a rocket, playful", "8")
    wait_for_address(page, font="oswald", seed="8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_russian_on_a_phone(app, browser, scheme):
    options = {"locale": "ru-RU", "color_scheme": scheme, "viewport": {"width": 390, "height": 844}}
    with opened(browser, app.url, **options) as page:
        write(page, "рыжая лиса и луна в круге, барвинокс")
        page.keyboard.press("Enter")
        page.locator(".editor").wait_for()
        seed = page.locator("#used input").input_value()
        page.locator("#reading select[data-kind=container]").select_option("hexagon")
        wait_for_address(page, prompt="рыжая лиса и луна в круге, барвинокс [подложка: шестиугольник]", seed=seed)
        assert page.locator("#reading p").inner_text().startswith("Не понято: ")
        thing(page).locator("summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert findings(page) == []
        thing(page, "second").locator("summary").click()
        assert thing(page).get_attribute("open") is None  # one at a time
        thing(page, "second").get_by_role("button", name="нет").click()
        thing(page, "second").wait_for(state="detached")
        assert box(page).endswith("[второй предмет: нет]")


@pytest.mark.parametrize(
    "sent",
    [{}, {"changes": {}}, {"changes": {"nonsense": "x"}}, {"changes": {"thing": 7}}, {"changes": {"thing": "x" * 501}},
     {"changes": ["thing"]}],
)  # fmt: skip
def test_a_part_that_does_not_exist_is_refused(sent):
    with pytest.raises(gr.Error, match="no such part"):
        BriefEvents.on_correct(PROMPT, gr.EventData(None, sent), None)

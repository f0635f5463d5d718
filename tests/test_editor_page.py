"""The chosen logo in a real browser: changed, named, saved, varied, mixed, found again, sent on as a link."""

import io
import re
import xml.etree.ElementTree as ET
import zipfile
from urllib.parse import urlencode

import pytest
from conftest import opened
from PIL import Image
from studio import (
    PROMPT,
    SVG,
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


def test_every_logo_is_saved_as_png_in_three_sizes_on_three_grounds_and_as_svg(page):
    draw(page)
    for number in (1, 2, 3, 4):
        choose(page, number)
        wait_for_address(page, logo=str(number))
        name, svg = save(page, "Save SVG")
        assert name == f"orange-rocket-in-a-navy-circle-7-{number}.svg"
        assert {group.get("id") for group in ET.fromstring(svg).iter(f"{SVG}g")} >= {"ground", "mark"}
    for size in (512, 1024, 2048):
        page.get_by_label(f"{size} px").check()
        name, png = save(page, "Save PNG")
        assert name == "orange-rocket-in-a-navy-circle-7-4.png"
        with Image.open(io.BytesIO(png)) as image:
            assert (image.format, image.size, image.mode) == ("PNG", (size, size), "RGB")
    name, content = save(page, "Save PDF")
    assert name.endswith(".pdf") and content.startswith(b"%PDF-")
    name, content = save(page, "Brand kit")
    assert name.endswith("-kit.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "icons/favicon.ico" in archive.namelist()
    page.get_by_label("512 px").check()
    page.get_by_label("transparent").check()
    with Image.open(io.BytesIO(save(page, "Save PNG")[1])) as image:
        assert (image.mode, image.getpixel((0, 0))[3]) == ("RGBA", 0)
    assert b'id="ground"' not in save(page, "Save SVG")[1]
    assert not page.locator(".editor g[data-layer=ground]").is_visible()
    page.get_by_label("white", exact=True).check()
    with Image.open(io.BytesIO(save(page, "Save PNG")[1])) as image:
        assert (image.mode, image.getpixel((0, 0))) == ("RGB", (255, 255, 255))


def test_colours_change_at_once_and_are_saved_copied_and_kept(page, app):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app.url)
    draw(page)
    drawn = fills(page)
    page.locator(".editor").get_by_label("Mark").fill("#123456")
    assert fills(page) == drawn | {"mark": "#123456"}  # before any answer of the server
    page.get_by_role("button", name="Copy colours").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = dict(pair.split("=") for pair in page.evaluate("navigator.clipboard.readText()").split())
    assert copied == drawn | {"mark": "#123456"}
    assert b'id="mark" fill="#123456"' in save(page, "Save SVG")[1]
    choose(page, 2)
    wait_for_address(page, logo="2")
    assert "#123456" not in fills(page).values()
    choose(page, 1)
    wait_for_address(page, logo="1")
    assert fills(page)["mark"] == "#123456"
    page.get_by_role("button", name="Navy and amber").click()
    assert fills(page) | {"accent": ""} == {
        "ground": "#ffffff", "container": "#102a43", "mark": "#f0b429", "accent": "",
    }  # fmt: skip
    page.get_by_role("button", name="Colours as drawn").click()
    assert fills(page) == drawn


def test_a_brand_name_is_set_with_the_mark(page):
    draw(page, "logo for Aurora, orange rocket")
    assert page.get_by_label("Name", exact=True).input_value() == "Aurora"
    assert "name" in fills(page)
    svg = save(page, "Save SVG")
    assert svg[0] == "aurora-7-1.svg"
    assert b"<text" not in svg[1]
    with Image.open(io.BytesIO(save(page, "Save PNG")[1])) as image:
        assert image.width > image.height == 1024
    page.get_by_label("below").check()
    page.get_by_label("Name", exact=True).fill("Северное сияние")
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
    page.get_by_label("Name", exact=True).fill("猫")
    assert "猫" in toast(page)
    page.get_by_label("Name", exact=True).fill("Северное сияние")
    wait_for_address(page, name="Северное сияние")
    # Each prompt's logos keep their own name; one that is written stays where a prompt has none.
    draw(page, "blue fish", "8")
    wait_for_address(page, name="Северное сияние", prompt="blue fish [name: Северное сияние]")
    page.get_by_label("Name", exact=True).fill("")
    draw(page, "logo for Nimbus, green tree", "8")
    wait_for_address(page, name="Nimbus")
    page.locator("#history button").last.click()
    wait_for_address(page, name="Северное сияние", seed="7")
    page.get_by_label("none", exact=True).check()
    page.wait_for_function("!new URLSearchParams(location.search).has('name')")
    page.get_by_label("Name", exact=True).fill("Aurora")  # what is written is set
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
    alts = [re.sub(", from [^:]+", "", image.get_attribute("alt")) for image in page.locator("#logos img").all()]
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
    assert page.locator("#logos button.selected img").get_attribute("alt").startswith("Proposal 3, from ")


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
        (
            "prompt=cat&seed=1&logo=1&model=layered-64-1f2e3d4c&colours=ffffff-102a43",
            "former model “layered-64-1f2e3d4c”",
        ),
        ("prompt=cat&seed=1&logo=1&colours=ffffff", "A colour needs its role"),
        ("prompt=cat&seed=1&logo=1&colours=hat-ffffff", "This logo has no hat"),
    ],
)
def test_a_link_that_cannot_be_followed_says_so(app, browser, query, sentence):
    with opened(browser, f"{app.url}/?{query}") as page:
        assert sentence in toast(page)
        page.wait_for_function("document.querySelectorAll('#logos img').length == 4")


def test_what_is_done_while_an_answer_is_under_way_counts(page):
    draw(page)
    for order in ((2, 4, 1), (4, 3, 2), (2, 4, 3)):  # quick choices: the last one stays
        for number in order:
            choose(page, number)
        wait_for_address(page, logo=str(order[-1]))
    assert save(page, "Save SVG")[0].endswith("-7-3.svg")
    # A colour while a name is being set, and a name while logos are being drawn.
    page.get_by_label("below").check()
    page.locator(".editor input[data-role=mark]").fill("#123456")
    page.locator("#name input, #name textarea").fill("Northern Lights")
    page.locator(".editor g[data-layer=name]").wait_for(state="attached")
    assert fills(page)["mark"] == "#123456"
    write(page, "green tree")
    page.keyboard.press("Enter")
    page.locator("#name input, #name textarea").fill("Southern Lights")
    write(page, "blue fish")
    page.keyboard.press("Enter")
    wait_for_proposals(page, "blue fish")
    wait_for_address(page, name="Southern Lights", layout="below", prompt="blue fish [name: Southern Lights]")

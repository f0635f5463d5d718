"""The page's texts: the same in every language, each used, each there; in Russian nothing of the page is English."""

import ast
import json
import re
from functools import cache

import parquets as made
import pytest
from conftest import ROOT, opened

from eda import texts as eda_texts
from logo_gan import LogoGAN
from logo_gan.logo.finish import Finished
from logo_gan.model.address import parse
from logo_gan.model.pipeline import check_seed
from logo_gan.web import colours, i18n

PACKAGES = {"logo_gan": "logo_gan/web", "eda": "eda"}  # and the folder of what the page says
# Names and formulas, the same in both languages.
SAME = {"dataset.pie.rgb"}
NO_KEYS = (".json", ".safetensors", ".png", ".csv", ".npz", ".parquet", ".md", ".py", ".js", ".css", ".txt")
# Found by the English sentence, not by the key; the last by Gradio, which without a text of its own reads out the key.
LOOKED_UP = ("error.", "dataset.error.", "model.said.", "common.complete")


@cache
def said(package: str, language: str) -> dict[str, str]:
    return json.loads((ROOT / PACKAGES[package] / "texts" / f"{language}.json").read_text(encoding="utf-8"))


@cache
def strings(package: str) -> list[str]:
    """Every string of a package's code, with § for what is filled in."""
    found = []
    for path in (ROOT / "app.py", *(ROOT / PACKAGES[package]).glob("*.py")):
        if path.name == "log.py":  # whose keys are those of Elastic's schema
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                found.append("".join(p.value if isinstance(p, ast.Constant) else "§" for p in node.values))
    return found


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("package", PACKAGES)
def test_both_languages_have_the_same_keys_and_places(package):
    english, russian = said(package, "en"), said(package, "ru")
    assert english.keys() == russian.keys()
    for key in english:
        assert places(english[key]) == places(russian[key]), key
        assert english[key].strip() and russian[key].strip(), key
        assert re.findall("<[^>]+>", english[key].replace("<br>", "")) == re.findall(
            "<[^>]+>", russian[key].replace("<br>", "")
        ), key


@pytest.mark.parametrize("package", PACKAGES)
def test_russian_is_russian_and_english_is_not(package):
    assert [key for key, text in said(package, "en").items() if re.search("[а-яё]", text.lower())] == []
    russian = {key for key, text in said(package, "ru").items() if re.search("[а-яё]", text.lower())}
    assert said(package, "ru").keys() - russian <= SAME


def test_the_two_packages_share_no_key():
    """The browser gets them in one table."""
    assert not said("logo_gan", "en").keys() & said("eda", "en").keys()
    assert all(key.startswith("dataset.") for key in said("eda", "en"))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_is_used_and_every_text_that_is_used_is_there(package):
    known = said(package, "en")
    heads = {key.split(".")[0] for key in known}
    patterns, missing = [], []
    for text in strings(package):
        key = text.removesuffix(":")
        is_key = re.fullmatch(r"[a-z]+(\.[\w§-]+)+", key) and key.split(".")[0] in heads
        if is_key and (key in known or not key.endswith(NO_KEYS)):
            pattern = re.compile(re.escape(key).replace("§", r"[\w.-]+"))
            patterns.append(pattern)
            if not any(map(pattern.fullmatch, known)):
                missing.append(key)
    assert not missing
    unused = [key for key in known if not any(pattern.fullmatch(key) for pattern in patterns)]
    assert [key for key in unused if not key.startswith(LOOKED_UP)] == []


def test_every_error_of_a_dataset_that_is_translated_is_one_of_the_code_s():
    """Or a sentence changed in the code would fall back to English without a word."""
    put_together = {"dataset.error.column_missing", "dataset.error.columns_missing"}  # of "is" and "are"
    for key, text in said("eda", "en").items():
        if key.startswith("dataset.error.") and key not in put_together:
            pattern = re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)), re.DOTALL)
            assert any(map(pattern.fullmatch, strings("eda"))), key


def test_every_error_of_a_dataset_is_told_in_russian():
    """But those that only the command line can meet."""
    for text in raised():
        told = eda_texts.in_language(text, "ru")
        assert re.search("[а-яё]", told), text
        assert eda_texts.in_language(text, "en") == text


def raised() -> list[str]:
    """The sentences that the Dataset tab may have to tell: of what is raised, or kept in a name for it."""
    only_cli = ("engines.py", "__main__.py")
    found = []
    for path in (ROOT / "eda").glob("*.py"):
        if path.name in only_cli:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TableError" and node.args:
                found.append(sentence(node.args[0]))
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").isupper():
                found.append(sentence(node.value))
    hub = ("There is no parquet file at", "§ is no dataset", "The dataset § cannot be read")
    return [text for text in found if text and text.endswith(".") and " " in text and not text.startswith(hub)]


def sentence(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        # A choice of words, as of "is" and "are", is one of them; what is filled in is anything.
        return "".join(p.value if isinstance(p, ast.Constant) else choice(p.value) for p in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def choice(node: ast.expr) -> str:
    return str(node.body.value) if isinstance(node, ast.IfExp) and isinstance(node.body, ast.Constant) else "§"


@pytest.mark.parametrize(
    ("n", "russian", "english"),
    [(0, "0 строк", "0 rows"), (1, "1 строка", "1 row"), (3, "3 строки", "3 rows"), (11, "11 строк", "11 rows"),
     (21, "21 строка", "21 rows"), (112, "112 строк", "112 rows"), (2_000, "2 000 строк", "2,000 rows")],
)  # fmt: skip
def test_nouns_agree_with_their_numbers(n, russian, english):
    assert eda_texts.counted("ru", "dataset.rows", n) == russian.replace(" 000", "\N{NO-BREAK SPACE}000")
    assert eda_texts.counted("en", "dataset.rows", n) == english


@pytest.mark.parametrize("numerals", [i18n.numerals, eda_texts.numerals])
def test_numbers_are_written_as_the_language_writes_them(numerals):
    assert numerals("1,234,567.5 of 1.25", "ru") == "1 234 567,5 of 1,25".replace(" 234 567", "\xa0234\xa0567")
    assert numerals("1,234.5", "en") == "1,234.5"
    assert numerals("rows 1, 2, 345 and v1.", "ru") == "rows 1, 2, 345 and v1."


def test_what_a_model_s_files_say_is_known_in_russian():
    """Of the bundled models: notes of measures, judges, what was measured of the old faults, the data."""
    told = set()
    for folder in (ROOT / "weights" / "warp", ROOT / "weights" / "baseline-28"):
        for entry in json.loads((folder / "measures.json").read_text(encoding="utf-8")).values():
            told |= {entry.get("extractor"), entry.get("reference"), str(entry.get("resize") or "")}
            told |= {*str(entry.get("note") or "").split("; ")}
    faults = json.loads((ROOT / "weights" / "baseline-28" / "faults.json").read_text(encoding="utf-8"))
    told |= {entry["sentence"] for entry in faults.values()}
    for text in told - {None, "", "Inception-v3"}:
        assert re.search("[а-яё]", i18n.in_language(text, "ru", "model.said.")), text


# What stands in Latin letters on a Russian page: names of models, columns, files, formats, measures, tools, modes of
# pictures; and captions, which are data.
NAMES = {
    "warp", "baseline-28", "all-MiniLM-L6-v2", "Plotly", "PNG", "SVG", "JPEG", "WebP", "WEBP", "GIF", "BMP", "RGB",
    "LA", "image", "text", "bytes", "datasets", "parquet", "Enter", "HTML", "JSON", "UTF-8", "OKLab", "CC0",
    "Inception", "Score", "Inception-v3", "FID", "KID", "torch-fidelity", "requirements-inception.txt",
    "measures.json", "faulty.parquet",
}  # fmt: skip
DATA = (
    "bdi, .caption-label, #dataset-words details, #dataset-words .note, [id^=dataset-commonest] .ytick, "
    "#dataset-plotly, .js-plotly-plot .modebar"
)
VISIBLE = f"""() => {{
    const panel = [...document.querySelectorAll('[role=tabpanel]')].find(part => part.checkVisibility());
    const texts = [];
    for (const element of panel.querySelectorAll('*:not(script, style)')) {{
        if (element.closest({json.dumps(DATA)})) continue;
        for (const node of element.childNodes) if (node.nodeType == 3) texts.push(node.textContent);
        if (element.placeholder) texts.push(element.placeholder);
    }}
    return texts;
}}"""


def english(page) -> set[str]:
    """The words in Latin letters that the open tab shows and that are no names."""
    found = {word for text in page.evaluate(VISIBLE) for word in re.findall(r"\b[A-Za-z][\w.-]*\w", text)}
    return {word for word in found if word not in NAMES and not re.fullmatch(r"[0-9a-f]{8}", word)}  # a checksum


def test_in_russian_neither_tab_shows_english(app, browser, tmp_path):
    with opened(browser, app.url, locale="ru-RU") as page:
        page.get_by_role("tab", name="Модель", exact=True).click()
        page.wait_for_function("document.querySelectorAll('#plots .js-plotly-plot .trace').length > 5")
        page.get_by_text("Одно изображение не отличается от самого себя").wait_for()
        assert english(page) == set()
        page.get_by_role("tab", name="Данные", exact=True).click()
        page.locator("#dataset-format table").wait_for()
        page.locator("#dataset-file input[type=file]").set_input_files(made.faulty(tmp_path / "faulty.parquet"))
        page.wait_for_function("document.querySelector('#dataset-report')?.disabled === false")
        page.locator("#dataset-random").click()
        page.locator("#dataset-row-text", has_text="строка").wait_for()
        page.locator("#dataset-find").click()
        page.locator("#dataset-found-text", has_text="показано 24").wait_for()
        assert english(page) == set()
        assert "Повреждённые файлы: 1 строка" in page.locator("#dataset-faults").inner_text()
        assert page.locator("#dataset-status").inner_text().startswith("faulty.parquet: 60 строк")

        page.locator("#dataset-number input, #dataset-number textarea").fill("60")
        page.keyboard.press("Enter")
        page.get_by_test_id("toast-body").filter(has_text="Строки 60 нет").wait_for()
        (tmp_path / "empty.parquet").write_bytes(b"")
        page.locator("#dataset-file input[type=file]").set_input_files(tmp_path / "empty.parquet")
        page.locator("#dataset-status [role=alert]", has_text="Файл пуст").wait_for()


REACHABLE = {
    "empty prompt": lambda gan, logo: gan.generate(""),
    "no word": lambda gan, logo: gan.generate("!!!"),
    "long prompt": lambda gan, logo: gan.generate("a" * 501),
    "seed": lambda gan, logo: check_seed(-1),
    "address empty": lambda gan, logo: parse(""),
    "address long": lambda gan, logo: parse("prompt=" + "a" * 20_000),
    "address fields": lambda gan, logo: parse("&".join(f"f{i}=1" for i in range(30))),
    "address far": lambda gan, logo: parse("prompt=a&seed=1&logo=16&like=" + ".".join(["16"] * 30)),
    "address mix": lambda gan, logo: parse("mix=a"),
    "address seed": lambda gan, logo: parse("prompt=cat&seed=x"),
    "address logo": lambda gan, logo: parse("prompt=cat&seed=1&logo=99"),
    "address like": lambda gan, logo: parse("prompt=cat&seed=1&logo=1&like=x"),
    "address without a prompt": lambda gan, logo: parse("seed=1"),
    "address with a dial": lambda gan, logo: parse("prompt=cat&seed=1&invention=101"),
    "dial": lambda gan, logo: gan.generate("cat", invention=2),
    "colour without a role": lambda gan, logo: colours.from_link("ffffff"),
    "role": lambda gan, logo: logo.recolored(hat="#ffffff"),
    "colour": lambda gan, logo: logo.recolored(mark="red"),
    "ground": lambda gan, logo: Finished(logo, ground="red"),
    "layout": lambda gan, logo: Finished(logo, layout="above"),
    "font": lambda gan, logo: Finished(logo, layout="beside", name="A", font="comic").svg(),
    "long name": lambda gan, logo: Finished(logo, layout="beside", name="A" * 41).svg(),
    "empty name": lambda gan, logo: Finished(logo, layout="beside", name="\u200b").svg(),
    "letters of no font": lambda gan, logo: Finished(logo, layout="beside", name="猫").svg(),
    "letters of another font": lambda gan, logo: Finished(logo, layout="beside", name="Қазақ", font="unbounded").svg(),
    "nothing shown": lambda gan, logo: Finished(
        logo, dict.fromkeys(logo.palette, "#ffffff"), "white", "beside", "Aurora"
    ).svg(),
}


@pytest.fixture(scope="module")
def drawn(bundled_weights):
    gan = LogoGAN.from_pretrained(bundled_weights)
    return gan, gan.generate("orange rocket in a navy circle", 1, 7)[0]


@pytest.mark.parametrize("wrong", REACHABLE.values(), ids=REACHABLE)
def test_what_goes_wrong_on_the_page_is_told_in_russian_too(drawn, wrong):
    with pytest.raises(ValueError) as caught:
        wrong(*drawn)
    told = i18n.in_language(str(caught.value), "ru")
    assert re.search("[а-яё]", told.lower()), told

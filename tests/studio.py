"""What tests of the Generate tab do in the browser: write, draw, choose, save, and wait for what comes of it."""

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
            const loaded = image => image.complete && image.naturalWidth == 512;
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

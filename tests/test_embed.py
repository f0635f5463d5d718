"""docs/embed.html as a reader meets it: served elsewhere, with the running app in its frame and behind its form."""

import contextlib
import http.server
import threading
from collections.abc import Iterator

import pytest
from conftest import ROOT, opened

PAGE = ROOT / "docs" / "embed.html"
PRINTED = "http://127.0.0.1:7860"
PROMPT = "orange rocket in a navy circle"
SCREENS = {
    "wide and light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "wide and dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


@contextlib.contextmanager
def served(content: bytes) -> Iterator[str]:
    """The address of a server of its own, so another origin than the app's, that answers with one page."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def embedded(app, browser):
    """Opens docs/embed.html with the app's address put in at the one place where it stands."""
    html = PAGE.read_text(encoding="utf-8")
    assert html.count(PRINTED) == 1
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(served(html.replace(PRINTED, app.url).encode()))
        yield lambda **options: stack.enter_context(opened(browser, address, app.url, **options))


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
def test_the_frame_and_the_form_draw_four_logos(embedded, screen):
    page = embedded(**screen)
    frame = page.locator("iframe[title=LogoGAN]").content_frame
    box = frame.get_by_label("What should the logo show?")
    box.fill(PROMPT)
    box.press("Enter")
    frame.locator("#logos img[alt^='Proposal 4']").first.wait_for()
    dark = frame.locator("body").evaluate("body => body.classList.contains('dark')")
    assert dark == (screen["color_scheme"] == "dark")

    page.get_by_label("A logo of").fill("blue fish")
    page.get_by_role("button", name="Draw four").click()
    page.wait_for_function("""() => {
        const images = [...document.querySelectorAll('#logos img')];
        return images.length == 4 && new Set(images.map(image => image.src)).size == 4
            && images.every((image, i) => image.naturalWidth && image.alt == `Proposal ${i + 1}: blue fish`);
    }""")
    overflowing = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(overflowing)
    assert not frame.locator("body").evaluate(f"() => {overflowing}")


def test_the_app_does_not_grow_within_a_frame(embedded):
    page = embedded(**SCREENS["wide and light"])
    frame = page.locator("iframe[title=LogoGAN]").content_frame
    frame.locator("#logos img[alt^=Example]").last.wait_for()
    page.wait_for_timeout(500)
    heights = []
    for _ in range(4):
        heights.append(frame.locator("body").evaluate("body => body.ownerDocument.documentElement.scrollHeight"))
        page.wait_for_timeout(500)
    assert len(set(heights)) == 1
    assert page.locator("iframe").bounding_box()["height"] == 850


def test_the_form_shows_what_the_app_refuses(embedded):
    page = embedded()
    page.get_by_label("A logo of").fill("!!!")
    page.get_by_role("button", name="Draw four").click()
    page.get_by_role("status").filter(has_text="The prompt has no word in it").wait_for()
    assert page.locator("#logos img").count() == 0

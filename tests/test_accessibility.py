"""The Model and the Dataset tab looked through by axe-core: no serious finding, nothing wider than the window."""

from accessibility import findings


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

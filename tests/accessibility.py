"""axe-core on a page in the browser: what of WCAG 2.1 A and AA it breaks, seriously or worse."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

STANDARDS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag21a"]
GRAVE = ("serious", "critical")


def findings(page, within: str | None = None, known: Mapping[tuple[str, str], str] | None = None) -> list[str]:
    """Each grave finding on `page` as it stands: rule, selector, markup, and what axe says about it.

    Args:
        within: selector of the part to look at; else the whole page.
        known: (rule, CSS selector of the element) → why it cannot be mended here; left out of the findings.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_script())
    found = page.evaluate(
        """async ([within, standards]) => (await axe.run(within || document, {
            runOnly: {type: 'tag', values: standards}, resultTypes: ['violations']})).violations""",
        [within, STANDARDS],
    )
    told = []
    for rule in found:
        for node in rule["nodes"]:
            # The last one is inside a frame or shadow root, if the element is.
            at = node["target"][-1]
            at = at if isinstance(at, str) else at[-1]
            if (node.get("impact") or rule["impact"]) in GRAVE and not _known(page, rule["id"], at, known or {}):
                why = " ".join(node.get("failureSummary", rule["help"]).split())
                told.append(f"{rule['id']} at {at}: {node['html'][:200]} ({why[:300]})")
    return told


def _known(page, rule: str, at: str, known: Mapping[tuple[str, str], str]) -> bool:
    selectors = [selector for of, selector in known if of == rule]
    matches = "(element, selectors) => selectors.some(selector => element.matches(selector))"
    return bool(selectors) and page.locator(at).first.evaluate(matches, selectors)


@cache
def _script() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

"""A summary → one HTML page that needs nothing else: figures, words, faults. It opens offline, in light and dark."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from eda import figures, measures, panels, words
from eda.statistics import Summary
from eda.texts import counted, say

_STYLE = """
:root { color-scheme: light dark; --text: #1e293b; --faint: #475569; --line: #cbd5e1; --ground: #f8fafc; }
@media (prefers-color-scheme: dark) { :root { --text: #f1f5f9; --faint: #94a3b8; --line: #334155; --ground: #020617; } }
body { margin: 0 auto; max-width: 1120px; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; overflow-wrap: anywhere; } h2 { margin: 2.5rem 0 0.75rem; font-size: 1.2rem; }
h3 { margin: 1.25rem 0 0.25rem; font-size: 1rem; } p { margin: 0.25rem 0; } .note, .fine { color: var(--faint); }
.plots { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
.plots > div { min-width: 0; overflow: hidden; }
.cloud { width: 100%; height: auto; }
"""


def report(
    name: str,
    summary: Summary,
    thumbnails: Mapping[int, Mapping] | None = None,
    files: Sequence[tuple[str, int]] = (),
    language: str = "en",
) -> str:
    """The page. `thumbnails`: rows as by `Dataset.show` for those that `panels.worth_showing` names."""
    from plotly.offline import get_plotlyjs

    texts, images = summary.texts, summary.images
    spoken = {"language": language}
    both = (figures.histogram, figures.box)
    captions = [draw(summary, of, **spoken) for of in measures.OF_CAPTIONS for draw in both]
    captions += [figures.commonest(texts, what, **spoken) for what in ("epithets", "trades")]
    pixels = []
    if images is not None:
        pixels = [figures.colour_pie(images, **spoken), figures.dominant_colours(images, **spoken)]
        pixels += [figures.histogram(summary, of, **spoken) for of in measures.OF_IMAGES]
    style = _STYLE + Path(__file__).with_name("tab.css").read_text(encoding="utf-8")
    told = [counted(language, "dataset.rows", summary.rows)]
    if len(files) > 1:
        told.append(counted(language, "dataset.files", len(files)))
    wrong, of_captions, of_images = (say(language, f"dataset.{part}") for part in ("wrong", "captions", "images"))
    return (
        f"<!doctype html><html lang='{language}'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{html.escape(name)}</title><style>{style}</style><script>{get_plotlyjs()}</script></head>"
        "<body class='eda'>"
        f"<h1>{html.escape(name)}</h1><p class='note'>{', '.join(told)}</p>"
        f"<h2>{wrong}</h2><div class='faults'>{panels.faults(summary, thumbnails or {}, language)}</div>"
        f"<h2>{of_captions}</h2>{_cloud(summary, language)}{_plots(captions)}"
        f"<h2>{of_images}</h2>{_plots(pixels)}</body></html>"
    )


def _plots(drawn: list) -> str:
    options = {"full_html": False, "include_plotlyjs": False, "config": {"responsive": True, "displaylogo": False}}
    return f"<div class='plots'>{''.join(f'<div>{figure.to_html(**options)}</div>' for figure in drawn)}</div>"


def _cloud(summary: Summary, language: str) -> str:
    image = figures.word_cloud(words.words(summary.texts))
    if image is None:
        return panels.cloud_text(summary, False, language)
    file = io.BytesIO()
    image.save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    alt = say(language, "dataset.cloud.alt")
    picture = f"<img class='cloud' alt='{alt}' src='data:image/png;base64,{data}'>"
    return picture + panels.cloud_text(summary, False, language)

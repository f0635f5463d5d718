"""A summary → one HTML page that needs nothing else: figures, words, faults. It opens offline, in light and dark."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from eda import figures, measures, panels, words
from eda.statistics import Summary

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
    name: str, summary: Summary, thumbnails: Mapping[int, Mapping] | None = None, files: Sequence[tuple[str, int]] = ()
) -> str:
    """The page. `thumbnails`: rows as by `Dataset.show` for those that `panels.worth_showing` names."""
    from plotly.offline import get_plotlyjs

    texts, images = summary.texts, summary.images
    captions = [draw(summary, of) for of in measures.OF_CAPTIONS for draw in (figures.histogram, figures.box)]
    captions += [figures.commonest(texts, what) for what in ("epithets", "trades")]
    pixels = []
    if images is not None:
        pixels = [figures.colour_pie(images), figures.dominant_colours(images)]
        pixels += [figures.histogram(summary, of) for of in measures.OF_IMAGES]
    style = _STYLE + Path(__file__).with_name("tab.css").read_text(encoding="utf-8")
    several = f", {len(files):,} files" if len(files) > 1 else ""
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{html.escape(name)}</title><style>{style}</style><script>{get_plotlyjs()}</script></head>"
        "<body class='eda'>"
        f"<h1>{html.escape(name)}</h1><p class='note'>{summary.rows:,} rows{several}</p>"
        f"<h2>What is wrong</h2><div class='faults'>{panels.faults(summary, thumbnails or {})}</div>"
        f"<h2>Captions</h2>{_cloud(summary)}{_plots(captions)}<h2>Images</h2>{_plots(pixels)}</body></html>"
    )


def _plots(drawn: list) -> str:
    options = {"full_html": False, "include_plotlyjs": False, "config": {"responsive": True, "displaylogo": False}}
    return f"<div class='plots'>{''.join(f'<div>{figure.to_html(**options)}</div>' for figure in drawn)}</div>"


def _cloud(summary: Summary) -> str:
    image = figures.word_cloud(words.words(summary.texts))
    if image is None:
        return panels.cloud_text(summary, False)
    file = io.BytesIO()
    image.save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    picture = f"<img class='cloud' alt='Word cloud of the captions' src='data:image/png;base64,{data}'>"
    return picture + panels.cloud_text(summary, False)

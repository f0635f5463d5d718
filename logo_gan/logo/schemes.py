"""Colours that go together, chosen by hand.

Each scheme has a deep colour (for marks on white, and for containers), a light one that is read on it, a bright one
that stands out from white, and a tint for grounds, on which deep and bright stand out.
"""

from __future__ import annotations

from dataclasses import dataclass

WHITE, INK = "#ffffff", "#16181d"


@dataclass(frozen=True)
class Scheme:
    deep: str
    light: str
    bright: str
    tint: str
    moods: tuple[str, ...] = ()


SCHEMES = tuple(
    Scheme(deep, light, bright, tint, tuple(moods.split()))
    for deep, light, bright, tint, moods in (
        ("#102a43", "#f7c948", "#d9472b", "#f0f4f8", "classic bold sport team"),
        ("#0b3954", "#bfd7ea", "#e0483e", "#f4f8fb", "classic trust finance"),
        ("#1b2a6b", "#ffd166", "#e4572e", "#f3f4fb", "bold playful kids sport"),
        ("#14213d", "#fca311", "#c1621a", "#f5f5f2", "bold modern sport"),
        ("#0a2463", "#9fd8ff", "#2f7de1", "#eff5fc", "trust tech finance medical clean"),
        ("#05386b", "#8ee4af", "#1b8a5a", "#eef8f3", "fresh health medical clean"),
        ("#0f3d3e", "#f2d492", "#c8553d", "#f8f4ec", "warm vintage food coffee"),
        ("#1f4d3a", "#ecd9a0", "#b5632a", "#f6f4ec", "natural eco organic vintage farm"),
        ("#143d2b", "#a8e6a1", "#2f8f4e", "#f0f7f0", "natural eco organic garden fresh"),
        ("#22471f", "#e9f5a9", "#6a8f1f", "#f6f9ec", "natural eco organic food farm"),
        ("#2b4a2f", "#f4e3b2", "#c0703a", "#faf6ea", "rustic vintage outdoor coffee"),
        ("#004d55", "#b8f2e6", "#0f8b8d", "#eefaf8", "fresh spa health travel calm"),
        ("#0b4f6c", "#fbf3d5", "#1d8fb8", "#eef7fa", "travel sea calm clean"),
        ("#083d56", "#ffb4a2", "#e05a47", "#fdf5f2", "travel warm friendly"),
        ("#16324f", "#ffe8c2", "#b87333", "#faf6f0", "luxury elegant craft classic"),
        ("#1d1e33", "#d8c48a", "#a67c2d", "#f8f6f0", "luxury elegant premium law jewelry"),
        ("#16181d", "#ffffff", "#d7263d", "#f6f6f4", "bold modern minimal strong"),
        ("#1c1c1c", "#f5e9d4", "#9a6b3f", "#faf7f2", "minimal coffee craft vintage barber"),
        ("#212529", "#ffd43b", "#c77700", "#fbf9f1", "bold construction industrial strong"),
        ("#22223b", "#f2e9e4", "#9a5b67", "#f7f3f1", "elegant fashion beauty calm"),
        ("#2d1e2f", "#f7b2ad", "#d1495b", "#fdf4f3", "fashion beauty romantic elegant"),
        ("#3c1642", "#f6d5f7", "#a0359c", "#faf3fb", "beauty creative magic playful"),
        ("#3d1e6d", "#c8f169", "#7b4ae2", "#f5f1fd", "tech creative gaming bold"),
        ("#2e1a6b", "#ffc9dd", "#e0407b", "#fdf2f7", "creative music playful night"),
        ("#1e1b4b", "#a5f3fc", "#5b5bea", "#f2f3fd", "tech modern software gaming science"),
        ("#54257f", "#ffc9dd", "#c2417c", "#faf5ff", "beauty romantic creative"),
        ("#4a1942", "#ffd9a0", "#c8502f", "#fdf5ec", "warm creative food wine"),
        ("#5a1230", "#f6d8ae", "#b3473b", "#fbf4ee", "wine elegant vintage warm"),
        ("#6b1d1d", "#f4dfc1", "#b35524", "#fbf5ee", "vintage warm food bbq barber"),
        ("#7a1f1f", "#ffe3b3", "#c8452e", "#fdf4ec", "warm food bold fire"),
        ("#8f1d2c", "#ffe5d9", "#d64550", "#fff5f3", "bold love food"),
        ("#5c2e12", "#ffdf9e", "#b86b1b", "#fdf6ea", "warm coffee bakery food rustic"),
        ("#4e2a1e", "#f3d9c0", "#a8592c", "#faf4ee", "coffee chocolate warm rustic"),
        ("#3b2f2f", "#f6e2b8", "#a4662d", "#faf6ee", "rustic vintage leather craft"),
        ("#0d3b66", "#faf0ca", "#d1542b", "#fdf9ec", "friendly classic travel kids"),
        ("#073b4c", "#ffd166", "#d83a63", "#fef9ec", "playful friendly kids modern"),
        ("#114b5f", "#e4fde1", "#c2403f", "#f2f8f4", "friendly fresh food"),
        ("#264653", "#f4d58d", "#c8523a", "#f8f5ec", "warm natural friendly"),
        ("#1a3a5f", "#ffe066", "#247ba0", "#f1f7fb", "sport team school trust"),
        ("#0f4c3a", "#ffe6a7", "#1f8a70", "#f1f8f4", "finance health natural calm"),
        ("#37123c", "#ffb997", "#c4405f", "#fdf3f1", "sunset warm creative music"),
        ("#2b2d42", "#edf2f4", "#d3333e", "#f4f5f8", "modern tech strong minimal"),
    )
)
PLAIN = Scheme(INK, WHITE, INK, WHITE)

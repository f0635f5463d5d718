"""From a brief and marks to logos: what each proposal looks like is a plan, and a plan with its marks is a logo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from logo_gan.logo import arrangement, containers, feelings, palette
from logo_gan.logo.design import Layer, Logo, MarkSource
from logo_gan.logo.schemes import PLAIN, WHITE, Scheme
from logo_gan.marks.outline import Outline, joined
from logo_gan.text.colours import contrast, hexadecimal, lab_of, names, shade, srgb
from logo_gan.text.phrases import IN_PAIRS

if TYPE_CHECKING:
    from logo_gan.text.brief import Brief

SHEET = 4  # proposals that are planned together, to differ
OPEN_CONTAINERS = ("circle", "rounded square", "hexagon", "ring", "shield", "circle", "badge", "square")
LINED_STYLES = {"vintage", "retro", "classic", "emblem", "badge", "heraldic", "stamp"}
LINED = ("circle", "shield", "badge")  # containers that look well with a line along their edge

# What the colours of a scheme are used for: role → an attribute of Scheme, "white", or white whatever lies on it.
Look = dict[str, str]
ON_WHITE = {"ground": "white", "mark": "deep", "second": "bright", "accent": "bright"}
BRIGHT_ON_WHITE = {"ground": "white", "mark": "bright", "second": "deep", "accent": "deep"}
ON_TINT = {"ground": "tint", "mark": "deep", "second": "bright", "accent": "bright"}
ON_DEEP = {"ground": "deep", "mark": "light", "second": "bright", "accent": "bright"}
ON_BRIGHT = {"ground": "bright", "mark": "light", "second": "deep", "accent": "deep"}
IN_DEEP = {"ground": "white", "container": "deep", "mark": "light", "second": "white", "accent": "light"}
WHITE_IN_DEEP = {"ground": "white", "container": "deep", "mark": "white", "second": "light", "accent": "light"}
IN_BRIGHT = {"ground": "white", "container": "bright", "mark": "white", "second": "deep", "accent": "white"}
CUT_FROM_DEEP = {"ground": "tint", "container": "deep", "mark": "tint", "second": "light", "accent": "tint"}
IN_LIGHT = {"ground": "deep", "container": "light", "mark": "deep", "second": "bright", "accent": "deep"}
IN_RING = {"ground": "white", "container": "deep", "mark": "deep", "second": "bright", "accent": "bright"}
IN_BRIGHT_RING = {"ground": "white", "container": "deep", "mark": "bright", "second": "deep", "accent": "bright"}
IN_TINTED_RING = {"ground": "tint", "container": "bright", "mark": "deep", "second": "bright", "accent": "bright"}
IN_LIGHT_RING = {"ground": "deep", "container": "light", "mark": "light", "second": "bright", "accent": "bright"}

IN_RIMMED_LIGHT = {"ground": "white", "container": "light", "mark": "deep", "second": "bright", "accent": "deep"}
IN_RIMMED_WHITE = {"ground": "white", "container": "white", "mark": "deep", "second": "bright", "accent": "deep"}
IN_RIMMED_TINT = {"ground": "tint", "container": "tint", "mark": "deep", "second": "bright", "accent": "deep"}
WHITE_ON_DEEP = {**ON_DEEP, "mark": "white", "second": "light"}
BRIGHT_ON_DEEP = {**ON_DEEP, "mark": "bright", "second": "light"}

# Of four proposals: the first is the plainest, at most one has a dark ground, two at least have a white one.
BARE_LOOKS = (ON_WHITE, BRIGHT_ON_WHITE, ON_TINT, ON_DEEP)
BARE_ON_DARK = (ON_DEEP, WHITE_ON_DEEP, BRIGHT_ON_DEEP, ON_DEEP)  # where a dark ground is named
FAINT_ON_WHITE = {**ON_WHITE, "ground": "plain white"}
FAINT_LOOKS = (FAINT_ON_WHITE, ON_DEEP, FAINT_ON_WHITE, FAINT_ON_WHITE)  # for marks that are faint on white
BARE_LIGHT_LOOKS = (ON_BRIGHT, ON_DEEP, ON_BRIGHT, ON_BRIGHT)  # for marks that white would swallow
HELD_LOOKS = (IN_DEEP, IN_BRIGHT, CUT_FROM_DEEP, IN_LIGHT)
HELD_LIGHT_LOOKS = (
    IN_DEEP,
    CUT_FROM_DEEP,
    IN_DEEP,
    {**IN_DEEP, "ground": "light"},
)  # for marks that white would swallow
HELD_ON_DARK = (IN_LIGHT, IN_BRIGHT, IN_LIGHT, IN_BRIGHT)
HELD_OPEN_LOOKS = (WHITE_IN_DEEP, IN_BRIGHT, IN_DEEP, CUT_FROM_DEEP)
HELD_DARK_LOOKS = (
    IN_RIMMED_LIGHT,
    IN_RIMMED_WHITE,
    IN_LIGHT,
    IN_RIMMED_TINT,
)  # for marks that a deep one would swallow
RING_LOOKS = (IN_RING, IN_BRIGHT_RING, IN_TINTED_RING, IN_LIGHT_RING)
RING_ON_DARK = tuple(
    {**look, "container": slot} for look, slot in zip(BARE_ON_DARK, ("light", "bright", "white", "white"), strict=True)
)
RING_LIGHT_LOOKS = tuple(
    {**look, "container": slot}
    for look, slot in zip(BARE_LIGHT_LOOKS, ("white", "light", "light", "deep"), strict=True)
)
FAINT = 2.2  # contrast of a mark whose colour is named, from which it may stand on white where no container helps
DEEP = "#102a43"  # what most deep colours are about


@dataclass(frozen=True)
class Mark:
    """A drawing in its own frame (the unit square) and where it comes from; `letters` are those that it shows."""

    outline: Outline
    source: MarkSource
    letters: str | None = None


@dataclass(frozen=True)
class Plan:
    """How a proposal looks, but for its marks.

    Attributes:
        container: one of `containers.NAMES`, or "none".
        colours: role → '#rrggbb' for the ground and every role that may be drawn.
        arrangement: of several marks, one of `arrangement.NAMES`.
        count: how often the mark is repeated.
        size: of the marks, 1 being usual.
        inner: '#rrggbb' of a second thing within the mark; None where it is cut out of it.
        accent: what is drawn in the accent's colour: "rim" (around the container), "line" (along its edge), "part" (of
            the mark, if it has several), "part or ring" (around a mark of one part), or None.
    """

    container: str = "none"
    colours: dict[str, str] = field(default_factory=dict)
    arrangement: str = "beside"
    count: int = 1
    size: float = 1.0
    accent: str | None = None
    inner: str | None = None


def plan(brief: Brief, n: int = SHEET, seed: int = 0) -> list[Plan]:
    """Plans for `n` proposals. Those of a smaller `n` are the first of a larger one."""
    plans: list[Plan] = []
    fixed = {role: colour for role, colour in brief.colours.items() if colour}
    avoided = [names()[word] for word in brief.avoid if word in names()]
    for sheet in range(-(-n // SHEET)):
        rng = np.random.default_rng([seed, sheet])
        felt = feelings.of(brief.style)
        moods = [mood for feeling in felt for mood in feeling.moods]
        found = palette.schemes(fixed.values(), (*brief.style, *moods), brief.trade or "", avoided, rng)
        styles = set(brief.style)
        fitting = felt[0].containers if felt else ()
        chosen = _looks(brief.container or ("circle" if "container" in fixed else None), fixed, fitting, rng)
        for i, (container, look) in enumerate(chosen):
            given = {**fixed, "ground": WHITE} if look["ground"] == "plain white" else fixed
            plans.append(_plan(brief, container, look, given, found[i % len(found)], styles, rng, i))
    return plans[:n]


def build(plan: Plan, mark: Mark, second: Mark | None = None, caption: str = "", address: object = None) -> Logo:
    """The logo of a plan and its marks."""
    if IN_PAIRS & set(mark.source.concept.split()):  # two crossed axes are one drawing
        plan = replace(plan, count=1)
    drawn, beneath = _drawn(plan, mark.outline, second.outline if second else None)
    lined, parted = plan.accent == "line", _accented(drawn[0]) if plan.accent in ("part", "part or ring") else None
    ringed = plan.accent == "part or ring" and parted is None
    container = "ring" if ringed else plan.container
    scale, x, y = containers.room(container, lined).place(joined(drawn), plan.size)
    placed = [outline.moved(scale, x, y) for outline in drawn]
    accents, shapes = [], {}
    if ringed:
        shapes["container"] = containers.shape("ring")
    elif plan.container != "none":
        rim = plan.accent == "rim"
        if rim:
            accents.append(("accent", containers.shape(plan.container)))
        shapes["container"] = containers.shape(plan.container, 1 - containers.RIM if rim else 1.0)
        if lined:
            shapes["accent"] = containers.line(plan.container)
    roles = ("second", "mark") if beneath else ("mark", "second")
    shapes |= dict(zip(roles, placed, strict=False)) if len(placed) > 1 else {"mark": placed[0]}
    if parted:
        shapes["mark"], shapes["accent"] = (each.moved(scale, x, y) for each in parted)
    layers = [*accents, *shapes.items()]
    colours = {**plan.colours, **({"container": plan.colours["accent"]} if ringed else {})}
    colours |= {"second": plan.inner} if plan.inner and plan.arrangement == "within" else {}
    marks = [mark, *([second] if second else [])]
    letters = "".join(each.letters for each in marks if each.letters) or None
    return Logo(
        plan.colours["ground"],
        tuple(Layer(role, colours[role], shape) for role, shape in layers),
        caption,
        address,
        container,
        letters,
        tuple(each.source for each in marks),
    )


def _drawn(plan: Plan, mark: Outline, second: Outline | None) -> tuple[list[Outline], bool]:
    """The outlines of a plan's marks in one frame, and whether the second comes first, since the mark lies upon it.

    Of two things that go into each other, the smaller has a colour that was asked for, or is cut out.
    """
    if second is not None and plan.arrangement == "within":
        for outer, inner in ((mark, second), (second, mark)):
            least = arrangement.LEAST_INNER if outer is mark else arrangement.LEAST_BEHIND
            if (held := arrangement.within(outer, inner, least)) is not None:
                return ([outer, held], outer is second) if plan.inner else ([arrangement.cut(outer, held)], False)
    return arrangement.arranged(mark, second, plan.arrangement, plan.count), False


def mixed(first: Plan, second: Plan, share: float) -> Plan:
    """A plan between two: sizes and colours are mixed, the rest is that of the nearer one."""
    near, far = (first, second) if share < 0.5 else (second, first)
    share = min(share, 1 - share)
    if share <= 0:
        return near
    blend, common = {}, {}
    for role, colour in near.colours.items():
        other = far.colours.get(role, colour)
        if colour == other:
            common[role] = colour
        middle = (1 - share) * np.array(lab_of(colour)) + share * np.array(lab_of(other))
        blend[role] = colour if colour == other else hexadecimal(srgb(middle))
    colours = palette.settled(blend, common, _touching(near.container, near.accent), PLAIN)
    inner = near.inner if near.inner and contrast(near.inner, colours["mark"]) >= palette.LEAST_CONTRAST else None
    return replace(near, colours=colours, inner=inner, size=(1 - share) * near.size + share * far.size)


def _looks(
    container: str | None, fixed: dict[str, str], fitting: Sequence[str], rng: np.random.Generator
) -> list[tuple[str, Look]]:
    """Container and look for each proposal of a sheet; those that are `fitting` first, where the container is open."""
    mark, ground = fixed.get("mark"), fixed.get("ground")
    on_dark = ground is not None and palette.dark(ground)
    swallowed = mark is not None and contrast(mark, ground or WHITE) < palette.LEAST_CONTRAST
    swallowed_by_deep = mark is not None and contrast(mark, DEEP) < palette.LEAST_CONTRAST
    pale = swallowed and not ground
    bare = BARE_ON_DARK if on_dark else BARE_LIGHT_LOOKS if pale else BARE_LOOKS
    if pale and contrast(mark, WHITE) >= FAINT:
        bare = FAINT_LOOKS
    light = mark is not None and contrast(mark, WHITE) < palette.LEAST_CONTRAST
    held = HELD_LIGHT_LOOKS if light else HELD_DARK_LOOKS if swallowed_by_deep else HELD_LOOKS
    held = HELD_ON_DARK if on_dark and not light else held
    rings = RING_ON_DARK if on_dark else RING_LIGHT_LOOKS if pale else RING_LOOKS
    if bare is FAINT_LOOKS:
        rings = tuple({**look, "container": "deep" if look is FAINT_ON_WHITE else "light"} for look in bare)
    if container is not None:
        looks = {"none": bare, "ring": rings}.get(container, held)
        return [(container, look) for look in looks]
    names = list(dict.fromkeys(OPEN_CONTAINERS[i] for i in rng.permutation(len(OPEN_CONTAINERS))))
    names.sort(key=lambda name: name not in fitting)
    held = held if on_dark or light or swallowed_by_deep else HELD_OPEN_LOOKS
    if swallowed:
        names.remove("ring")
        return [*zip(names, held[:3], strict=False), (names[3], held[3]) if ground else ("none", ON_DEEP)]
    first, second = (
        (name, rings[0] if name == "ring" else look) for name, look in zip(names[:2], held[:2], strict=True)
    )
    rest = [
        first,
        ("none", bare[2]),
        ("none", bare[3]) if rng.random() < (0.8 if "none" in fitting else 0.4) else second,
    ]
    return [("none", bare[int(rng.random() < 0.4)]), *(rest[i] for i in rng.permutation(3))]


def _plan(
    brief: Brief,
    container: str,
    look: Look,
    fixed: dict[str, str],
    scheme: Scheme,
    styles: set[str],
    rng: np.random.Generator,
    number: int,
) -> Plan:
    if len(brief.things) > 1 and "accent" in fixed:  # of two things and two colours, each has one
        fixed = {role: colour for role, colour in fixed.items() if role != "accent"} | {"second": fixed["accent"]}
    wanted = {role: getattr(scheme, slot, WHITE) for role, slot in look.items()} | fixed
    if "mark" in fixed and "second" not in fixed:  # the one colour that is named, in two tones
        wanted["second"] = shade(fixed["mark"], stronger=True)
    roles = ["ground", *(["container"] if container != "none" else []), "mark"]
    roles += ["second"] if len(brief.things) > 1 else []
    lined = rng.random() < 0.5 if container in ("badge", "shield") else bool(styles & LINED_STYLES)
    accent = None
    if container not in ("none", "ring") and contrast(wanted["container"], wanted["ground"]) < palette.LEAST_CONTRAST:
        accent = "rim"
    elif container in LINED and lined:
        accent, wanted["accent"] = "line", fixed.get("accent", wanted["mark"])
    elif "accent" in fixed:
        accent = "line" if container != "none" else "part" if brief.container == "none" else "part or ring"
    roles += ["accent"] if accent else []
    colours = palette.settled({role: wanted[role] for role in roles}, fixed, _touching(container, accent), scheme)
    count = brief.count or 1
    names = arrangement.fitting(count, len(brief.things) > 1, container)
    # Of two things, one in the other and both apart in turn.
    name = names[number % len(names)] if len(brief.things) > 1 else names[int(rng.integers(len(names)))]
    inner = fixed.get("second")
    if name == "within" and inner and contrast(inner, colours["mark"]) < palette.LEAST_CONTRAST:
        name = "stacked"
    return Plan(container, colours, name, count, float(rng.uniform(0.95, 1.03)), accent, inner)


def _touching(container: str, accent: str | None) -> list[tuple[str, str]]:
    """Which roles lie upon which."""
    beneath = "ground" if container in ("none", "ring") else "container"
    pairs = [(role, beneath) for role in ("mark", "second")]
    if container != "none":
        pairs.append(("container", "ground" if accent != "rim" else "accent"))
    if accent:
        pairs.append(("accent", "ground" if accent == "rim" else beneath))
    return pairs


def _accented(mark: Outline) -> tuple[Outline, Outline] | None:
    """The mark without one of its parts, and that part; None for a mark of one part."""
    parts = arrangement.parts(mark)
    areas = [part.area for part in parts]
    fitting = [i for i, area in enumerate(areas) if 0.04 * sum(areas) < area < 0.45 * sum(areas)]
    if not fitting:
        return None
    chosen = max(fitting, key=areas.__getitem__)
    return joined([part for i, part in enumerate(parts) if i != chosen]), parts[chosen]

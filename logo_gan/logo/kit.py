"""The brand kit: one archive with all that a logo is needed as, from the favicon to a page of rules."""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from string import Template

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from logo_gan.logo.design import Logo
from logo_gan.logo.lockup import LAYOUTS, LockUp, lock_up, set_alone
from logo_gan.logo.schemes import WHITE
from logo_gan.logo.typefaces import DEFAULT_FONT, FONTS
from logo_gan.text.colours import contrast, rgb

BLACK = "#000000"
DPI = 300
TALL = 1024  # pixels: the height of a lock-up's PNG
MARK = 2048  # pixels: the side of a mark's
WIDEST = 4096
SOCIAL = {  # pixels
    "avatar": (1080, 1080), "open-graph": (1200, 630), "header-x": (1500, 500), "header-linkedin": (1584, 396),
    "story": (1080, 1920),
}  # fmt: skip
SHARE = {"avatar": 1.0, "story": 0.8, "open-graph": 0.85}  # of a picture's width or height that it takes; or all
READ = 3.0  # contrast to white
APPS = {"apple-touch-icon": 180, "icon-192": 192, "icon-512": 512}
MASKED = 0.72  # of a maskable icon, what no launcher cuts off
FAVICONS = [(16, 16), (32, 32), (48, 48)]
PAGE = Template(Path(__file__).with_name("kit.html").read_text("utf-8"))
DATE = (1980, 1, 1, 0, 0, 0)  # of every file, so that the same logo gives the same archive


def kit(
    logo: Logo, name: str = "", slogan: str = "", font: str = DEFAULT_FONT, name_colour: str | None = None
) -> bytes:
    """A ZIP archive: mark, lock-ups and name in colour, one colour, black and white as SVG, PDF and PNG, icons,
    pictures for social networks, a page of rules, and where the drawings come from.

    Args:
        logo: one made of layers.
        name, slogan, font, name_colour: as `lock_up` takes them; without a name there are no lock-ups.

    Raises:
        ValueError: as `lock_up` does.
    """
    if not isinstance(logo, Logo):
        raise ValueError("The baseline model's logos have no layers, so no kit can be made of them.")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in _files(logo, name.strip(), slogan, font, name_colour):
            archive.writestr(zipfile.ZipInfo(path, DATE), content)
    return file.getvalue()


def _files(logo: Logo, name: str, slogan: str, font: str, name_colour: str | None) -> Iterator[tuple[str, bytes]]:
    logo = replace(logo, caption=name) if name else logo
    versions = _versions(logo)
    for version, each in versions.items():
        bare = version != "colour"
        yield from _picture(
            f"mark/mark-{version}", partial(each.svg, bare), partial(each.pdf, bare), each.image(MARK, bare)
        )
    yield from _clear("mark/mark-colour-transparent", partial(logo.svg, True), logo.image(MARK, True))
    sets: dict[str, LockUp] = {}
    for version, each in versions.items() if name else ():
        colour = name_colour if version == "colour" else each.palette["mark"]
        bare, ground = version != "colour", each.ground
        made = {layout: lock_up(each, name, font, layout, colour, ground, slogan) for layout in LAYOUTS}
        own = made["beside"].name_colour(ground)
        made["name"] = set_alone(name, font, own, ground, slogan)
        for layout, lockup in made.items():
            height = min(TALL, int(WIDEST / lockup.aspect_ratio))
            picture = lockup.image(height, bare)
            yield from _picture(
                f"{layout}/{layout}-{version}", partial(lockup.svg, bare), partial(lockup.pdf, bare), picture
            )
            if not bare:
                yield from _clear(
                    f"{layout}/{layout}-colour-transparent", partial(lockup.svg, True), lockup.image(height, True)
                )
        sets |= made if version == "colour" else {}
    yield from _icons(logo)
    for where, size in SOCIAL.items():
        wide = sets.get("beside") if size[0] > size[1] else sets.get("below") if where == "story" else None
        yield (
            f"social/{where}-{size[0]}x{size[1]}.png",
            _png(_on_ground(wide or logo, logo.ground, size, SHARE.get(where, 1.0))),
        )
    yield "guide.html", _guide(logo, sets, font).encode()
    yield "sources.txt", _sources(logo, font).encode()


def _versions(logo: Logo) -> dict[str, Logo]:
    """In its colours; in one of them that reads on white; in black; in white, for dark grounds."""
    shown = [logo.palette[role] for role in ("container", "mark", "second", "accent", "ground") if role in logo.palette]
    best = next((colour for colour in shown if contrast(colour, WHITE) >= READ), BLACK)
    return {
        "colour": logo, "one-colour": logo.in_one_colour(best), "black": logo.in_one_colour(BLACK),
        "white": logo.in_one_colour(WHITE, BLACK),
    }  # fmt: skip


def _picture(
    path: str, svg: Callable[[], str], pdf: Callable[[], bytes], image: Image.Image
) -> Iterator[tuple[str, bytes]]:
    yield f"{path}.svg", svg().encode()
    yield f"{path}.pdf", pdf()
    yield f"{path}.png", _png(image)


def _clear(path: str, svg: Callable[[], str], image: Image.Image) -> Iterator[tuple[str, bytes]]:
    """In colour without the ground, for paper and pages of a like one."""
    yield f"{path}.svg", svg().encode()
    yield f"{path}.png", _png(image)


def _png(image: Image.Image) -> bytes:
    """A PNG that says that its colours are sRGB's, and how large it prints."""
    file, info = io.BytesIO(), PngInfo()
    info.add(b"sRGB", b"\x00")
    image.save(file, "png", dpi=(DPI, DPI), pnginfo=info, compress_level=6)
    return file.getvalue()


def _icons(logo: Logo) -> Iterator[tuple[str, bytes]]:
    file = io.BytesIO()
    pictures = [logo.image(size) for size, _ in FAVICONS]
    pictures[-1].save(file, "ico", sizes=FAVICONS, append_images=pictures[:-1])
    yield "icons/favicon.ico", file.getvalue()
    yield "icons/favicon.svg", logo.svg().encode()
    for name, size in APPS.items():
        yield f"icons/{name}.png", _png(logo.image(size))
    yield "icons/icon-maskable-512.png", _png(_on_ground(logo, logo.ground, (512, 512), MASKED))


def _on_ground(shown: Logo | LockUp, ground: str, size: tuple[int, int], share: float) -> Image.Image:
    """A logo or a lock-up in the middle of a picture, taking that share of its height or width."""
    picture = Image.new("RGB", size, ground)
    ratio = shown.aspect_ratio if isinstance(shown, LockUp) else 1.0
    height = max(16, int(min(size[1] * share, size[0] * share / ratio)))
    drawn = shown.image(height, ground=ground) if isinstance(shown, LockUp) else shown.image(height)
    picture.paste(drawn, ((size[0] - drawn.width) // 2, (size[1] - drawn.height) // 2))
    return picture


def _guide(logo: Logo, sets: dict[str, LockUp], font: str) -> str:
    """One page: the logo, its colours, its typeface, the space around it, what not to do with it."""
    say = html.escape
    shown = [lockup.svg() for lockup in sets.values()] or [logo.svg()]
    figures = "".join(
        f"<figure style='background:{logo.ground}'>{_inline(each, i)}</figure>" for i, each in enumerate(shown)
    )
    colours = "".join(_colour(role, value) for role, value in logo.palette.items())
    face = FONTS[font]
    typeface = f"<h2>Typeface</h2><p>{say(face.title)}, under the SIL Open Font License 1.1.</p>" if sets else ""
    title = say(next(iter(sets.values())).title if sets else logo.caption)
    return PAGE.substitute(title=title, figures=figures, colours=colours, typeface=typeface)


def _inline(svg: str, number: int) -> str:
    """An SVG document within a page, where ids stand once."""
    return svg.replace('<g id="', f'<g id="figure-{number}-')


def _colour(role: str, value: str) -> str:
    red, green, blue = rgb(value)
    key = 1 - max(red, green, blue) / 255
    parts = [0 if key == 1 else round(100 * (1 - channel / 255 - key) / (1 - key)) for channel in (red, green, blue)]
    cmyk = " ".join(map(str, [*parts, round(100 * key)]))
    return (
        f"<tr><td><i style='background:{value}'></i></td><td>{role}</td><td>{value}</td><td>{red} {green} {blue}</td>"
        f"<td>{cmyk}</td><td>{contrast(value, WHITE):.1f}</td></tr>"
    )


def _sources(logo: Logo, font: str) -> str:
    """Which open drawings the marks were made from, and what their licences ask for."""
    lines = [f"{logo.caption}\n"]
    for mark in logo.marks:
        for source in mark.sources:
            lines.append(
                f"{mark.concept}: drawn from “{source['name']}” of {source['set']} by {source['author']}, "
                f"licence {source['licence']}."
            )
    if any(str(source["licence"]).startswith("CC-BY") for mark in logo.marks for source in mark.sources):
        lines.append("\nLicences of the kind CC BY ask you to name the author where the logo is published.")
    lines.append(f"\nTypeface: {FONTS[font].title}, SIL Open Font License 1.1.")
    if logo.address is not None:
        lines.append(f"Address: {logo.address}")
    return "\n".join(lines) + "\n"

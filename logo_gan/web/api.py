"""The endpoints for programs; the page has its own events, which carry a visit's state."""

from __future__ import annotations

import gradio as gr

from logo_gan.logo.design import checked_size
from logo_gan.logo.finish import Finished
from logo_gan.logo.typefaces import DEFAULT_FONT
from logo_gan.model.address import INVENTION
from logo_gan.web import colours as colours_by_role
from logo_gan.web import i18n
from logo_gan.web.common import PNG_SIZE, TORCH, checked_seed, guarded, parsed, said, saved, tidied
from logo_gan.web.session import PROPOSALS, STEPS, mixture
from logo_gan.web.warmup import WarmUp

MIDDLE = INVENTION / 100


def build(model: WarmUp) -> None:
    """/generate, /generate_svg, /more_like_this, /mix, /export, /kit and /brief."""

    def four(prompt: str, seed: float | None, invention: float) -> tuple[list, int]:
        number, text = checked_seed(seed), tidied(prompt)
        return model.model().generate(text, PROPOSALS, number, invention=invention), number

    def generate(prompt: str, seed: float | None = None, invention: float = MIDDLE):
        """Draw four logos for a prompt.

        Returns four PNG images of 1024 pixels with captions, and the seed: the same prompt, seed and invention give
        the same logos again. A seed is a whole number from 0 to 4294967295; without one it is random. `invention` goes
        from 0, drawings as they are remembered, to 1, the most inventive ones.
        """
        logos, number = guarded(lambda: four(prompt, seed, invention))
        captions = [said(logo, i18n.speaker(None)) for logo in logos]
        return [*zip([saved(Finished(logo), "png", PNG_SIZE) for logo in logos], captions, strict=True)], number

    def generate_svg(prompt: str, seed: int | None = None, invention: float = MIDDLE) -> list[str]:
        """Draw four logos for a prompt, as the texts of four SVG documents.

        The same prompt, seed and invention as in /generate give the same logos; without a seed it is random.
        """
        return [logo.svg() for logo in guarded(lambda: four(prompt, seed, invention))[0]]

    def more_like_this(logo: str, n: int = PROPOSALS) -> list[dict]:
        """Draw logos that are near another one.

        `logo` is an address, as a page's link has it: "prompt=red+heart&seed=7&logo=2" is the second proposal of a
        prompt and a seed. Returns `n` (1 to 15) objects with `address`, which leads to that logo again, and `svg`.
        """
        return _told(guarded(lambda: model.model().more_like(parsed(logo), n)))

    def mix(first: str, second: str, steps: int = STEPS) -> list[dict]:
        """Draw the way from one logo to another.

        `first` and `second` are addresses as in /more_like_this. Returns both and `steps` (1 to 9) logos between them,
        as objects with `address` and `svg`.
        """
        return _told(guarded(lambda: mixture(model.model(), parsed(first), parsed(second), steps)))

    def export(
        logo: str, kind: str = "png", size: int = 1024, ground: str = "drawn", colours: str = "", name: str = "",
        font: str = DEFAULT_FONT, layout: str = "beside", slogan: str = "",
    ):  # fmt: skip
        """Finish a logo and save it as a file.

        `logo` is an address as in /more_like_this. `kind` is png, svg or pdf; `size` the shorter side of a PNG, 16
        to 2048 pixels; `ground` drawn, white or transparent; `colours` new ones by role, as "mark=#0a1f66
        ground=#ffffff", the roles being those of the groups in the logo's SVG; `name` a brand name, set in `font`
        with the `layout` beside or below, and `slogan` what stands under it.
        """

        def exported() -> str:
            gan = model.model()
            if kind not in ("png", "svg", "pdf"):
                raise ValueError("The kind must be png, svg or pdf.")
            chosen = colours_by_role.from_pairs(colours)
            finished = Finished(
                gan.at(parsed(logo)), chosen, ground, layout if name else "alone", name or "", font, slogan=slogan or ""
            )
            return saved(finished, kind, _size(size))

        return guarded(exported)

    def kit(logo: str, colours: str = "", name: str = "", font: str = DEFAULT_FONT, slogan: str = ""):
        """Make the brand kit of a logo: a ZIP archive.

        It has the mark, the lock-ups and the name in colour, one colour, black and white as SVG, PDF and PNG, icons,
        pictures for social networks, a page of rules, and where the drawings come from. The arguments are those of
        /export; without a name there are no lock-ups.
        """

        def made() -> str:
            chosen = colours_by_role.from_pairs(colours)
            finished = Finished(model.model().at(parsed(logo)), chosen, name=name or "", font=font, slogan=slogan or "")
            return saved(finished, "zip")

        return guarded(made)

    def brief(prompt: str) -> dict:
        """Tell what is read in a prompt.

        Returns `things` (phrases; the first is the mark), `colours` (of `mark`, `container`, `ground` and `accent`, as
        "#rrggbb" or null), `container` (its name; "none" where the prompt refuses one, null where it leaves it open),
        `letters`, `count`, `brand`, `slogan`, `trade` (each may be null), `style`, `avoid` and `not_understood`
        (lists of words).
        """
        return guarded(lambda: model.model().read(tidied(prompt)).as_dict())

    with gr.Column(visible=False):
        prompt, number = gr.Textbox(label="Prompt"), gr.Number(label="Seed", value=None)
        invention = gr.Number(MIDDLE, label="Invention")
        gallery, used = gr.Gallery(label="Logos", format="png"), gr.Number(label="Seed used")
        gr.Button().click(generate, [prompt, number, invention], [gallery, used], api_name="generate", **TORCH)
        address, kind = gr.Textbox(label="Address of a logo"), gr.Textbox("png", label="png, svg or pdf")
        size, ground = gr.Number(1024, label="Size"), gr.Textbox("drawn", label="Ground")
        colours, name = gr.Textbox("", label="Colours"), gr.Textbox("", label="Brand name")
        font, layout = gr.Textbox(DEFAULT_FONT, label="Font"), gr.Textbox("beside", label="Layout")
        slogan, file = gr.Textbox("", label="Slogan"), gr.File(label="File")
        chosen = [address, kind, size, ground, colours, name, font, layout, slogan]
        gr.Button().click(export, chosen, file, api_name="export", **TORCH)
        gr.Button().click(kit, [address, colours, name, font, slogan], file, api_name="kit", **TORCH)
    for function in (generate_svg, more_like_this, mix, brief):
        gr.api(function, api_name=function.__name__, **TORCH)


def _size(size: float) -> int:
    """A size in pixels as JSON gives it, 512.0 for 512; raises ValueError with one sentence."""
    return checked_size(int(size) if isinstance(size, float) and size.is_integer() else size)


def _told(logos: list) -> list[dict]:
    return [{"address": str(logo.address), "svg": logo.svg()} for logo in logos]

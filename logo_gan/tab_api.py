"""The endpoints for programs; the page has its own events, which carry a visit's state."""

from __future__ import annotations

import gradio as gr

from logo_gan import texts
from logo_gan.address import parse
from logo_gan.design import Design
from logo_gan.prompt import tidy
from logo_gan.tab_common import PNG_SIZE, TORCH, checked_seed, guarded, said, saved
from logo_gan.typefaces import DEFAULT_FONT
from logo_gan.visit import PROPOSALS, STEPS, mixture
from logo_gan.warmup import WarmUp


def build(model: WarmUp) -> None:
    """/generate, /generate_svg, /more_like_this, /mix, /export and /reading."""

    def four(prompt: str, seed: float | None) -> tuple[list, int]:
        number = checked_seed(seed)
        return model.model().generate(prompt or "", PROPOSALS, number), number

    def generate(prompt: str, seed: float | None = None):
        """Draw four logos for a prompt.

        Returns four PNG images of 1024 pixels with captions, and the seed: the same prompt and seed give the
        same logos again. A seed is a whole number from 0 to 4294967295; without one it is random.
        """
        logos, number = guarded(lambda: four(prompt, seed))
        captions = [said(logo.address, logo.caption, texts.speaker(None)) for logo in logos]
        return [*zip([saved(Design(logo), "png", PNG_SIZE) for logo in logos], captions, strict=True)], number

    def generate_svg(prompt: str, seed: int | None = None) -> list[str]:
        """Draw four logos for a prompt, as the texts of four SVG documents.

        The same prompt and seed as in /generate give the same logos; without a seed it is random.
        """
        return [logo.svg() for logo in guarded(lambda: four(prompt, seed))[0]]

    def more_like_this(logo: str, n: int = PROPOSALS) -> list[dict]:
        """Draw logos that are near another one.

        `logo` is an address, as a page's link has it: "prompt=red+heart&seed=7&logo=2" is the second proposal of a
        prompt and a seed. Returns `n` (1 to 15) objects with `address`, which leads to that logo again, and `svg`.
        """
        return _told(guarded(lambda: model.model().more_like(parse(logo), n)))

    def mix(first: str, second: str, steps: int = STEPS) -> list[dict]:
        """Draw the way from one logo to another.

        `first` and `second` are addresses as in /more_like_this. Returns both and `steps` (1 to 9) logos between them,
        as objects with `address` and `svg`.
        """
        return _told(guarded(lambda: mixture(model.model(), parse(first), parse(second), steps)))

    def export(
        logo: str, kind: str = "png", size: int = 1024, ground: str = "drawn", colours: str = "", name: str = "",
        font: str = DEFAULT_FONT, layout: str = "beside",
    ):  # fmt: skip
        """Finish a logo and save it as a file.

        `logo` is an address as in /more_like_this. `kind` is png or svg; `size` the shorter side of a PNG in pixels,
        16 to 2048; `ground` drawn, white or transparent; `colours` one #rrggbb for each colour of the logo, the ground
        first, separated by spaces or commas; `name` a brand name, set in `font` with the `layout` beside or below.
        """

        def finished() -> str:
            gan = model.model()
            if kind not in ("png", "svg"):
                raise ValueError("The kind must be png or svg.")
            chosen = tuple((colours or "").replace(",", " ").split())
            design = Design(gan.at(logo), chosen, ground, layout if name else "alone", name or "", font)
            return saved(design, kind, _size(size))

        return guarded(finished)

    def reading(prompt: str) -> dict:
        """Tell what a prompt's words say to the model.

        Returns `drawn_from` (pairs of a word and what it is read as), `not_understood` (words), and `brand` (the name
        that was found, or null).
        """
        found = guarded(lambda: model.model().encoder.reading(tidy(prompt)))
        return {
            "drawn_from": [list(pair) for pair in found.drawn_from],
            "not_understood": list(found.not_understood),
            "brand": found.brand,
        }

    with gr.Column(visible=False):
        prompt, number = gr.Textbox(label="Prompt"), gr.Number(label="Seed", value=None)
        gallery, used = gr.Gallery(label="Logos", format="png"), gr.Number(label="Seed used")
        gr.Button().click(generate, [prompt, number], [gallery, used], api_name="generate", **TORCH)
        address, kind = gr.Textbox(label="Address of a logo"), gr.Textbox("png", label="png or svg")
        size, ground = gr.Number(1024, label="Size"), gr.Textbox("drawn", label="Ground")
        colours, name = gr.Textbox("", label="Colours"), gr.Textbox("", label="Brand name")
        font, layout = gr.Textbox(DEFAULT_FONT, label="Font"), gr.Textbox("beside", label="Layout")
        chosen, file = [address, kind, size, ground, colours, name, font, layout], gr.File(label="File")
        gr.Button().click(export, chosen, file, api_name="export", **TORCH)
    for function in (generate_svg, more_like_this, mix, reading):
        gr.api(function, api_name=function.__name__, **TORCH)


def _size(size: float) -> int:
    """A size in pixels as JSON gives it, 512.0 for 512; raises ValueError with one sentence."""
    from logo_gan.logo import checked_size  # here: it brings torch, which the page does not wait for

    return checked_size(int(size) if isinstance(size, float) and size.is_integer() else size)


def _told(logos: list) -> list[dict]:
    return [{"address": str(logo.address), "svg": logo.svg()} for logo in logos]

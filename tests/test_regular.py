"""Drawn logos are regular: round circles, straight sides, mirrored marks; letters and unknown shapes stay."""

import io
import math

import numpy as np
import pytest
import resvg_py
import torch
from PIL import Image

from logo_gan import LogoGAN, latents
from logo_gan.containers import SHAPES, UNIT, Shape, half, meant, plane
from logo_gan.logo import Logo
from logo_gan.regular import decided, doubled, regular
from logo_gan.symmetry import symmetric

SIZE = 512
ROUND = (
    "orange rocket in a navy circle",
    "white wolf on a black circle",
    "green leaf in a green ring",
    "A car, outline, in a circle",
)
HEXAGONS = ("red fox in an orange hexagon", "letter M in a purple hexagon", "gear in a grey hexagon")
P = plane(64)


@pytest.fixture(scope="module")
def gan() -> LogoGAN:
    return LogoGAN.from_pretrained()


def as_painted(gan, monkeypatch, prompt, seed=7) -> list[Logo]:
    """The same logos without what is tested here."""
    with monkeypatch.context() as without:
        without.setattr(latents, "regular", lambda fields: fields)
        return gan.generate(prompt, seed=seed)


def silhouette(logo: Logo) -> Logo:
    """It in black on white, so that a picture of it tells its outline."""
    return logo.recolored(["#ffffff", *["#000000"] * (len(logo.palette) - 1)])


def pixels(logo: Logo) -> np.ndarray:
    """(SIZE, SIZE), 0 where the logo is and 1 where it is not."""
    return np.asarray(logo.image(SIZE).convert("L"), dtype=float) / 255


def drawn(svg: str) -> np.ndarray:
    png = resvg_py.svg_to_bytes(svg_string=svg, width=SIZE, height=SIZE)
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("L"), dtype=float) / 255


def outline(picture: np.ndarray, rays: int = 360) -> np.ndarray:
    """(rays, 2): where rays from the border towards the middle first meet half black, x and y in pixels from there."""
    angle = np.arange(rays) * (2 * np.pi / rays)
    steps = np.arange(SIZE / 2 - 1, 50, -0.125)
    x, y = (SIZE / 2 - 0.5 + np.outer(f(angle), steps) for f in (np.cos, np.sin))
    left, top = np.clip(x.astype(int), 0, SIZE - 2), np.clip(y.astype(int), 0, SIZE - 2)
    across, down = x - left, y - top
    upper = picture[top, left] * (1 - across) + picture[top, left + 1] * across
    lower = picture[top + 1, left] * (1 - across) + picture[top + 1, left + 1] * across
    first = ((upper * (1 - down) + lower * down) < 0.5).argmax(1)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * steps[first][:, None]


def out_of_round(picture: np.ndarray) -> float:
    """How far an outline strays from its circle, in parts of the radius."""
    points = outline(picture)
    radius = np.hypot(*(points - points.mean(0)).T)
    return float(np.abs(radius / radius.mean() - 1).max())


def out_of_straight(picture: np.ndarray) -> float:
    """How far a hexagon's sides stray from straight lines at most, in pixels; a tenth at each end is left out."""
    worst, points = 0.0, outline(picture, 720)
    for k in range(6):  # a side's middle lies at a multiple of 60 degrees, and it reaches 30 to both
        side = points[np.arange(k * 120 - 48, k * 120 + 49) % 720]
        off = side @ np.array([math.cos(k * math.pi / 3), math.sin(k * math.pi / 3)])
        worst = max(worst, float(np.abs(off - np.polyval(np.polyfit(np.arange(len(off)), off, 0), 0)).max()))
    return worst


def test_circles_are_round_in_png_and_svg_and_were_not_before(gan, monkeypatch):
    painted, made = [], []
    for prompt in ROUND:
        logos = [silhouette(logo) for logo in gan.generate(prompt, seed=7)]
        made += [out_of_round(pixels(logo)) for logo in logos] + [out_of_round(drawn(logos[0].svg()))]
        painted += [out_of_round(pixels(silhouette(logo))) for logo in as_painted(gan, monkeypatch, prompt)]
    assert max(made) < 0.005
    assert np.median(painted) > 0.005


def test_sides_of_hexagons_are_straight_in_png_and_svg_and_were_not_before(gan, monkeypatch):
    painted, made = [], []
    for prompt in HEXAGONS:
        logos = [silhouette(logo) for logo in gan.generate(prompt, seed=7)]
        made += [out_of_straight(pixels(logo)) for logo in logos] + [out_of_straight(drawn(logos[0].svg()))]
        painted += [out_of_straight(pixels(silhouette(logo))) for logo in as_painted(gan, monkeypatch, prompt)]
    assert max(made) < 0.6
    assert np.median(painted) > 1.5


@pytest.mark.parametrize(
    "prompt", ["split circle with a mountain", "letter X in a diamond", "outline house in a hexagon"]
)
def test_svg_and_png_show_the_same(gan, prompt):
    for logo in gan.generate(prompt, seed=7):
        assert np.abs(drawn(logo.svg()) - pixels(logo)).mean() < 0.004


def test_a_logo_does_not_depend_on_the_others_and_is_the_same_again(gan):
    fields = torch.from_numpy(np.stack([logo.fields[:, ::2, ::2] for logo in gan.generate(HEXAGONS[0], seed=1)]))
    alone = [regular(f) for f in fields]
    assert all(torch.equal(a, b) for a, b in zip(alone, reversed([regular(f) for f in fields.flip(0)]), strict=True))


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("stroke", [None, 0.04])
def test_a_dented_shape_is_recognised_and_drawn_true(kind, stroke):
    shape = Shape(kind, 0.87, stroke)
    x, y = P
    angle = torch.atan2(y, x)
    dents = 0.15 * torch.sin(5 * angle + 1) + 0.1 * torch.sin(11 * angle)  # up to a pixel of 64
    found = meant((shape.field(P) + dents).clamp(-1, 1))
    assert found is not None and found.kind == kind and (found.stroke is None) == (stroke is None)
    assert found.r == pytest.approx(0.87, abs=0.01)
    assert stroke is None or found.stroke == pytest.approx(stroke, abs=0.01)


UNKNOWN = {
    "ellipse": (0.8 - torch.hypot(P[0], P[1] * 1.4)) * UNIT,
    "triangle": torch.minimum((P[1] + 0.8), 0.5 - P[0].abs() * 0.87 - P[1] / 2) * UNIT,
    "far from the middle": (0.6 - torch.hypot(P[0] - 0.3, P[1])) * UNIT,
    "wide box": torch.minimum(0.9 - P[0].abs(), 0.5 - P[1].abs()) * UNIT,
    "two discs": torch.maximum(0.4 - torch.hypot(P[0] - 0.45, P[1]), 0.4 - torch.hypot(P[0] + 0.45, P[1])) * UNIT,
    "beyond the border": (1.3 - torch.hypot(P[0], P[1])) * UNIT,
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_container_of_unknown_shape_keeps_its_outline(name):
    fields = torch.full((4, 64, 64), -1.0)
    fields[0] = UNKNOWN[name].clamp(-1, 1)
    assert meant(fields[0]) is None
    changed = (regular(fields)[0] > 0) != (doubled(fields)[0] > 0)
    assert changed.float().mean() < 0.003


@pytest.mark.parametrize("letter", "GJNRS24")
def test_letters_without_an_axis_are_not_mirrored(gan, letter):
    word = "digit" if letter.isdigit() else "letter"
    for logo in gan.generate(f"{word} {letter}", seed=5):
        field = torch.from_numpy(logo.fields[2, ::2, ::2].copy())
        assert symmetric(field, doubled(field)) is None


def test_letters_with_an_axis_are_mirrored(gan):
    lopsided = []
    for letter in "AMOT":
        for logo in gan.generate(f"letter {letter}", seed=5):
            mark = logo.fields[2] > 0
            lopsided.append((mark != mark[:, ::-1]).sum() / mark.sum())
    assert np.median(lopsided) < 0.01


def test_concentric_rings_become_round_and_stars_five_times_alike(gan):
    rings = torch.from_numpy(gan.generate("concentric rings", seed=7)[3].fields[2].copy())
    assert (rings - rings.T).abs().max() < 0.02 and (rings - rings.flip(0)).abs().max() < 0.02
    star = 0.5 - torch.hypot(*P) * (1 + 0.25 * torch.cos(5 * torch.atan2(P[1], P[0]) + math.pi / 2))
    noise = torch.randn(1, 1, 9, 9, generator=torch.Generator().manual_seed(3)) * 0.12
    noise = torch.nn.functional.interpolate(noise, (64, 64), mode="bicubic")[0, 0]
    painted = (star * UNIT).clamp(-1, 1) + noise
    made, true = symmetric(painted, doubled(painted)), doubled((star * UNIT).clamp(-1, 1))
    assert ((made > 0) != (true > 0)).sum() < 0.5 * ((doubled(painted) > 0) != (true > 0)).sum()


def test_a_shade_that_is_half_a_container_is_cut_straight_and_leaves_no_sliver():
    disc, line = Shape("circle", 0.87, None).field(P), half(P, math.pi / 4) * UNIT
    wavy = line + 0.3 * torch.sin(9 * (P[0] - P[1]))
    fields = torch.full((4, 64, 64), -1.0)
    fields[0], fields[1] = disc.clamp(-1, 1), torch.minimum(disc - 0.2, wavy).clamp(-1, 1)
    made = regular(fields)
    fine = plane(128)
    inside = Shape("circle", 0.87, None).field(fine) > 0
    lower = half(fine, math.pi / 4) > 0
    assert (((made[1] > 0) != (inside & lower)).float().mean()) < 0.001


def test_a_layer_that_is_no_second_tone_stays():
    """In models trained on other logos the layers may mean something else."""
    fields = torch.full((4, 64, 64), -1.0)
    fields[0] = Shape("circle", 0.6, None).field(P).clamp(-1, 1)
    fields[1] = ((0.25 - torch.hypot(P[0] - 0.7, P[1] - 0.7)) * UNIT).clamp(-1, 1)
    assert ((regular(fields)[1] > 0) != (doubled(fields)[1] > 0)).float().mean() < 0.001


def test_other_numbers_of_layers_are_drawn_as_they_are():
    fields = torch.stack([UNKNOWN["ellipse"], UNKNOWN["triangle"]]).clamp(-1, 1)
    made = regular(fields)
    assert made.shape == (2, 128, 128) and ((made > 0) != (doubled(fields) > 0)).float().mean() < 0.002


def test_blurred_edges_become_steep_where_they_are():
    disc = (0.5 - torch.hypot(*P)) * UNIT
    blurred = 0.5 * disc.clamp(-1, 1)
    made = decided(blurred[None])[0]
    assert torch.equal(made > 0, blurred > 0)
    near = disc.abs() < 0.4
    assert (made - disc)[near].abs().max() < 0.1


def test_fields_at_twice_the_resolution_keep_slopes():
    slope = P[0] * 3 + P[1]
    inner = slice(8, -8)
    assert torch.allclose(doubled(slope)[inner, inner], (plane(128)[0] * 3 + plane(128)[1])[inner, inner], atol=1e-5)

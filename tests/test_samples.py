"""What a run shows of itself: sample sheets and the strip of them."""

import pytest
import torch
from PIL import Image

from logo_gan.training import samples
from logo_gan.training.samples import CELL, GAP, LABEL, TOP

LABELS = tuple(f"sample {i}" for i in range(16))


def plain_sheets(folder, counts, size, pillow=False):
    """Sheets whose picture i of count c is one colour: (c // 10, 10 i, 0)."""
    (folder / "samples").mkdir()
    for count in counts:
        images = torch.zeros(len(LABELS), 3, size, size)
        for i, image in enumerate(images):
            image[0], image[1] = count // 10 / 255, 10 * i / 255
        if pillow:
            images = [Image.new("RGB", (size, size), (count // 10, 10 * i, 0)) for i in range(len(LABELS))]
        samples.sheet(images).save(folder / "samples" / f"{count:09d}.png")


@pytest.mark.parametrize(("size", "pillow"), [(28, False), (64, True), (160, True)])
def test_the_strip_has_a_row_a_label_and_columns_spread_over_the_run(tmp_path, size, pillow):
    # Sheets lie close together at first; columns are spread over the images, not over the sheets.
    plain_sheets(tmp_path, [10, 20, 30, 40, 50, 60, 70, 80, 90, 500, 1000, 1500, 2000], size, pillow)
    strip = samples.strip(tmp_path, LABELS, points=5)
    assert strip.size == (LABEL + 5 * (CELL + GAP), TOP + 16 * (CELL + GAP))
    for column, count in enumerate((10, 500, 1000, 1500, 2000)):
        for row in (0, 7, 15):
            middle = (LABEL + column * (CELL + GAP) + CELL // 2, TOP + row * (CELL + GAP) + CELL // 2)
            assert strip.getpixel(middle) == (count // 10, 10 * row, 0)
    labels, heads = strip.crop((0, TOP, LABEL, strip.height)), strip.crop((LABEL, 0, strip.width, TOP))
    for k in range(16):
        assert labels.crop((0, k * (CELL + GAP), LABEL, (k + 1) * (CELL + GAP))).getextrema()[0][0] < 128
    assert heads.getextrema()[0][0] < 128


def test_a_strip_needs_sheets_of_the_samples_it_is_labelled_with(tmp_path):
    with pytest.raises(ValueError, match="no sample sheets"):
        samples.strip(tmp_path, LABELS)
    plain_sheets(tmp_path, [100], 32)
    with pytest.raises(ValueError, match=r"000000100\.png was not drawn from the 12 samples"):
        samples.strip(tmp_path, LABELS[:12])

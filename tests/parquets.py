"""Small parquet files of logos for the tests: known rows, known faults."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageDraw

TAIL = "successful vibe, minimalist, thought-provoking, abstract, recognizable, sharp, vector art"


def picture(i: int, size: tuple[int, int] = (180, 180), mode: str = "RGB", kind: str = "PNG") -> bytes:
    """A picture that no other number gives."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for k in range(8):
        if i >> k & 1:
            x, y = 10 + 40 * (k % 4), 20 + 80 * (k // 4)
            draw.rectangle((x, y, x + 30, y + 60), fill=("#e50000", "#0b5bdf", "#15a033")[(i + k) % 3])
    file = io.BytesIO()
    image.convert(mode).save(file, kind)
    return file.getvalue()


def blank(colour: str = "white") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (180, 180), colour).save(file, "PNG")
    return file.getvalue()


def write(path: Path, images: list[bytes | None], texts: list[str | None], **options) -> Path:
    """In the public dataset's schema."""
    schema = pa.schema({"image": pa.struct({"bytes": pa.binary(), "path": pa.string()}), "text": pa.string()})
    cells = [None if image is None else {"bytes": image, "path": None} for image in images]
    pq.write_table(pa.table({"image": cells, "text": texts}, schema=schema), path, **options)
    return path


def caption(i: int) -> str:
    trade = ("park", "bakery", "bank")[i % 3]
    return f"Simple elegant logo for Brand {i}, {'red' if i % 2 else 'blue'} square number {i}, {trade}, {TAIL}"


def faulty(path: Path) -> Path:
    """Sixty rows: 3 blank, 5 a truncated PNG, 7 text instead of an image, 9 none, 11 repeats 2, 13 without a caption,
    15 with markup in its caption, 17 larger than all others, 19 in one channel."""
    images: list[bytes | None] = [picture(i + 1) for i in range(60)]
    texts: list[str | None] = [caption(i) for i in range(60)]
    images[3], images[5], images[7], images[9], images[11] = blank(), images[5][:-40], b"<svg></svg>", None, images[2]
    texts[13] = None
    texts[15] = "<img src=x onerror=alert(1)><b>bold</b>, =1+1, sharp"
    images[17], images[19] = picture(200, (900, 600)), picture(77, mode="L")
    return write(path, images, texts)

"""PDF documents of layers: closed curves in their colours, on one page as large as the picture."""

from __future__ import annotations

import io
from collections.abc import Iterable

from logo_gan.marks.outline import Outline

POINT = 0.5  # of a unit of the canvas: a logo alone is 512 points a side


def document(width: float, height: float, title: str, layers: Iterable[tuple[str, Outline]]) -> bytes:
    """A document of (colour, outline) from the bottom up; the same layers give the same bytes."""
    # Imported here: nobody else has to wait for it.
    from reportlab.lib.colors import HexColor
    from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

    file = io.BytesIO()
    canvas = Canvas(file, (width * POINT, height * POINT), invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("LogoGAN")
    canvas.setAuthor("LogoGAN")
    canvas.transform(POINT, 0, 0, -POINT, 0, height * POINT)  # y downwards
    for colour, outline in layers:
        path = canvas.beginPath()
        for part in outline.contours:
            path.moveTo(*map(float, outline.points[part.start, 0]))
            for (_, *handles, end), straight in zip(outline.points[part], outline.straight[part], strict=True):
                if straight:
                    path.lineTo(*map(float, end))
                else:
                    path.curveTo(*(float(value) for point in (*handles, end) for value in point))
            path.close()
        canvas.setFillColor(HexColor(colour))
        canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)
    canvas.showPage()
    canvas.save()
    return file.getvalue()

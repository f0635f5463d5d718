"""Imported by the fork server of `sandbox` alone: what each child would otherwise have to do for the first time.

Regular expressions are compiled, Pillow's formats registered, tables computed. Nothing here may start a thread, which
no child would inherit: parquet is not read.
"""

import io

import pyarrow as pa
from PIL import Image

from eda import columns, pictures, work

assert work.analyse  # with all that it imports
columns.text_columns(pa.array(["Logo for Ærø, red fox, nature", None]))
for kind in pictures.FORMATS:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(buffer, kind)
    columns.image_columns(pa.array([buffer.getvalue()]))
    pictures.pixels(buffer.getvalue())

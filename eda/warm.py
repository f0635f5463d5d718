"""Imported by the fork server of `sandbox` alone: what each child would otherwise have to do for the first time.

Regular expressions are compiled, Pillow's formats registered, tables computed. Nothing here may start a thread, which
no child would inherit: parquet is not read. A child has one core, and gives memory back that it no longer needs, which
Arrow's own allocator keeps.
"""

import gc
import io

import pyarrow as pa
from PIL import Image

from eda import columns, pictures, work

pa.set_memory_pool(pa.system_memory_pool())
pa.set_cpu_count(1)
assert work.analyse  # with all that it imports
columns.text_columns(pa.array(["Logo for Ærø, red fox, nature", None]))
for kind in pictures.FORMATS:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(buffer, kind)
    columns.image_columns(pa.array([buffer.getvalue()]))
    pictures.pixels(buffer.getvalue())
gc.collect()
gc.freeze()  # what is here stays, so that no child writes to its pages while collecting

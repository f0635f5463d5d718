"""Gradio without the parsing of its own sources."""

import subprocess
import sys

from conftest import ROOT

PROGRAM = """
from logo_gan.web import gradio_import
gradio_import.write_no_stubs()
import ast
parsed, parse = [], ast.parse
ast.parse = lambda source, *rest, **options: parsed.append(source) or parse(source, *rest, **options)
import gradio
from gradio.component_meta import ComponentMeta
assert isinstance(gradio.Image, ComponentMeta) and callable(gradio.Image.change)
here = sum("class Image" in str(source) for source in parsed)
from gradio import component_meta
component_meta.extract_class_source_code("class Image:\\n    pass", "Image")  # what would be done
print(here, sum("class Image" in str(source) for source in parsed))
"""


def test_no_component_is_parsed_while_gradio_is_imported():
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "0 1\n"), done.stderr

"""Files for visitors, where Gradio serves them from as they are; `storage` removes them in due time."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
import zlib
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder
from loguru import logger
from PIL import Image


def png(image: Image.Image, name: str) -> str:
    """The path of a PNG file."""
    return write(encoded(image), name)


def encoded(image: Image.Image) -> bytes:
    """The bytes of a PNG file."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_type=zlib.Z_RLE)  # of few flat colours: as small, and a quarter sooner done
    return buffer.getvalue()


def write(content: bytes, name: str) -> str:
    """The path of a file of this content; gr.Error with one sentence if the disk is full."""
    folder = Path(get_upload_folder()) / hashlib.sha256(content).hexdigest()
    path = folder / name
    try:
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)  # it is here, and begins its time anew
            return str(path)
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / secrets.token_hex(8)  # the same logo can be asked for twice at once
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        logger.error("A picture cannot be written: {}.", error.strerror)  # its path has words of the prompt
        raise gr.Error("The server cannot save pictures just now.", print_exception=False) from error
    return str(path)

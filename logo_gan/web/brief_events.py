"""What the brief on the page does: it follows what is written, and takes what a visitor corrects."""

from __future__ import annotations

import gradio as gr

from logo_gan.text import labels
from logo_gan.web import brief_form, fields, i18n
from logo_gan.web.common import tidied
from logo_gan.web.session import Session
from logo_gan.web.warmup import ModelUnavailableError, WarmUp

LONGEST = 100  # characters of a correction


class BriefEvents:
    """The events, for all visitors."""

    def __init__(self, model: WarmUp):
        self.model = model

    def on_words(self, session: Session, prompt: str, name: str, slogan: str, trade: str, request: gr.Request) -> str:
        """What was understood, below the prompt; nothing where the prompt cannot be read."""
        try:
            gan = self.model.model()
            written = (name, slogan, trade)
            brief = gan.read(tidied(fields.asked(prompt, written, session.given)))
            return brief_form.form(brief, gan.alternatives(brief), i18n.speaker(request), known=written)
        except (ValueError, ModelUnavailableError):
            return ""

    @staticmethod
    def on_correct(prompt: str, event: gr.EventData, request: gr.Request) -> str:
        """The prompt with a label for what the visitor has changed in the brief."""
        kind, value = getattr(event, "kind", None), getattr(event, "value", None)
        if not (isinstance(kind, str) and kind in labels.NAMES and isinstance(value, str)):
            raise gr.Error(i18n.say(i18n.language_of(request), "error.no_part"), print_exception=False)
        return labels.put(prompt or "", kind, value[:LONGEST], i18n.language_of(request))

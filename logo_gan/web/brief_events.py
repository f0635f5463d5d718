"""What the brief on the page does: it follows what is written, and takes what a visitor corrects."""

from __future__ import annotations

import gradio as gr

from logo_gan.text import labels
from logo_gan.web import brief_form, fields, i18n
from logo_gan.web.common import tidied
from logo_gan.web.session import Session
from logo_gan.web.warmup import ModelUnavailableError, WarmUp

LONGEST = 500  # characters of a correction


class BriefEvents:
    """The events, for all visitors."""

    def __init__(self, model: WarmUp):
        self.model = model

    def on_words(self, session: Session, prompt: str, name: str, slogan: str, trade: str, request: gr.Request):
        """What was understood, below the prompt; what stands there stays where the prompt cannot be read."""
        written = (name, slogan, trade)
        try:
            gan = self.model.model()
            brief = gan.read(tidied(fields.asked(gan, prompt, written, session.given)))
            return brief_form.form(brief, gan.alternatives(brief), i18n.speaker(request), known=written)
        except (ValueError, ModelUnavailableError):
            return gr.skip() if (prompt or "").strip() else ""

    @staticmethod
    def on_correct(prompt: str, event: gr.EventData, request: gr.Request) -> str:
        """The prompt with a label for each part of the brief that the visitor has changed."""
        language, changes = i18n.language_of(request), getattr(event, "changes", None)
        known = isinstance(changes, dict) and changes and set(changes) <= set(labels.NAMES)
        if not (known and all(isinstance(value, str) and len(value) <= LONGEST for value in changes.values())):
            raise gr.Error(i18n.say(language, "error.no_part"), print_exception=False)
        for kind, value in changes.items():
            prompt = labels.put(prompt or "", kind, value, language)
        return prompt

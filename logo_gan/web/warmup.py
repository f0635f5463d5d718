"""The app's model, loaded in a thread once the page answers."""

import threading
import time
from pathlib import Path

from loguru import logger

from logo_gan.model.hub import HubError
from logo_gan.text import russian
from logo_gan.web.settings import Settings

PAUSE = 600.0  # seconds until the Hub is asked again, doubled each time ...
LONGEST_PAUSE = 21_600.0  # ... up to this


class ModelUnavailableError(RuntimeError):
    """No model could be loaded; its text is one sentence for the visitor."""


class WarmUp:
    """Loads a LogoGAN in the background and hands it to whoever asks.

    A model in a folder is loaded first, and the bundled one only if that fails. A model on the Hub never
    holds up the start: the bundled one serves until the other has arrived and passed its checks. Where it does not,
    the Hub is asked again after `pause` seconds, then ever more seldom. `notice` is one sentence whenever
    the model in use is not the one that was asked for.
    """

    def __init__(self, settings: Settings, *, deadline: float | None = None, pause: float = PAUSE):
        self.notice: str | None = None
        self._settings = settings
        self._memory = settings.memory
        self._deadline = settings.fetch_seconds if deadline is None else deadline
        self._pause = pause
        self._of_memory: str | None = None  # a notice about the memory alone
        self._model = None
        self._failure: str | None = None
        self._settled = threading.Event()

    @property
    def settled(self) -> bool:
        """Whether `model` answers at once."""
        return self._settled.is_set()

    def start(self) -> "WarmUp":
        """Begins to load; returns itself at once."""
        threading.Thread(target=self._run, name="warm-up", daemon=True).start()
        return self

    def model(self):
        """The LogoGAN in use, waiting for the first if need be; raises ModelUnavailableError."""
        if not self._settled.wait(self._settings.wait_seconds):
            raise ModelUnavailableError("The model is still being loaded: please try again in a minute.")
        if self._model is None:
            raise ModelUnavailableError(self._failure or "No model could be loaded.")
        return self._model

    def _run(self) -> None:
        begin = time.perf_counter()
        try:
            self._load()
        except Exception as error:
            # Nothing may end this thread silently: visitors wait for it.
            self._failure = f"The bundled model cannot be loaded: {_sentence(error)}"
            logger.opt(exception=error).error("{}", self._failure)
        finally:
            self._settled.set()
        if self._model is None:
            return
        logger.info("Ready after {:.1f} s with {}.", time.perf_counter() - begin, self._model.source)
        russian.Lexicon.load()  # only now: its stems take most of a second, and few prompts need them
        if self._settings.model is None:
            logger.info("Model, memory and words are bundled: everything works offline.")
        elif self._settings.model_is_on_hub:
            pause = self._pause
            while not self._changed_over():
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _load(self) -> None:
        import torch

        # Two that wait for each other while datasets are read take five times as long as one.
        torch.set_num_threads(self._settings.threads)
        self._check_memory()
        wanted = self._settings.model
        if wanted is not None and not self._settings.model_is_on_hub:
            try:
                self._model = self._ready(wanted)
            except Exception as error:  # whatever is wrong with it, the bundled one can draw
                self._fall_back(error)
        elif wanted is not None:
            self.notice = f"The model {wanted} is being fetched; until then the bundled one draws."
        if self._model is None:
            self._model = self._ready()

    def _ready(self, model: str | None = None, revision: str | None = None):
        """A LogoGAN after a first run, which loads and caches what later ones find: its words, its drawings."""
        from logo_gan.model.pipeline import LogoGAN

        gan = LogoGAN.from_pretrained(model, revision, memory=self._memory, deadline=self._deadline)
        gan.generate("circle", seed=0)[0].image(1024)
        return gan

    def _check_memory(self) -> None:
        from logo_gan.marks.memory import Memory, MemoryFileError

        if self._memory is None:
            return
        try:
            Memory.load(self._memory)
        except MemoryFileError as error:
            self.notice = self._of_memory = (
                f"The memory {self._memory.resolve().name} cannot be used, so the model draws from its own."
            )
            logger.warning("{} {}", self.notice, error)
            self._memory = None

    def _changed_over(self) -> bool:
        try:
            fetched = self._ready(self._settings.model, self._settings.revision)
        except Exception as error:
            self._fall_back(error)
            return False
        self._model, self.notice = fetched, self._of_memory
        logger.info("Changed over to {}.", fetched.source)
        return True

    def _fall_back(self, error: Exception) -> None:
        """Says to visitors why, without a path, and to the log whatever there is."""
        from logo_gan.model.checkpoint import ModelError

        wanted = self._settings.model if self._settings.model_is_on_hub else Path(self._settings.model).resolve().name
        why = error.reason if isinstance(error, (HubError, ModelError)) else "it failed when it was tried out"
        self.notice = f"The model {wanted} could not be loaded ({why}), so the bundled one draws."
        logger.warning("{} {}", self.notice, _sentence(error))


def _sentence(error: Exception) -> str:
    """The first line of what an error says, or its kind if it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)

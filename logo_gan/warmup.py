"""The app's model, loaded in a thread while the page is being imported and built."""

import threading
import time

from loguru import logger

from logo_gan.settings import Settings

WAIT = 120.0  # seconds that a visitor's request waits for the model before it gives up
MAX_THREADS = 4  # of torch: the generator is too small to feed more


class ModelUnavailableError(RuntimeError):
    """No model could be loaded; its text is one sentence for the visitor."""


class WarmUp:
    """Loads a LogoGAN in the background and hands it to whoever asks.

    A model in a folder is loaded first, and the bundled one only if that fails. A model on the Hub never
    holds up the start: the bundled one serves until the other has arrived. `notice` is one sentence whenever
    the model in use is not the one that was asked for.
    """

    def __init__(self, settings: Settings):
        self.notice: str | None = None
        self._settings = settings
        self._model = None
        self._failure: str | None = None
        self._settled = threading.Event()

    def start(self) -> "WarmUp":
        """Begins to load; returns itself at once."""
        threading.Thread(target=self._run, name="warm-up", daemon=True).start()
        return self

    def model(self, wait: float = WAIT):
        """The LogoGAN in use, waiting up to `wait` seconds for the first; raises ModelUnavailableError."""
        if not self._settled.wait(wait):
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
        if self._settings.model is None:
            logger.info("Model and words are bundled: everything works offline.")
        elif self._settings.model_is_on_hub:
            self._change_over()

    def _load(self) -> None:
        import torch

        torch.set_num_threads(min(MAX_THREADS, torch.get_num_threads()))
        from logo_gan.pipeline import LogoGAN

        wanted = self._settings.model
        if wanted is not None and not self._settings.model_is_on_hub:
            try:
                self._model = _ready(LogoGAN.from_pretrained(wanted))
            except Exception as error:  # whatever is wrong with it, the bundled one can draw
                self._fall_back(error)
        elif wanted is not None:
            self.notice = f"The model {wanted} is being fetched; until then the bundled one draws."
        if self._model is None:
            self._model = _ready(LogoGAN.from_pretrained())

    def _change_over(self) -> None:
        from logo_gan.pipeline import LogoGAN

        try:
            fetched = _ready(LogoGAN.from_pretrained(self._settings.model, revision=self._settings.revision))
        except Exception as error:
            self._fall_back(error)
        else:
            self._model, self.notice = fetched, None
            logger.info("Changed over to {}.", fetched.source)

    def _fall_back(self, error: Exception) -> None:
        self.notice = f"The model {self._settings.model} could not be loaded, so the bundled one draws."
        logger.warning("{} Reason: {}", self.notice, _sentence(error))


def _ready(gan):
    """`gan` after a first run, which loads and caches what later ones find: its words, its tables."""
    gan.generate("circle", seed=0)[0].image(1024)
    return gan


def _sentence(error: Exception) -> str:
    """The first line of what an error says, or its kind if it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)

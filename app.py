"""The web page and its API: `python app.py`."""

import os
import signal
import sys
from pathlib import Path

# Gradio reads these while it is being imported. Without the last two it would sum up all past events after each one.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ |= {"GRADIO_ANALYTICS_MAX_EVENTS": "1", "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000"}


def main() -> int:
    # Here rather than above: the processes that read datasets import this file too, and need none of it.
    from loguru import logger

    from logo_gan.web import gradio_import, log, process_memory, settings, space
    from logo_gan.web.storage import Storage
    from logo_gan.web.warmup import WarmUp

    process_memory.share_arenas()
    try:
        wanted = settings.current()
        log.set_up(wanted)
        storage = Storage(wanted)
    except (settings.SettingsError, OSError) as error:
        print(f"error: {settings.told(error)}", file=sys.stderr)
        return 2
    os.environ["GRADIO_TEMP_DIR"] = str(storage.folder)
    space.declare_gpu()
    model = WarmUp(wanted)

    gradio_import.write_no_stubs()
    import gradio as gr
    from gradio.i18n import I18nData

    from eda import tab as tab_dataset
    from eda.limits import Limits
    from logo_gan.web import api, generate_tab, header, health, i18n, model_tab, theme
    from logo_gan.web.gradio_patches import Page

    with Page(title="LogoGAN") as demo:
        language = header.build(demo, model)
        with gr.Tabs():
            with gr.Tab(I18nData("tab.generate")) as tab_first:
                generate_tab.GenerateTab(demo, model, language)
                api.build(model)
            with gr.Tab(I18nData("tab.model")) as tab_second:
                model_tab.build(tab_second, model)
            with gr.Tab(I18nData("tab.dataset")) as tab_third:
                tab_dataset.build(tab_third, Limits(*wanted.of_datasets), i18n.language_of)
        header.relabel(language, {"tab.generate": tab_first, "tab.model": tab_second, "tab.dataset": tab_third})
    model.start()
    try:
        address = demo.serve(
            wanted,
            storage,
            health.route(model, demo.waiting),
            theme=theme.theme(),
            i18n=header.languages(Path(tab_dataset.__file__).with_name("texts")),
            css_paths=[theme.CSS, tab_dataset.CSS],
            footer_links=["api", "gradio"],
        )
    except OSError:
        place = f"port {wanted.port or '7860 or any of the next hundred'}"
        print(f"error: {place} is taken, or GRADIO_SERVER_NAME is no address of this machine.", file=sys.stderr)
        return 2
    logger.info("The page is at {}", address)
    storage.start(demo.let_go)
    tab_dataset.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that files go with the process
    demo.block_thread()
    return 0


if __name__ == "__main__":
    sys.exit(main())

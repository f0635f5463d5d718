"""Gradio imported in half of the time that it takes by itself."""

import importlib.abc
import importlib.machinery
import sys

SLOW = "gradio.component_meta"


class _WithoutStubs(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != SLOW:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module

        def exec_module(module) -> None:
            execute(module)
            module.create_or_modify_pyi = lambda *_: None

        spec.loader.exec_module = exec_module
        return spec


def write_no_stubs() -> None:
    """Spares Gradio the type hints that it writes beside its components, whose sources it parses for that.

    To be called before Gradio is imported; later it changes nothing.
    """
    sys.meta_path.insert(0, _WithoutStubs())

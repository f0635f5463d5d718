"""design.md's "never" rules: what may import what."""

import ast
import subprocess
import sys

import pytest
from conftest import ROOT

MODULES = sorted([*ROOT.glob("logo_gan/*.py"), *ROOT.glob("eda/*.py")])
WITH_GRADIO = {
    "logo_gan/tabs.py", "logo_gan/tab_generate.py", "logo_gan/tab_model.py", "logo_gan/tab_api.py",
    "logo_gan/served.py", "logo_gan/tab_common.py", "logo_gan/tab_events.py", "logo_gan/page.py",
    "eda/tab.py", "eda/tab_analysis.py", "eda/tab_api.py",
}  # fmt: skip
BARE = (
    "networks",
    "losses",
    "logo",
    "compose",
    "train",
    "steps",
    "progress",
    "history",
    "configs",
    "processes",
    "data",
)  # fmt: skip; run with torch, numpy, pillow, pyarrow, safetensors only
HEAVY = ("spacy", "gradio", "pandas", "loguru", "datasets", "accelerate", "torchmetrics")


def imports(path) -> set[str]:
    """Every module that a file imports, at any depth, relative imports resolved."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = f"{path.parent.name}.{node.module or ''}".rstrip(".") if node.level else node.module
            found.update(f"{origin}.{alias.name}" for alias in node.names)
    return found


def packages(path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_imports_only_what_it_may(path):
    used = packages(path)
    assert {"logo_gan": "eda", "eda": "logo_gan"}[path.parent.name] not in used
    if f"{path.parent.name}/{path.name}" not in WITH_GRADIO:
        assert "gradio" not in used


@pytest.mark.parametrize("name", BARE)
def test_a_training_module_pulls_in_nothing_heavy(name):
    """In a fresh interpreter, so that what it imports indirectly counts too."""
    code = f"import sys, logo_gan.{name}; print(*(heavy for heavy in {HEAVY} if heavy in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_settings_and_log_do_not_hold_up_the_start():
    """app.py imports these before the page: neither may wait for torch."""
    code = "import sys, logo_gan.log, logo_gan.warmup; print(*{'torch', 'gradio', 'spacy'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_the_app_file_only_assembles():
    lines = (ROOT / "app.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 80

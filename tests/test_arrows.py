"""The rooms: what may import what, so that there are no circles and the core needs neither page nor settings."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

# Of each room of logo_gan the rooms that it may use beside itself. Training measures with distances of evaluation.
USES = {
    "text": set(),
    "marks": {"text"},
    "logo": {"text", "marks"},
    "model": {"text", "marks", "logo", "evaluation"},
    "evaluation": {"text", "marks", "logo", "model"},
    "training": {"text", "marks", "logo", "model", "evaluation"},
    "web": {"text", "marks", "logo", "model", "evaluation", "training"},
    "tools": {"text", "marks", "logo", "model", "evaluation", "training"},
}
CARD = "logo_gan.evaluation.model_card"  # what a push to the Hub writes, all that a model needs of evaluation
MODULES = sorted([*ROOT.glob("logo_gan/**/*.py"), *ROOT.glob("eda/*.py")])
WITH_GRADIO = {ROOT / "eda" / name for name in ("tab.py", "tab_analysis.py", "tab_api.py")}
CORE = ("text", "marks", "logo", "model")
BARE = (
    "model.networks",
    "training.losses",
    "training.loop",
    "training.task",
    "training.warp",
    "training.samples",
    "training.history",
    "training.config",
    "training.distributed",
    "training.data",
)  # fmt: skip; run with torch, numpy, pillow, pyarrow, safetensors only
HEAVY = (
    "spacy",
    "gradio",
    "pandas",
    "loguru",
    "datasets",
    "accelerate",
    "torchmetrics",
    "uharfbuzz",
    "plotly",
    "huggingface_hub",
)


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that a file imports, at any depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} has a relative import"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


def room(path: Path) -> str:
    """Of a file of logo_gan: the folder that it lies in, "" for those that lie in none."""
    return path.relative_to(ROOT / "logo_gan").parts[0] if path.parent != ROOT / "logo_gan" else ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_imports_only_what_it_may(path):
    used, package = imports(path), path.relative_to(ROOT).parts[0]
    packages = {name.split(".")[0] for name in used}
    assert {"logo_gan": "eda", "eda": "logo_gan"}[package] not in packages
    may = path in WITH_GRADIO or (package == "logo_gan" and room(path) == "web")
    assert may or "gradio" not in packages
    if package == "logo_gan" and room(path):
        rooms = {name.split(".")[1] for name in used if name.startswith("logo_gan.") and name.count(".") > 1}
        assert rooms <= USES[room(path)] | {room(path)}
        if room(path) == "model":
            assert {name for name in used if name.startswith("logo_gan.evaluation")} <= {CARD}


@pytest.mark.parametrize("path", [p for p in MODULES if p.is_relative_to(ROOT / "logo_gan") and room(p) in CORE],
                         ids=lambda path: path.relative_to(ROOT).as_posix())  # fmt: skip
def test_the_core_reads_no_environment(path):
    """But for the Hub's client, which has variables of its own."""
    if path.name != "hub.py":
        assert "os.environ" not in path.read_text(encoding="utf-8") and "getenv" not in path.read_text(encoding="utf-8")


def test_no_training_module_pulls_in_anything_heavy():
    """In a fresh interpreter, so that what they import indirectly counts too."""
    names = ", ".join(f"logo_gan.{name}" for name in BARE)
    # Composing draws, but needs no more than that.
    there = f"print(*(heavy for heavy in {HEAVY} if heavy in sys.modules))"
    code = f"import sys, {names}; {there}; import logo_gan.training.compose; {there}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["uharfbuzz"]


def test_settings_and_log_do_not_hold_up_the_start():
    """app.py imports these before the page: neither may wait for torch."""
    code = "import sys, logo_gan.web.log, logo_gan.web.warmup; print(*{'torch', 'gradio', 'spacy'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_the_page_is_built_without_torch():
    """It answers at once; the model is loaded beside it."""
    code = (
        "import sys, logo_gan.web.generate_tab, logo_gan.web.api, logo_gan.web.model_tab; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.split()) == (0, ["False"]), done.stderr


def test_the_app_file_only_assembles():
    lines = (ROOT / "app.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 80

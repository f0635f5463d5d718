"""python -m eda FILE... [--html OUT.html] [--json OUT.json]: what is in parquet files of logos, and what is wrong.

Bad input ends in one line `error: ...` on standard error and exit status 2, with nothing half-written.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _fail(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Analyses files; returns the exit status, or leaves with status 2 after one line about bad input."""
    options = _parser().parse_args(arguments)
    from eda.table import TableError

    try:
        run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # `... | head`: nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except TableError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}." if error.filename else str(error))
    except KeyboardInterrupt:
        return 130
    return 0


def run(options: argparse.Namespace) -> None:
    """Everything is read before anything is written."""
    from eda import engines, panels
    from eda.facts import facts

    targets = [path for path in (options.html, options.json) if path is not None]
    for path in targets:
        _check_target(path)
    # A file that two patterns find is read once.
    paths = list(dict.fromkeys(path for pattern in options.files for path in engines.find(pattern)))
    _check_apart(targets, paths)
    parts = engines.parts_of(paths)
    files = engines.files_of(parts)
    if options.dask is not None:
        summary = engines.on_dask(parts, options.dask or None)
    else:
        from tqdm import tqdm

        # Nothing is drawn where nobody watches.
        with tqdm(total=sum(rows for _, rows in files), unit=" rows", disable=None, leave=False) as bar:
            summary = engines.on_this_machine(parts, options.workers, bar.update)
    found = facts(summary, files)
    pages = {}
    if options.html is not None:
        from eda.report import report

        name = Path(paths[0]).name if len(paths) == 1 else ", ".join(options.files)
        pages[options.html] = report(name, summary, engines.thumbnails(parts, panels.worth_showing(summary)), files)
    if options.json is not None:
        pages[options.json] = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    for path, content in pages.items():
        _write(path, content)
    print(text(found))


def text(found: dict) -> str:
    """The main figures, a line each."""
    lines = [f"{found['rows']:,} rows in {len(found['files']):,} file{'' if len(found['files']) == 1 else 's'}", ""]
    columns = ("count", "min", "median", "mean", "max")
    lines.append(f"{'':24}" + "".join(f"{column:>14}" for column in columns))
    for name in ("caption_length", "epithets", "height", "width", "aspect_ratio", "pixels"):
        cells = [found[name][column] for column in columns]
        lines.append(f"{name:24}" + "".join(f"{_cell(cell):>14}" for cell in cells))
    header, held = found["colour"]["by_mode"], found["colour"]["by_pixels"]
    lines += [
        "",
        f"by header: {header['rgb']:,} RGB, {header['black_and_white']:,} black-and-white; by the pixels of "
        f"{held['sampled']:,}: {held['rgb']:,} and {held['black_and_white']:,}",
        "",
    ]
    for name in ("damaged", "blank", "oversized", "unsupported", "null_images", "null_captions", "bad_captions",
                 "long_captions", "exact_duplicates"):  # fmt: skip
        rows = found[f"{name}_rows"]
        listed = ", ".join(map(str, rows[:10])) + (" …" if found[name] > 10 else "")
        lines.append(f"{name:24}{found[name]:>14,}" + (f"  rows {listed}" if rows else ""))
    near = found["near_duplicates"]
    listed = ", ".join(f"{first} and {second}" for first, second in near[:5]) + (" …" if len(near) > 5 else "")
    lines.append(f"{'near_duplicates':24}{found['near_duplicate_pairs']:>14,}" + (f"  rows {listed}" if near else ""))
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m eda",
        description="Analyses parquet files of logos: captions, sizes, colours, and what is wrong.",
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE",
        help="a parquet file, a glob in quotes, a folder, or hf://datasets/OWNER/NAME[/PATH.parquet]",
    )  # fmt: skip
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="write the report, one page that opens offline")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write every figure")
    parser.add_argument("--workers", type=_workers, metavar="N", help="files read at a time (default: one a core)")
    parser.add_argument(
        "--dask", nargs="?", const="", metavar="HOST:PORT",
        help="on a Dask cluster (default: one of this machine's processes); needs requirements-dask.txt",
    )  # fmt: skip
    return parser


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 256):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 256, not {text[:40]!r}")
    return int(text)


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"


def _check_target(path: Path) -> None:
    """Finds out before the work whether a file can be written."""
    if path.is_dir():
        _fail(f"{path} is a folder, not a file.")
    existing = next(folder for folder in path.absolute().parents if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        _fail(f"{path} cannot be written: {(error.strerror or 'unknown reason').lower()}.")


def _check_apart(targets: Sequence[Path], paths: Sequence[str]) -> None:
    """No result may replace the other, nor a file that is analysed."""
    read = {Path(path).resolve() for path in paths}
    for path in targets:
        if path.resolve() in read:
            _fail(f"{path} is one of the files to analyse; write to another one.")
    if len(targets) > len({path.resolve() for path in targets}):
        _fail(f"{targets[0]} cannot be both the report and the figures; give them two names.")


def _write(path: Path, content: str) -> None:
    """Under a temporary name first, so that no half of a file is ever found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file:
        unfinished = Path(file.name)
        try:
            file.write(content)
            file.close()
            unfinished.chmod(0o644)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def _fail(message: str) -> NoReturn:
    print("error:", " ".join(message.split()), file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    sys.exit(main())

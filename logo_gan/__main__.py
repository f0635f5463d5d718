"""python -m logo_gan generate | brief | compose | train | evaluate | push

Bad input ends in one line `error: ...` on standard error and exit status 2, with nothing half-written.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

MAX_COMPOSED = 10_000_000
ONLY_IN_JSON = ("seeds", "resize", "reference", "note")  # of a measure: too much for a table


class _Parser(argparse.ArgumentParser):
    """argparse, with the errors of the rest of the program."""

    def error(self, message: str) -> NoReturn:
        _fail(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status, or leaves with status 2 after one line about bad input."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # `... | head`: nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _fail(_sentence(error))
    except ValueError as error:
        _fail(str(error) or type(error).__name__)
    except KeyboardInterrupt:
        return 130
    return 0


def generate(options: argparse.Namespace) -> None:
    """Everything is drawn before anything is written, and every file is renamed into place."""
    from logo_gan.text.prompt import tidy

    prompt = tidy(options.prompt)
    check_folder(options.out)
    from logo_gan.model.checkpoint import write_whole
    from logo_gan.model.pipeline import random_seed

    seed = random_seed() if options.seed is None else options.seed
    gan = _model(options.model, options.memory)
    files: list[tuple[Path, bytes]] = []
    facts: list[dict] = []
    for i, logo in enumerate(gan.generate(prompt, n=options.n, seed=seed, invention=options.invention)):
        png, svg = options.out / f"logo_{i}.png", options.out / f"logo_{i}.svg"
        files += [(png, _png(logo.image(options.size))), (svg, logo.svg().encode())]
        facts.append({"png": str(png), "svg": str(svg), **logo.facts()})
    options.out.mkdir(parents=True, exist_ok=True)
    for path, content in files:
        write_whole(path, lambda temporary, content=content: temporary.write_bytes(content))
        if not options.json:
            print(path)
    if options.json:
        print(json.dumps(facts, indent=2, ensure_ascii=False))
    if unread := gan.memory and gan.read(prompt).not_understood:
        print(f"not understood: {', '.join(unread)}", file=sys.stderr)
    if options.seed is None:
        print(f"seed: {seed}", file=sys.stderr)


def brief(options: argparse.Namespace) -> None:
    from logo_gan.text.prompt import tidy

    prompt = tidy(options.prompt)
    print(json.dumps(_model(options.model, options.memory).read(prompt).as_dict(), indent=2, ensure_ascii=False))


def kit(options: argparse.Namespace) -> None:
    """The brand kit of a logo: everything is made before the file is written."""
    check_folder(options.out.parent)
    if options.out.is_dir():
        raise ValueError(f"{options.out} is a folder, not a file.")
    from logo_gan.logo.kit import kit as made
    from logo_gan.model.checkpoint import write_whole

    gan = _model(options.model, options.memory)
    logo = gan.at(options.address)
    brief = gan.read(logo.address.prompt) if gan.memory and hasattr(logo.address, "prompt") else None
    name = options.name if options.name is not None else (brief and brief.brand) or ""
    slogan = options.slogan if options.slogan is not None else (brief and brief.slogan) or ""
    archive = made(logo, name, slogan, options.font)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(options.out, lambda path: path.write_bytes(archive))
    print(options.out)


def compose(options: argparse.Namespace) -> None:
    check_folder(options.out.parent)
    if options.out.is_dir():
        raise ValueError(f"{options.out} is a folder, not a file.")
    from logo_gan.training import collection
    from logo_gan.training import compose as composer

    options.out.parent.mkdir(parents=True, exist_ok=True)
    if options.collection:
        collection.write(options.out, n=options.n, seed=options.seed)
    else:
        composer.write(options.out, n=options.n, seed=options.seed, size=options.size)
    print(options.out)


def train(options: argparse.Namespace) -> None:
    check_folder(options.out)
    from logo_gan.training.loop import train as run

    run(
        config=options.config,
        data=options.data,
        split=options.split,
        out=options.out,
        images=options.images,
        minutes=options.minutes,
        resume=options.resume,
        workers=options.workers,
        revision=options.revision,
    )


def evaluate(options: argparse.Namespace) -> None:
    if options.json is not None:
        check_folder(options.json.parent)
        if options.json.is_dir():
            raise ValueError(f"{options.json} is a folder, not a file.")
    from logo_gan.evaluation import evaluate as evaluation
    from logo_gan.model.checkpoint import write_whole

    measured = evaluation.evaluate(_model(options.model, options.memory), n=options.n)
    print(table(measured))
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(measured, indent=2, ensure_ascii=False) + "\n"
        write_whole(options.json, lambda path: path.write_text(text, encoding="utf-8"))


def push(options: argparse.Namespace) -> None:
    from logo_gan.model.pipeline import LogoGAN

    if not options.model.is_dir():
        raise ValueError(f"There is no folder {options.model}.")
    print(LogoGAN.from_pretrained(options.model).push_to_hub(options.repo))


def table(measured: dict) -> str:
    """Metrics {name: {value, n, ...}, or a plain value} as aligned columns, one metric a line, reasons below."""
    rows, reasons = [], []
    for name, entry in measured.items():
        row = {"metric": name, **(entry if isinstance(entry, dict) else {"value": entry})}
        if row.get("value") is None and "note" in row:
            reasons.append(f"{name}: {row['note']}")
            row["value"] = row["note"].partition(":")[0]
        rows.append({key: value for key, value in row.items() if key not in ONLY_IN_JSON})
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([*lines, *([""] if reasons else []), *reasons])


def check_folder(folder: Path) -> None:
    """Finds out before the work whether files can be written to a folder, which need not exist yet.

    Raises:
        ValueError: they cannot.
    """
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir():
        raise ValueError(f"{existing} is not a folder.")
    try:
        # os.access is wrong for root and on network drives: only writing tells.
        with tempfile.TemporaryDirectory(prefix=".logo_gan-", dir=existing):
            pass
    except OSError as error:
        raise ValueError(f"The folder {folder} cannot be written: {error.strerror or 'unknown reason'}.") from error


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m logo_gan", description="Draws logos from prompts, and trains and judges what draws them."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(run: Callable[[argparse.Namespace], None], help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(run.__name__, help=help_text, description=help_text)
        added.set_defaults(run=run)
        return added

    def add_model(to: argparse.ArgumentParser) -> None:
        to.add_argument("--model", help="folder or Hub repository (default: LOGO_GAN_MODEL, or the bundled model)")
        to.add_argument(
            "--memory", metavar="DIR", help="of the drawings (default: LOGO_GAN_MEMORY, or what comes with the model)"
        )

    one = command(generate, "Draw logos: writes logo_0.png and logo_0.svg and so on, and prints their paths.")
    one.add_argument("prompt", metavar="PROMPT", help="what the logo is for, for example 'octopus, teal, in a circle'")
    one.add_argument("--n", type=_whole(1, 16), default=4, help="number of logos, 1 to 16 (default: 4)")
    one.add_argument(
        "--seed", type=_whole(0, 2**32 - 1), help="for the same logos again (default: a random one, shown)"
    )
    one.add_argument("--size", type=_whole(16, 2048), default=512, help="of the PNG in pixels (default: 512)")
    one.add_argument(
        "--invention", type=_share, default=0.5, help="from 0, drawings as they are remembered, to 1 (default: 0.5)"
    )
    one.add_argument("--out", type=Path, default=Path("logos"), metavar="DIR", help="default: logos")
    one.add_argument("--json", action="store_true", help="print what is known of each logo instead of the paths")
    add_model(one)

    one = command(brief, "Print what is read in a prompt, as JSON.")
    one.add_argument("prompt", metavar="PROMPT")
    add_model(one)

    one = command(kit, "Write the brand kit of a logo: an archive of all files that it is needed as.")
    one.add_argument("address", metavar="ADDRESS", help="as `generate --json` and the page's links have it")
    one.add_argument("--out", type=Path, required=True, metavar="FILE.zip")
    one.add_argument("--name", help="to be set with the mark (default: the brand in the prompt, if any)")
    one.add_argument("--slogan", help="under the name (default: the one in the prompt, if any)")
    one.add_argument("--font", default="montserrat", help="of the name (default: montserrat)")
    add_model(one)

    one = command(compose, "Write logos composed of the memory's drawings, with captions and what is true of them.")
    one.add_argument("--n", type=_whole(1, MAX_COMPOSED), required=True, help="number of logos")
    one.add_argument("--seed", type=_whole(0, 2**32 - 1), required=True)
    one.add_argument("--out", type=Path, required=True, metavar="FILE.parquet")
    one.add_argument("--size", type=_whole(16, 512), default=64, metavar="PX", help="16 to 512 (default: 64)")
    one.add_argument(
        "--collection", action="store_true", help="as collected from the web: in many sizes, shapes and formats"
    )

    one = command(train, "Train a generator.")
    one.add_argument("--config", required=True, metavar="NAME", help="warp, baseline-28, ...")
    one.add_argument(
        "--data",
        required=True,
        metavar="SOURCE",
        help="memory (the bundled drawings) or a memory's folder; of real logos, a parquet file or glob, a folder of "
        "parquet shards, a Hub dataset as OWNER/NAME",
    )
    one.add_argument("--split", help="of real logos, for example 'train[-100000:]' (default: train)")
    one.add_argument(
        "--revision", help="branch, tag or commit of a Hub dataset (default: its main branch as it is now)"
    )
    one.add_argument(
        "--workers", type=_whole(0, 64), default=1, metavar="N", help="processes that prepare batches (default: 1)"
    )
    one.add_argument("--out", type=Path, required=True, metavar="DIR")
    length = one.add_mutually_exclusive_group()
    length.add_argument("--images", type=_whole(1, 10**12), metavar="N", help="stop after so many training images")
    length.add_argument("--minutes", type=_minutes, metavar="M", help="stop after so many minutes")
    one.add_argument("--resume", action="store_true", help="go on from the last checkpoint in DIR")

    one = command(evaluate, "Measure a model, with each measure's sample size, extractor, floor and ceiling.")
    add_model(one)
    one.add_argument(
        "--n", type=_whole(20, 10**5), default=360, help="number of things, four logos each (default: 360)"
    )
    one.add_argument("--json", type=Path, metavar="FILE", help="also write the measures here")

    one = command(push, "Upload a model to the Hugging Face Hub.")
    one.add_argument("--model", type=Path, required=True, metavar="DIR")
    one.add_argument("--repo", required=True, metavar="OWNER/NAME")
    return parser


def _model(model: str | None, memory: str | None = None):
    """The model that the command names, else the environment's, else the bundled one; the same of its memory."""
    from logo_gan.model.pipeline import LogoGAN

    memory = memory or _environment("LOGO_GAN_MEMORY")
    if model is not None:
        return LogoGAN.from_pretrained(model, memory=memory)
    revision = _environment("LOGO_GAN_REVISION")
    return LogoGAN.from_pretrained(_environment("LOGO_GAN_MODEL"), revision=revision, memory=memory)


def _environment(name: str) -> str | None:
    return os.environ.get(name, "").strip() or None


def _png(image) -> bytes:
    import io

    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _cell(value) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return "–".join(_cell(part) for part in value)
    return str(value)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        # int() would also take '1_000', ' 7 ' and digits of other scripts.
        if not (text.isascii() and text.isdigit() and len(text) <= 15 and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}, not {text[:40]!r}")
        return int(text)

    return convert


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, not {text[:40]!r}")
    return value


def _minutes(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"must be a positive number, not {text[:40]!r}")
    return value


def _sentence(error: OSError) -> str:
    if error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    return str(error) or type(error).__name__


def _fail(message: str) -> NoReturn:
    print("error:", " ".join(message.split()), file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    sys.exit(main())

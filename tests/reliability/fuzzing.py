"""Draws inputs for a door until the time is over, keeps what fails, and replays what was kept.

A failing input is made as small as Hypothesis can make it and kept in seeds/TARGET, which test_fuzz.py replays; so is,
if wished, the smallest input of each outcome not seen before.
"""

import argparse
import hashlib
import re
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, Verbosity, given, seed, settings
from outcome import patience
from targets import TARGETS, Target

from eda import sandbox

SEEDS = Path(__file__).with_name("seeds")
SECONDS = 5.0  # that any input may take, twice in a row, on a machine that does nothing else
LARGEST_SEED = 20_000  # bytes
PROFILE = settings(max_examples=500, deadline=None, database=None, verbosity=Verbosity.quiet,
                   suppress_health_check=list(HealthCheck))  # fmt: skip


def kept(target: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((SEEDS / target).glob("*"))]


def checked(target: Target, value: object) -> tuple[str, float]:
    """The outcome of an input in a line, and the seconds it took."""
    for _ in range(2):
        begin = time.monotonic()
        outcome = target.check(value)
        seconds = time.monotonic() - begin
        if seconds < SECONDS * patience():
            return outcome, seconds
    raise AssertionError(f"It took {seconds:.1f} seconds.")


def replay(target: str, data: bytes) -> str:
    """Checks what `dump` has written; its outcome."""
    return checked(TARGETS[target], TARGETS[target].load(data))[0]


def fuzz(name: str, minutes: float, keep: bool) -> bool:
    """Draws inputs for so long; whether nothing was found."""
    target, end, number = TARGETS[name], time.monotonic() + 60 * minutes, time.time_ns()
    outcomes: dict[str, int] = {}
    smallest: dict[str, bytes] = {}
    seen = {replay(name, data) for data in kept(name)}
    slowest, failing = 0.0, b""

    @settings(PROFILE)
    @given(target.inputs)
    def check(value) -> None:
        nonlocal slowest, failing
        if time.monotonic() > end:
            return
        failing = target.dump(value)
        outcome, seconds = checked(target, value)
        slowest = max(slowest, seconds)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        if len(failing) < len(smallest.get(outcome, bytes(LARGEST_SEED))):
            smallest[outcome] = failing

    rounds, well = 0, True
    while well and time.monotonic() < end:
        try:
            seed(number + rounds)(check)()
        except Exception as error:  # anything but the documented errors is a find
            print("".join(traceback.format_tb(error.__traceback__)[-3:]), f"{type(error).__name__}: {error}"[:400])
            print(f"{name}: FOUND, kept as {store(name, 'found', failing)}")
            well = False
        rounds += 1
    total = sum(outcomes.values())
    print(f"{name}: {total:,} inputs, {len(outcomes)} outcomes, the slowest {slowest:.2f} s", flush=True)
    for outcome, count in sorted(outcomes.items(), key=lambda pair: -pair[1]):
        print(f"    {count:>8,}  {outcome[:150]}")
    for outcome in smallest.keys() - seen if keep else ():
        words = re.findall(r"[a-z]+", outcome.replace("The parquet file is damaged and cannot be read", "").lower())
        store(name, "-".join(words)[:60].strip("-"), smallest[outcome])
    return well


def store(target: str, name: str, data: bytes) -> Path:
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    ending = "parquet" if TARGETS[target].dump is bytes else "json"
    path = folder / f"{name}-{hashlib.sha256(data).hexdigest()[:6]}.{ending}"
    path.write_bytes(data)
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzzes what comes into the app.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=3, help="of each target")
    parser.add_argument("--keep", action="store_true", help="add an input of each new outcome to the seeds")
    options = parser.parse_args()
    if wrong := set(options.targets) - TARGETS.keys():
        parser.error(f"there is no target {', '.join(wrong)}")
    sandbox.prepare()
    done = [fuzz(name, options.minutes, options.keep) for name in options.targets or TARGETS]
    return not all(done)

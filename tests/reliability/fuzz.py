"""python tests/reliability/fuzz.py [--minutes M] [--keep] [TARGET ...]: inputs that nobody thought of."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # Nothing is imported above: each process that reads a file imports this one, too.
    sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]
    from fuzzing import main

    sys.exit(main())

"""What fuzzing has found or thought worth keeping comes out as it should; `make fuzz` looks for more."""

import pytest
from fuzzing import SEEDS, replay
from targets import TARGETS

KEPT = sorted(SEEDS.glob("*/*"))


def test_every_door_has_seeds():
    assert {path.parent.name for path in KEPT} == set(TARGETS)
    assert sum(path.stat().st_size for path in KEPT) < 1_000_000


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_a_kept_input_ends_in_a_documented_way(path):
    assert replay(path.parent.name, path.read_bytes())

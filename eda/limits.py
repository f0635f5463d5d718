"""How much one visitor's dataset may cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of the Dataset tab, as whoever runs it sets them."""

    upload_mb: int = 512
    """Of an upload, as the page tells it."""
    at_once: int = 2
    """Datasets that are read at a time, each in a process of its own."""
    kept_seconds: float = 14_400.0
    """After which a visit's dataset is dropped; one of a closed page goes earlier."""
    seconds: float = 120.0
    """Deadline of each reading."""
    memory_mb: int = 1_024
    """What a reading process may take beyond what it has when it begins."""

"""Performance figures, each against its floor: `make bench`, or `make bench ONLY=name`.

Each bench is a module here with a `run()`, started in a process of its own, since each chooses its own settings. It
prints one JSON object per line, see docs/developers/testing.md. CPU seconds drift on shared machines, so work and floor
take turns in slices, and the median of the slices' ratios counts.
"""

import json
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import django

from tests.services.product import environment


def use(state: Path, **settings: str) -> dict[str, str]:
    """Set Django up in this process with these settings, named without `UREGISTER_`; returns them for others."""
    env = environment(state, **settings) | {"DJANGO_SETTINGS_MODULE": "uregister.settings"}
    for name in [name for name in os.environ if name.startswith("UREGISTER_")]:
        del os.environ[name]
    os.environ |= env
    django.setup()
    return env


def report(bench: str, *, values: Sequence[float], floors: Sequence[float], unit: str, n: int, **more: float) -> None:
    """Print the figures of interleaved slices; `values` and `floors` are in `unit`, slice by slice."""
    ratio = statistics.median(value / floor for value, floor in zip(values, floors, strict=True))
    line = {
        "bench": bench,
        "value": round(statistics.median(values), 3),
        "unit": unit,
        "floor": round(statistics.median(floors), 3),
        "ratio": round(ratio, 3),
        "n": n,
        **more,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()

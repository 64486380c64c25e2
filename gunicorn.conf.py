"""What gunicorn finds by itself where the pages' process is started."""

import gc
from pathlib import Path
from typing import Any

# Where each process shows that it lives, with every turn of its loop: in memory, if there is such a place.
MEMORY = "/dev/shm"  # noqa: S108 - a mount for files without a name
worker_tmp_dir = MEMORY if Path(MEMORY).is_dir() else None


def post_fork(_server: Any, _worker: Any) -> None:
    """Nothing that is imported becomes garbage, and looking for it takes a fifth of the start."""
    gc.disable()


def post_worker_init(_worker: Any) -> None:
    """From here on there is garbage; what was imported need never be looked at again."""
    gc.freeze()
    gc.enable()

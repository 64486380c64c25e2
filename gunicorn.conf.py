"""What gunicorn finds by itself where the pages' process is started."""

import gc
from typing import Any


def post_fork(_server: Any, _worker: Any) -> None:
    """Nothing that is imported becomes garbage, and looking for it takes a fifth of the start."""
    gc.disable()


def post_worker_init(_worker: Any) -> None:
    """From here on there is garbage; what was imported need never be looked at again."""
    gc.freeze()
    gc.enable()

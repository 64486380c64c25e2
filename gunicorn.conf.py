"""What gunicorn finds by itself where the pages' process is started."""

import gc
import os
import runpy
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

# Where each process shows that it lives, with every turn of its loop: in memory, if there is such a place.
MEMORY = "/dev/shm"  # noqa: S108 - a mount for files without a name
worker_tmp_dir = MEMORY if Path(MEMORY).is_dir() else None


class JsonLines(Logger):
    """gunicorn's own lines as the product's.

    Nothing of the product is imported for that: after a reload the processes would be given the old code.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logs = runpy.run_path(str(Path(__file__).parent / "uregister/logs.py"))
        for handler in self.error_log.handlers:
            handler.setFormatter(logs["JsonFormatter"]())
            handler.addFilter(logs["WithoutRequests"]())


# The default of uregister.settings, which are not read yet.
by_mode = "json" if os.environ.get("UREGISTER_MODE", "").strip() == "production" else "line"
if (os.environ.get("UREGISTER_LOG_FORMAT", "").strip() or by_mode) == "json":
    logger_class = JsonLines


def post_fork(_server: Any, _worker: Any) -> None:
    """Nothing that is imported becomes garbage, and looking for it takes a fifth of the start."""
    gc.disable()


def post_worker_init(_worker: Any) -> None:
    """From here on there is garbage; what was imported need never be looked at again."""
    gc.freeze()
    gc.enable()

"""What a web process loads before its first answer, see `make bench ONLY=start`."""

import gc
import json
import os
import runpy
import subprocess
import sys

from tests.services.product import ROOT

# Each takes longer than most of our own code, for what offices and workers do now and then.
HEAVY = ("sqlalchemy", "openpyxl", "fpdf", "fontTools", "PIL", "twilio.rest")


def test_pages_start_without_what_few_of_them_need() -> None:
    loaded = f"import json, sys, uregister.wsgi; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, env=os.environ, capture_output=True, check=True)
    assert json.loads(done.stdout) == []


def test_garbage_is_collected_again_once_a_worker_has_started() -> None:
    hooks = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    try:
        hooks["post_fork"](None, None)
        assert not gc.isenabled()
        hooks["post_worker_init"](None)
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
        gc.unfreeze()

"""Real workers, broker and databases: a file that the web process took in, and a worker that is killed half-way."""

import subprocess
import sys
from pathlib import Path

import psycopg
from celery import Celery

from tests.registry.sheets import STUDENT
from tests.services.postgresql import postgresql
from tests.services.processes import wait_until
from tests.services.product import ROOT, environment, manage
from tests.services.redis import redis
from tests.services.worker import worker

# Run by the process that stands for the web: it shares nothing with the worker but PostgreSQL and Redis.
HAND_OVER = """
from django.core.files.uploadedfile import SimpleUploadedFile
from registry import import_jobs
from registry.models import Source
from tests.registry.sheets import csv_bytes, employee
file = SimpleUploadedFile("staff.csv", csv_bytes(employee()))
import_jobs.take_in(file, source=Source.HRMS, extension=".csv", by="olga", only_plan=False)
"""


def view(seconds: float) -> str:
    """A view of two students, the second of whom takes its time."""
    others = ", ".join(f"'{value}' AS \"{name}\"" for name, value in STUDENT.items() if name != "systemID")
    slow = f"CASE WHEN n = 2 THEN pg_sleep({seconds})::text ELSE '' END"
    return f'CREATE OR REPLACE VIEW v_vd_sis AS SELECT n || {slow} AS "systemID", {others} FROM generate_series(1, 2) n'


def program(code: str, env: dict[str, str]) -> None:
    code = f"import django; django.setup()\n{code}"
    env = env | {"DJANGO_SETTINGS_MODULE": "uregister.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def look_after(broker: str) -> None:
    """What beat does every minute."""
    with Celery(broker=broker, set_as_current=False) as app, app.connection_for_write() as connection:
        app.send_task("registry.look_after_imports", connection=connection)


def test_workers_read_what_the_web_took_in_and_take_up_what_a_killed_one_left(tmp_path: Path) -> None:
    with postgresql() as url, redis() as broker, psycopg.connect(url, autocommit=True) as database:

        def state(source: str) -> object:
            [(found,)] = database.execute("SELECT max(state) FROM registry_importrun WHERE source = %s", [source])
            return found

        database.execute(view(60))
        env = environment(tmp_path, DATABASE_URL=url, REDIS_URL=broker, SIS_URL=url, SIS_VIEW="public.v_vd_sis")
        assert manage("migrate", "--verbosity", "0", env=env).returncode == 0
        with worker(tmp_path, env) as process:
            look_after(broker)
            program(HAND_OVER, env)
            wait_until(lambda: state("hrms") == "applied", "the file is imported")
            assert database.execute("SELECT count(*) FROM registry_uploadpiece").fetchone() == (0,)

            wait_until(lambda: state("sis") == "reading", "the view is being read")
            process.kill()
            # The server would go on sleeping for nobody, and keep the view from being replaced.
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            database.execute(view(0))
            database.execute("UPDATE registry_importrun SET touched_at = touched_at - interval '3 minutes'")
            look_after(broker)
            process.start()
            wait_until(lambda: state("sis") == "applied", "the view is read after all")
            process.kill()
        assert database.execute("SELECT count(*) FROM registry_importrun").fetchone() == (2,)
        assert database.execute("SELECT count(*) FROM registry_affiliation").fetchone() == (3,)

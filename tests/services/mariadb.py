"""A private MariaDB without the safety of a disk, reachable on loopback only and gone after the run."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

from tests.services.processes import alive, free_port, private_directory, running, unprivileged_user, wait_until

INSTALLER, SERVER = "mariadb-install-db", "/usr/sbin/mariadbd"
# Nothing survives the run, so nothing is made safe for it; small files are made faster than large ones.
FAST = (
    "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0",
    "--innodb-log-file-size=8M", "--innodb-data-file-path=ibdata1:8M:autoextend",
    "--innodb-temp-data-file-path=ibtmp1:8M:autoextend",
    "--innodb-buffer-pool-size=32M", "--innodb-fast-shutdown=3", "--performance-schema=OFF", "--skip-name-resolve",
    "--innodb-use-native-aio=0",
)  # fmt: skip
# The server takes a statement from each line.
USERS = """\
CREATE DATABASE university CHARACTER SET utf8mb4;
CREATE USER reader@'127.0.0.1' IDENTIFIED BY 's3cret';
GRANT ALL ON university.* TO reader@'127.0.0.1';
"""


@contextmanager
def mariadb(*options: str) -> Iterator[int]:
    """Yields the port of a server with the users `root` (its socket only) and `reader` (secret `s3cret`).

    `reader` may do everything in the empty database `university`, so that what holds us from writing there is us.
    """
    user = unprivileged_user()
    port = free_port()
    with private_directory("mariadb", owner=user) as directory:
        data = directory / "data"
        where = ["--no-defaults", f"--datadir={data}"]
        install = [INSTALLER, *where, *FAST, "--auth-root-authentication-method=normal", "--skip-test-db"]
        done = subprocess.run(install, user=user, cwd=directory, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        init = directory / "init.sql"
        init.write_text(USERS)
        init.chmod(0o644)
        command = [SERVER, *where, *FAST, f"--port={port}", "--bind-address=127.0.0.1", f"--init-file={init}"]
        command += [f"--socket={directory / 'socket'}", f"--pid-file={directory / 'pid'}", f"--tmpdir={directory}"]
        log = Path(directory / "log")
        with running([*command, *options], log=log, user=user, cwd=directory) as process:

            def ready() -> bool:
                alive(process, log)
                try:
                    connect(port).close()
                except pymysql.err.OperationalError:
                    return False
                return True

            wait_until(ready, "MariaDB answers")
            yield port


def connect(port: int) -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
    return pymysql.connect(
        host="127.0.0.1", port=port, user="reader", password="s3cret", database="university", autocommit=True
    )

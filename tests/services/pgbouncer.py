"""A private PgBouncer in transaction mode: a connection is a client's only for the length of a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.services.processes import (
    alive,
    answers,
    free_port,
    private_directory,
    running,
    unprivileged_user,
    wait_until,
)

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
query_wait_timeout = 2
server_connect_timeout = 2
server_login_retry = 0.5
logfile = {directory}/log
pidfile = {directory}/pid
"""


@contextmanager
def pgbouncer(database: str) -> Iterator[str]:
    """Before the database with this address; yields the address to use instead."""
    parts = urlsplit(database)
    user, port = unprivileged_user(), free_port()
    with private_directory("pgbouncer", owner=user) as directory:
        configuration = directory / "pgbouncer.ini"
        text = CONFIGURATION.format(server_port=parts.port, port=port, directory=directory)
        # With any client's word for who it is, the bouncer signs in as the database's own user.
        configuration.write_text(text.replace("* = host", f"{parts.path[1:]} = user={parts.username} host"))
        log = directory / "output"
        with running(["pgbouncer", str(configuration)], log=log, user=user, cwd=directory) as process:

            def ready() -> bool:
                alive(process, log)
                return answers(port)

            wait_until(ready, "PgBouncer answers")
            yield f"postgres://{parts.username}@127.0.0.1:{port}{parts.path}"

"""Connections to the secretariats' databases: read-only, with time-outs, encrypted unless they stay on this machine.

PostgreSQL (psycopg), MySQL and MariaDB (PyMySQL), Oracle (oracledb without Oracle's client), SQLite.
"""

import sqlite3
import ssl
from typing import Any
from urllib.parse import quote

from django.conf import settings
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool

DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "oracle": "oracle+oracledb",
    "sqlite": "sqlite",
}


def engine(view: dict[str, str]) -> Engine:
    """What opens connections to the view's database; `view` is an entry of `settings.VIEWS`. Opens none yet."""
    address = make_url(view["URL"])
    driver = DRIVERS[address.drivername]
    made = _sqlite(address) if driver == "sqlite" else _server(address, driver, view)
    # The driver's messages and statements stay out of tracebacks: they may hold rows.
    made.hide_parameters = True
    return made


def begin_reading(connection: Connection) -> None:
    """A transaction that sees one state of the view throughout and can't write."""
    if connection.dialect.name == "oracle":
        connection.execute(text("SET TRANSACTION READ ONLY"))


def _sqlite(address: URL) -> Engine:
    file = f"file:{quote(address.database or '')}?mode=ro"
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(file, uri=True, timeout=settings.VIEW_CONNECT_TIMEOUT),
        poolclass=NullPool,
    )


def _server(address: URL, driver: str, view: dict[str, str]) -> Engine:
    dialect = driver.split("+", maxsplit=1)[0]
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if dialect != "oracle" else {}
    arguments = {
        "postgresql": _postgresql,
        "mysql": _mysql,
        "mariadb": _mysql,
        "oracle": _oracle,
    }[dialect](view)
    address = address.set(drivername=driver)
    if dialect == "oracle":
        # The path names the service, not the older SID. `set` takes no None.
        address = address._replace(database=None).set(query={"service_name": address.database or ""})
    made = create_engine(address, poolclass=NullPool, connect_args=arguments, **options)
    if dialect == "oracle":
        event.listen(made, "connect", _limit_calls)
    return made


def _postgresql(view: dict[str, str]) -> dict[str, Any]:
    milliseconds = settings.VIEW_TIMEOUT * 1000
    protection = {"verify": "verify-full", "require": "require", "off": "prefer"}[view["TLS"]]
    return {
        "connect_timeout": settings.VIEW_CONNECT_TIMEOUT,
        "tcp_user_timeout": milliseconds,
        "options": f"-c statement_timeout={milliseconds} -c default_transaction_read_only=on",
        "sslmode": protection,
        # "system" stands for the authorities that this machine trusts; libpq allows it with verification only.
        **({"sslrootcert": view["CA"] or "system"} if view["TLS"] == "verify" else {}),
    }


def _mysql(view: dict[str, str]) -> dict[str, Any]:
    context = _tls(view)
    return {
        "connect_timeout": settings.VIEW_CONNECT_TIMEOUT,
        "read_timeout": settings.VIEW_TIMEOUT,
        "write_timeout": settings.VIEW_TIMEOUT,
        "charset": "utf8mb4",
        "init_command": "SET SESSION TRANSACTION READ ONLY",
        "local_infile": False,
        **({"ssl": context} if context else {"ssl_disabled": True}),
    }


def _oracle(view: dict[str, str]) -> dict[str, Any]:
    context = _tls(view)
    return {
        "tcp_connect_timeout": settings.VIEW_CONNECT_TIMEOUT,
        **({"protocol": "tcps", "ssl_context": context} if context else {}),
        **({"ssl_server_dn_match": view["TLS"] == "verify"} if context else {}),
    }


def _tls(view: dict[str, str]) -> ssl.SSLContext | None:
    if view["TLS"] == "off":
        return None
    context = ssl.create_default_context(cafile=view["CA"] or None)
    if view["TLS"] == "require":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _limit_calls(connection: Any, _record: Any) -> None:
    connection.call_timeout = settings.VIEW_TIMEOUT * 1000

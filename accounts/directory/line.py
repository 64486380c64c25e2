"""The way to the directory: one open line for each thread, kept from one piece of work to the next."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import local

from django.conf import settings
from django.db import transaction

from accounts.directory import Directory, DirectoryAway

# Seconds. Then a server that was preferred and away gets another chance.
LIFE = 300

_kept = local()


def connect() -> Directory:
    """A new line to the directory that is set: a server, or what stands in for one in the embedded modes.

    Raises `DirectoryAway` where no server can be used, with the reason.
    """
    # Each needs something that the other does without: python-ldap, or the demo's table.
    if settings.DIRECTORY == "ldap":
        opened: Directory = import_module("accounts.directory.ldap").connect()
        return opened
    if settings.DIRECTORY == "embedded":
        embedded: Directory = import_module("accounts.directory.embedded").EmbeddedDirectory()
        return embedded
    raise DirectoryAway("no directory is set: UREGISTER_DIRECTORY_URL")


@contextmanager
def line() -> Iterator[Directory]:
    """This thread's line: opened if need be, and given up when the directory goes away. Raises `DirectoryAway`.

    Never inside a transaction, which would stay open for as long as a server takes: raises `RuntimeError` there.
    """
    refuse_in_transaction()
    try:
        yield _open()
    except DirectoryAway:
        hang_up()
        raise


def hang_up() -> None:
    """Close this thread's line, if there is one."""
    kept: Directory | None = _kept.__dict__.pop("line", None)
    if kept is not None:
        kept.close()


def refuse_in_transaction() -> None:
    """Raises `RuntimeError` in a transaction, except one that a test is wrapped in."""
    blocks = transaction.get_connection().atomic_blocks
    # Django asks the same for `atomic(durable=True)`, which would begin a transaction.
    if any(not block._from_testcase for block in blocks):  # noqa: SLF001
        raise RuntimeError("the directory was called inside a transaction")


def _open() -> Directory:
    kept: Directory | None = _kept.__dict__.get("line")
    if kept is not None and time.monotonic() - _kept.opened < LIFE and kept.works():
        return kept
    hang_up()
    opened = connect()
    _kept.line, _kept.opened = opened, time.monotonic()
    return opened

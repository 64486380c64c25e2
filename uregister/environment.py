"""Reads `UREGISTER_…` from the environment; a bad value stops the start with one clear line."""

import ipaddress
import json
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

PREFIX = "UREGISTER_"
Value = TypeVar("Value")


def refuse(name: str, problem: str) -> NoReturn:
    """Stop the start: one line on standard error, exit status 1, no traceback."""
    raise SystemExit(f"{PREFIX}{name}: {problem}")


def text(name: str, default: str = "") -> str:
    """The setting as text, from `UREGISTER_NAME` or from the file that `UREGISTER_NAME_FILE` names."""
    path = os.environ.get(f"{PREFIX}{name}_FILE")
    if path is None:
        return os.environ.get(PREFIX + name, default).strip()
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{name}_FILE", f"cannot read {path!r} ({error.__class__.__name__})")


def parsed(name: str, default: Value, parse: Callable[[str], Value], expected: str) -> Value:
    """The setting turned into a value by `parse`, whose `ValueError` becomes the one clear line."""
    given = text(name)
    if not given:
        return default
    try:
        return parse(given)
    except (ValueError, ImproperlyConfigured):
        refuse(name, f"expected {expected}")


def choice(name: str, default: str, allowed: Sequence[str]) -> str:
    given = text(name, default) or default
    if given not in allowed:
        refuse(name, f"{given!r} is none of {', '.join(allowed)}")
    return given


def number(name: str, default: int, *, least: int = 0) -> int:
    value = parsed(name, default, int, "a whole number")
    if value < least:
        refuse(name, f"expected a whole number of at least {least}")
    return value


def flag(name: str, *, default: bool) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    given = text(name).lower()
    if given and given not in words:
        refuse(name, "expected true or false")
    return words.get(given, default)


def names(name: str, default: Sequence[str] = ()) -> list[str]:
    """A list separated by commas."""
    given = text(name)
    return [part.strip() for part in given.split(",") if part.strip()] if given else list(default)


def mapping(name: str, default: dict[str, Any]) -> dict[str, Any]:
    """A JSON object whose keys override those of `default`."""

    def parse(given: str) -> dict[str, Any]:
        value = json.loads(given)
        if not isinstance(value, dict):
            raise ValueError
        return default | value

    return parsed(name, default, parse, "a JSON object")


def database(name: str, default: str) -> dict[str, Any]:
    """A database address such as `postgres://user:secret@host/name`, as Django's settings want it."""

    def parse(given: str) -> dict[str, Any]:
        config = environ.Env.db_url_config(given)
        if not config.get("ENGINE"):
            raise ValueError
        return dict(config)

    return parsed(name, parse(default), parse, "a database address such as postgres://user@host/name")


def email(name: str) -> dict[str, Any]:
    """A mail server's address such as `smtp+tls://user:secret@host:587`; empty when not set."""

    def parse(given: str) -> dict[str, Any]:
        config = environ.Env.email_url_config(given)
        if not config.get("EMAIL_BACKEND"):
            raise ValueError
        return dict(config)

    return parsed(name, {}, parse, "a mail server's address such as smtp+tls://user@host:587")


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def address(name: str, default: str = "", *, schemes: Sequence[str], plain: Sequence[str] = ()) -> str:
    """A service's address. The `plain` (unencrypted) schemes are accepted for this very machine only."""
    given = text(name, default)
    if not given:
        return ""
    parts = urlsplit(given)
    if parts.scheme in plain and is_loopback(parts.hostname):
        return given
    if parts.scheme not in schemes:
        refuse(name, f"expected an address that starts with {' or '.join(f'{s}://' for s in schemes)}")
    return given


def generated_secret(name: str, path: Path, make: Callable[[], str]) -> str:
    """The secret as set; otherwise one of its own for this installation, made once and kept in `path`.

    Only the embedded modes come here. The file appears whole or not at all (a hard link
    to a finished draft), so of two processes that start together one makes the secret and both read it.
    """
    if given := text(name):
        return given
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        draft.write_text(make(), encoding="ascii")
        draft.chmod(0o600)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        draft.unlink()
    return path.read_text(encoding="ascii").strip()

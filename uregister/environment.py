"""Reads `UREGISTER_…` from the environment; a bad value stops the start with one clear line."""

import ipaddress
import json
import os
import re
import secrets
from collections.abc import Callable, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import RegexValidator, validate_email
from limits import parse as parse_rate

PREFIX = "UREGISTER_"
DATABASE_SCHEMES = ("postgres", "postgresql", "sqlite")
# Databases of others, of which views are read.
VIEW_SCHEMES = ("postgres", "postgresql", "mysql", "mariadb", "oracle", "sqlite")
# `verify` checks the server's certificate, `require` only encrypts, `off` does neither.
VIEW_TLS = ("verify", "require", "off")
validate_one_line = RegexValidator(r"\A[^\r\n]*\Z")
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
Value = TypeVar("Value")


def refuse(name: str, problem: str) -> NoReturn:
    """Stop the start: one line on standard error, exit status 1, no traceback."""
    raise SystemExit(f"{PREFIX}{name}: {problem}")


def text(name: str, default: str = "") -> str:
    """The setting as text, from the file that `UREGISTER_NAME_FILE` names or from `UREGISTER_NAME`.

    Empty is the same as not set, a file too: that is how compose files and unit files leave a setting out.
    """
    return _of_file(f"{name}_FILE") or os.environ.get(PREFIX + name, "").strip() or default


def _of_file(name: str) -> str:
    path = os.environ.get(PREFIX + name)
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except (OSError, UnicodeDecodeError) as error:
        refuse(name, f"cannot read {path!r} ({error.__class__.__name__})")


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
    given = text(name, default)
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


def choices(name: str, default: Sequence[str], allowed: Sequence[str]) -> list[str]:
    """A list separated by commas, each one of `allowed`, in the order of the operator."""
    chosen = names(name, default)
    for given in chosen:
        if given not in allowed:
            refuse(name, f"{given!r} is none of {', '.join(allowed)}")
    return chosen


def hosts(name: str, default: Sequence[str]) -> list[str]:
    """Host names as Django's `ALLOWED_HOSTS` wants them: without scheme, path, or port."""
    given = names(name, default)
    for host in given:
        if not re.fullmatch(r"\*|\[[0-9A-Fa-f:.]+\]|\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", host):
            refuse(name, f"{host!r} is not a host name; expected names such as account.example.org, without https://")
    return given


def domain(name: str, default: str) -> str:
    """A DNS domain in lower case, such as `example.org`."""
    given = text(name, default).lower()
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", given):
        refuse(name, "expected a domain such as example.org")
    return given


def mailbox(name: str, default: str) -> str:
    """An e-mail address, alone or with a name: `URegister <noreply@example.org>`; "" only where the default is."""
    given = text(name, default)
    if not (given or default):
        return ""
    try:
        validate_email(parseaddr(given)[1])
        validate_one_line(given)
    except ValidationError:
        refuse(name, "expected an e-mail address such as URegister <noreply@example.org>")
    return given


def mapping(name: str, default: dict[str, str]) -> dict[str, str]:
    """A JSON object from text to text, whose keys override those of `default`."""

    def parse(given: str) -> dict[str, str]:
        value = json.loads(given)
        if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
            raise ValueError
        return default | value

    return parsed(name, default, parse, "a JSON object of text values")


def limits(name: str, default: dict[str, str]) -> dict[str, str]:
    """Rates such as `20 per hour` by the name of what they limit; the notation is that of the `limits` library."""
    chosen = mapping(name, default)
    for rule, rate in chosen.items():
        if rule not in default:
            refuse(name, f"there is no limit {rule!r}, only {', '.join(default)}")
        try:
            parse_rate(rate)
        except ValueError:
            refuse(name, f"{rule!r} is {rate!r}, expected a rate such as '20 per hour'")
    return chosen


def template(name: str, default: str, *, needs: str) -> str:
    """A text with a blank, such as `{username}`, that must be there."""
    given = text(name, default)
    if needs not in given:
        refuse(name, f"expected a text with {needs} in it, such as {default}")
    return given


def urn(name: str, default: str) -> str:
    """A URN or the beginning of one, without the colon that follows (RFC 8141)."""
    given = text(name, default)
    if not re.fullmatch(r"urn:[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9](:[A-Za-z0-9()+,\-.=@;$_!*'/]+)+", given):
        refuse(name, f"expected a URN without a colon at its end, such as {default}")
    return given


def uris(name: str) -> list[str]:
    """URIs separated by commas."""
    given = names(name)
    for uri in given:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+", uri):
            refuse(name, f"{uri!r} is not a URI, such as urn:mace:dir:entitlement:common-lib-terms")
    return given


def pattern(name: str, default: str) -> str:
    """A regular expression, as text."""

    def parse(given: str) -> str:
        try:
            re.compile(given)
        except re.error as error:
            raise ValueError from error
        return given

    return parsed(name, default, parse, "a regular expression")


def database(name: str, default: str) -> dict[str, Any]:
    """A database address such as `postgres://user:secret@host/name`, as Django's settings want it."""

    def parse(given: str) -> dict[str, Any]:
        # Other databases are not tested here. django-environ would print an address it doubts, the secret included.
        parts = urlsplit(given)
        if parts.scheme not in DATABASE_SCHEMES or len(parts.path) < 2 or (parts.scheme == "sqlite" and parts.netloc):
            raise ValueError
        return dict(environ.Env.db_url_config(given))

    expected = "a database address such as postgres://user@host/name or sqlite:////srv/uregister.sqlite3"
    return parsed(name, parse(default), parse, expected)


def view(system: str, default: str) -> dict[str, str]:
    """The database view of a system (`SIS`, `HRMS`): `URL`, `NAME`, `TLS`, `CA`; empty when `SYSTEM_URL` is not set."""

    def parse(given: str) -> str:
        parts = urlsplit(given)
        local = parts.scheme == "sqlite"
        # Options behind a question mark could weaken the connection; or it is part of a secret that was not quoted.
        if parts.scheme not in VIEW_SCHEMES or len(parts.path) < 2 or set(given) & set("?# "):
            raise ValueError
        if parts.netloc if local else not (parts.hostname and parts.username and (parts.port or 1) > 0):
            raise ValueError
        return given

    expected = (
        "an address such as postgres://user:secret@host/name, mysql://…, mariadb://…, oracle://user:secret@host/service"
        " or sqlite:////srv/sis.sqlite3, with other signs than letters and digits in user and secret written as %XX"
    )
    url = parsed(f"{system}_URL", "", parse, expected)
    if not url:
        return {}
    name = text(f"{system}_VIEW", default)
    if not re.fullmatch(r"[A-Za-z_][\w$#]*(\.[A-Za-z_][\w$#]*)?", name):
        refuse(f"{system}_VIEW", "expected the name of a view such as v_vd_sis or schema.v_vd_sis")
    protection = choice(f"{system}_TLS", "off" if is_loopback(urlsplit(url).hostname) else "verify", VIEW_TLS)
    authority = text(f"{system}_CA")
    if authority and not Path(authority).is_file():
        refuse(f"{system}_CA", f"there is no file {authority!r}")
    return {"URL": url, "NAME": name, "TLS": protection, "CA": authority}


def times(name: str, default: str) -> list[tuple[int | None, int]]:
    """Times of the day, such as `06:30, 13:00`; `*:15` is a quarter past every hour. (hour or None, minute) each."""

    def parse(given: str) -> list[tuple[int | None, int]]:
        found = []
        for part in given.replace(",", " ").split():
            if not (match := re.fullmatch(r"(\*|[01]?\d|2[0-3]):([0-5]\d)", part, re.ASCII)):
                raise ValueError
            found.append((None if match[1] == "*" else int(match[1]), int(match[2])))
        return found

    return parsed(name, parse(default), parse, "times such as 06:30, 13:00 or *:15 (every hour)")


def email(name: str) -> dict[str, Any]:
    """A mail server's address such as `smtp+tls://user:secret@host:587`, as Django's settings; empty when not set."""

    def parse(given: str) -> dict[str, Any]:
        parts = urlsplit(given)
        if parts.scheme not in MAIL_PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError
        config = environ.Env.email_url_config(given)
        return {
            "EMAIL_BACKEND": config["EMAIL_BACKEND"],
            "EMAIL_HOST": config["EMAIL_HOST"],
            "EMAIL_PORT": config["EMAIL_PORT"] or MAIL_PORTS[parts.scheme],
            "EMAIL_HOST_USER": config["EMAIL_HOST_USER"] or "",
            "EMAIL_HOST_PASSWORD": config["EMAIL_HOST_PASSWORD"] or "",
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
        }

    expected = "a mail server's address such as smtp://host:25, smtp+tls://user:secret@host:587 or smtp+ssl://host:465"
    return parsed(name, {}, parse, expected)


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def address(name: str, default: str = "", *, schemes: Sequence[str], plain: Sequence[str] = ()) -> str:
    """A service's address. The `plain` (unencrypted) schemes are accepted for this very machine only."""

    def parse(given: str) -> str:
        parts = urlsplit(given)
        local = parts.scheme in plain and is_loopback(parts.hostname)
        if not parts.hostname or not (local or parts.scheme in schemes) or (parts.port or 1) < 1:
            raise ValueError
        return given

    expected = f"an address that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}"
    if plain:
        expected += f" ({', '.join(f'{scheme}://' for scheme in plain)} only to this machine)"
    return parsed(name, default, parse, expected)


def directory_servers(name: str, *, starttls: bool) -> list[str]:
    """Addresses of directory servers in order of preference, separated by commas or spaces.

    `ldaps://host`, `ldapi://%2Frun%2Fslapd%2Fldapi`; `ldap://host` to this machine, or to any with StartTLS.
    """

    def parse(given: str) -> list[str]:
        servers = given.replace(",", " ").split()
        for server in servers:
            parts = urlsplit(server)
            plain = parts.scheme == "ldap" and (starttls or is_loopback(parts.hostname))
            local = parts.scheme == "ldapi" and bool(parts.netloc)
            if not (local or (parts.hostname and (plain or parts.scheme == "ldaps"))):
                raise ValueError
            if not local and (parts.port or 1) < 1:
                raise ValueError
        return servers

    expected = "addresses such as ldaps://ldap.example.org (ldap:// only to this machine or with DIRECTORY_STARTTLS)"
    return parsed(name, [], parse, expected)


def is_readable(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.R_OK)


def make_directory(name: str, path: Path) -> None:
    """Make the directory that the setting names, unless it is there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse(name, f"cannot make the directory {str(path)!r} ({error.__class__.__name__})")


def generated_secret(name: str, path: Path, make: Callable[[], str]) -> str:
    """The secret as set; otherwise one of its own for this installation, made once and kept in `path`.

    Only the embedded modes come here. The file appears whole or not at all (a hard link
    to a finished draft), so of two processes that start together one makes the secret and both read it.
    """
    if given := text(name):
        return given
    make_directory("STATE_DIR", path.parent)
    try:
        if not path.exists():
            keep_once(path, make())
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        refuse(name, f"not set, and cannot be kept in {str(path)!r} ({error.__class__.__name__})")


def keep_once(path: Path, content: str) -> None:
    """Write the file, readable by its owner only, unless another process was faster."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(content, encoding="ascii")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

"""Speaks LDAP (RFC 4511) with OpenLDAP or another server of version 3: the only module that imports python-ldap.

Certificates are verified, always. Every wait has an end, `settings.DIRECTORY_TIMEOUT` seconds. Text goes over the line
as UTF-8, and names and filters are escaped; what cannot be text is refused before it leaves.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import ldap
import ldap.dn
import ldap.filter
from django.conf import settings
from ldap.controls import RequestControl
from ldap.controls.libldap import SimplePagedResultsControl
from ldap.controls.ppolicy import PasswordPolicyControl

from accounts.directory import Add, Attributes, Change, DirectoryAway, Found, Modify, Refused, Rename, handshake
from accounts.directory.line import refuse_in_transaction
from accounts.directory.names import people_dn, rdn_of

# So many changes are under way at once. More would only fill the buffers between us and the server.
WINDOW = 64
# Usernames in one filter, and entries in one page of a list.
CHUNK = 100
PAGE = 500
LONGEST_ANSWER = 500

# Who made the entry, and when, beside what was asked for.
ABOUT = ("uid", "entryUUID", "creatorsName", "createTimestamp", "pwdAccountLockedTime")
NO_TEXT = re.compile("[\0\ud800-\udfff]")
ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*(;[A-Za-z0-9-]+)*")

# Values that are there already are no error (an answer was lost and the change comes again). Microsoft's control,
# which OpenLDAP knows; other servers may leave it aside.
PERMISSIVE = RequestControl("1.2.840.113556.1.4.1413", criticality=False)
POLICY = PasswordPolicyControl()

# draft-behera-ldap-password-policy, the errors of its response control.
POLICY_CODES = {1: "locked", 3: "forbidden", 4: "forbidden", 5: "quality", 6: "short", 7: "young", 8: "history"}
CODES: dict[type[ldap.LDAPError], str] = {
    ldap.ALREADY_EXISTS: "exists",
    ldap.NO_SUCH_OBJECT: "missing",
    **dict.fromkeys(
        (
            *(ldap.INVALID_SYNTAX, ldap.UNDEFINED_TYPE, ldap.OBJECT_CLASS_VIOLATION, ldap.NAMING_VIOLATION),
            *(ldap.INVALID_DN_SYNTAX, ldap.CONSTRAINT_VIOLATION, ldap.TYPE_OR_VALUE_EXISTS, ldap.NO_SUCH_ATTRIBUTE),
            *(ldap.NOT_ALLOWED_ON_RDN, ldap.NO_OBJECT_CLASS_MODS, ldap.INAPPROPRIATE_MATCHING),
        ),
        "syntax",
    ),
    **dict.fromkeys(
        (
            *(ldap.INSUFFICIENT_ACCESS, ldap.STRONG_AUTH_REQUIRED, ldap.CONFIDENTIALITY_REQUIRED),
            *(ldap.INAPPROPRIATE_AUTH, ldap.SIZELIMIT_EXCEEDED, ldap.ADMINLIMIT_EXCEEDED),
        ),
        "forbidden",
    ),
    **dict.fromkeys((ldap.BUSY, ldap.UNAVAILABLE, ldap.TIMELIMIT_EXCEEDED), "busy"),
}
# No answer of a server: libldap's own.
AWAY = (ldap.SERVER_DOWN, ldap.CONNECT_ERROR, ldap.TIMEOUT, ldap.LOCAL_ERROR, ldap.DECODING_ERROR, ldap.NO_MEMORY)


def connect() -> "LdapDirectory":
    """A line to the first of the servers that takes us. Raises `DirectoryAway` with the reason of each."""
    refuse_in_transaction()
    problems = []
    for server in settings.DIRECTORY_URLS:
        try:
            return LdapDirectory(_signed_in(server))
        except ldap.LDAPError as error:
            problems.append(f"{server}: {_answer(error)}")
        except OSError as error:
            problems.append(f"{server}: {handshake.reason(error)}")
    raise DirectoryAway("; ".join(problems))


class LdapDirectory:
    """See `accounts.directory.Directory`. `line` is signed in."""

    def __init__(self, line: Any) -> None:
        self._line = line
        self._identity = ""

    @property
    def identity(self) -> str:
        if not self._identity:
            # An authorization identity (RFC 4513 section 5.2.1.8), `dn:` and the name.
            self._identity = self._whoami().removeprefix("dn:").lower()
        return self._identity

    def works(self) -> bool:
        try:
            self._whoami()
        except DirectoryAway:
            return False
        return True

    def find(self, usernames: Sequence[str], attributes: Sequence[str]) -> dict[str, Found]:
        refuse_in_transaction()
        found: dict[str, Found] = {}
        for begin in range(0, len(usernames), CHUNK):
            chunk = [name for name in usernames[begin : begin + CHUNK] if _is_text(name)]
            parts = "".join(f"(uid={ldap.filter.escape_filter_chars(name)})" for name in chunk)
            entries, _ = self._searched(self._search(f"(|{parts})", attributes), attributes)
            found |= {entry.username: entry for entry in entries}
        return found

    def everybody(self, attributes: Sequence[str]) -> Iterator[Found]:
        # On a line of its own: any other search in between ends the pages early, and OpenLDAP says nothing of it.
        other = connect()
        try:
            yield from other.pages(attributes)
        finally:
            other.close()

    def pages(self, attributes: Sequence[str]) -> Iterator[Found]:
        """All people, page by page; nothing else may be asked on this line meanwhile."""
        search: int | None = self._search("(uid=*)", attributes, cookie="")
        while search is not None:
            entries, cookie = self._searched(search, attributes)
            # The server collects the next page while this one is worked on.
            search = self._search("(uid=*)", attributes, cookie=cookie) if cookie else None
            yield from entries

    def make(self, changes: Sequence[Change]) -> list[Refused | None]:
        refuse_in_transaction()
        outcomes: list[Refused | None] = [None] * len(changes)
        under_way: deque[tuple[int, int]] = deque()
        for place, change in enumerate(changes):
            try:
                under_way.append((place, self._begin(change)))
            except Refused as refused:
                outcomes[place] = refused
            if len(under_way) == WINDOW:
                self._finish(changes, outcomes, *under_way.popleft())
        for place, message in under_way:
            self._finish(changes, outcomes, place, message)
        return outcomes

    def close(self) -> None:
        try:
            self._line.unbind_s()
        except ldap.LDAPError:
            # It is closed already.
            return

    # ---- Changes --------------------------------------------------------------------------------------------

    def _begin(self, change: Change) -> int:
        """Hand the change over; the number under which the answer comes. Raises `Refused`, `DirectoryAway`."""
        if not _is_name(change.dn):
            raise Refused("syntax", "the name of the entry is none, or cannot be written as text")
        try:
            match change:
                case Add():
                    message = self._line.add_ext(change.dn, _encoded(change.attributes), serverctrls=[POLICY])
                case Modify():
                    wanted = [(ldap.MOD_REPLACE, name, values or None) for name, values in _encoded(change.replace)]
                    wanted += [(ldap.MOD_ADD, name, values) for name, values in _encoded(change.add)]
                    message = self._line.modify_ext(change.dn, wanted, serverctrls=[POLICY, PERMISSIVE])
                case Rename():
                    name = rdn_of(change.username)
                    if not _is_name(name):
                        raise Refused("syntax", "uid: cannot be written as text")
                    message = self._line.rename(change.dn, name, None, delold=1)
        except ldap.LDAPError as error:
            raise _outcome(error, change) from error
        return int(message)

    def _finish(self, changes: Sequence[Change], outcomes: list[Refused | None], place: int, message: int) -> None:
        """Wait for one answer and note it. Raises `DirectoryAway`."""
        try:
            self._wait(message)
        except ldap.LDAPError as error:
            outcome = _outcome(error, changes[place])
            if isinstance(outcome, DirectoryAway):
                raise outcome from error
            outcomes[place] = outcome

    # ---- Searches -------------------------------------------------------------------------------------------

    def _search(self, wanted: str, attributes: Sequence[str], *, cookie: str | bytes | None = None) -> int:
        paged = [SimplePagedResultsControl(criticality=True, size=PAGE, cookie=cookie)] if cookie is not None else []
        try:
            return int(
                self._line.search_ext(
                    people_dn(), ldap.SCOPE_ONELEVEL, wanted, [*attributes, *ABOUT], serverctrls=paged
                )
            )
        except ldap.LDAPError as error:
            raise _outcome(error) from error

    def _searched(self, message: int, attributes: Sequence[str]) -> tuple[list[Found], bytes]:
        """The entries that a search found, and the cookie of the next page, empty at the end."""
        try:
            _, entries, _, controls, _, _ = self._wait(message)
        except ldap.LDAPError as error:
            raise _outcome(error) from error
        cookies = [control.cookie for control in controls if isinstance(control, SimplePagedResultsControl)]
        spelling = _spelling(attributes)
        # Referrals to other servers come as entries without a name.
        return [_found(dn, held, spelling) for dn, held in entries if dn], next(iter(cookies), b"")

    # ---- The line -------------------------------------------------------------------------------------------

    def _wait(self, message: int) -> Any:
        return self._line.result4(message, all=1, timeout=settings.DIRECTORY_TIMEOUT)

    def _whoami(self) -> str:
        try:
            return str(self._line.whoami_s())
        except ldap.LDAPError as error:
            # Whoever may not even ask that has lost the right to be here: open the line anew.
            raise DirectoryAway(_answer(error)) from error


def _signed_in(server: str) -> Any:
    """An open line on which the server knows who we are. Raises `ldap.LDAPError`, `OSError`."""
    starttls = settings.DIRECTORY_STARTTLS and server.startswith("ldap:")
    if starttls or server.startswith("ldaps:"):
        handshake.rehearse(server, starttls=starttls)
    line = ldap.initialize(server)
    try:
        for option, value in _options(server).items():
            line.set_option(option, value)
        if starttls:
            line.start_tls_s()
        if settings.DIRECTORY_BIND_DN:
            line.simple_bind_s(settings.DIRECTORY_BIND_DN, settings.DIRECTORY_BIND_PASSWORD, serverctrls=[POLICY])
        else:
            # On its socket the server knows us by our user.
            line.sasl_external_bind_s()
    except ldap.LDAPError:
        line.unbind_s()
        raise
    return line


def _options(server: str) -> dict[int, Any]:
    """By python-ldap's numbers, in the order in which they have to be set."""
    seconds = settings.DIRECTORY_TIMEOUT
    options: dict[int, Any] = {
        ldap.OPT_PROTOCOL_VERSION: ldap.VERSION3,
        ldap.OPT_REFERRALS: 0,
        ldap.OPT_NETWORK_TIMEOUT: seconds,
        ldap.OPT_TIMEOUT: seconds,
        # What was sent and nobody acknowledged breaks the line too.
        ldap.OPT_TCP_USER_TIMEOUT: int(seconds * 1000),
    }
    if not server.startswith("ldapi:"):
        # Whatever the machine's ldap.conf says.
        options[ldap.OPT_X_TLS_REQUIRE_CERT] = ldap.OPT_X_TLS_DEMAND
        if settings.DIRECTORY_CA:
            options[ldap.OPT_X_TLS_CACERTFILE] = settings.DIRECTORY_CA
        # Makes the options above count.
        options[ldap.OPT_X_TLS_NEWCTX] = 0
    return options


# ---- Text and bytes -------------------------------------------------------------------------------------------------


def _is_text(value: str) -> bool:
    """Whether it can be written as UTF-8, without NUL, at which programs written in C stop reading."""
    return not NO_TEXT.search(value)


def _is_name(dn: str) -> bool:
    """Whether it is a distinguished name of text; an escaped NUL is one too, and servers would take it."""
    return bool(dn) and _is_text(dn) and ldap.dn.is_dn(dn) and not re.search(r"(?<!\\)(\\\\)*\\00", dn)


def _encoded(attributes: Attributes) -> list[tuple[str, list[bytes]]]:
    """Raises `Refused` for what is no text, by the name of the attribute."""
    for name, values in attributes.items():
        if not ATTRIBUTE.fullmatch(name):
            raise Refused("syntax", "an attribute has a name that is none")
        if not all(map(_is_text, values)):
            raise Refused("syntax", f"{name}: cannot be written as text")
    return [(name, [value.encode() for value in values]) for name, values in attributes.items()]


def _spelling(attributes: Sequence[str]) -> dict[str, str]:
    """The names that were asked for, by the same in lower case: servers spell them their own way."""
    return {name.lower(): name for name in attributes}


def _found(dn: str, held: Mapping[str, list[bytes]], spelling: dict[str, str]) -> Found:
    """The entry as `spelling` has its names; names that are met for the first time are added to it, "" for the rest."""
    attributes: dict[str, tuple[str, ...]] = {}
    about: dict[str, str] = {}
    for name, values in held.items():
        if name in ABOUT:
            about[name] = values[0].decode(errors="replace")
        asked = spelling.get(name)
        if asked is None:
            lower = name.lower()
            # A name without options asks for those with options too (RFC 4512 section 2.5.2).
            with_options = name if spelling.get(lower.partition(";")[0]) else ""
            asked = spelling[name] = spelling.get(lower, with_options)
        if asked:
            attributes[asked] = tuple([value.decode(errors="replace") for value in values])
    # Of several the one that names the entry.
    username = about.get("uid", "") if len(held.get("uid", ())) == 1 else ldap.dn.str2dn(dn)[0][0][1]
    return Found(
        dn=dn,
        username=username.lower(),
        attributes=attributes,
        uuid=about.get("entryUUID", ""),
        creator=about.get("creatorsName", "").lower(),
        created_at=_time(about.get("createTimestamp", "")),
        locked_at=about.get("pwdAccountLockedTime", ""),
    )


def _time(text: str) -> datetime | None:
    """A generalized time as servers write it, `20261128203000Z`; None for anything else."""
    if not text.endswith("Z"):
        return None
    try:
        return datetime.fromisoformat(f"{text[:8]}T{text[8:14]}Z")
    except ValueError:
        return None


# ---- Errors ---------------------------------------------------------------------------------------------------------


def _outcome(error: ldap.LDAPError, change: Change | None = None) -> Refused | DirectoryAway:
    if isinstance(error, AWAY):
        return DirectoryAway(_answer(error))
    code = POLICY_CODES.get(_policy_error(error)) or CODES.get(type(error), "other")
    return Refused(code, _without_values(_answer(error), change)[:LONGEST_ANSWER])


def _told(error: ldap.LDAPError) -> dict[str, Any]:
    told = error.args[0] if error.args else {}
    return told if isinstance(told, dict) else {"desc": str(told)}


def _answer(error: ldap.LDAPError) -> str:
    """The server's words: what kind of error it is, and what it says of it."""
    told = _told(error)
    if _policy_error(error) == 1:
        return "Account locked"
    if isinstance(error, ldap.TIMEOUT):
        return "no answer in time"
    words = [told.get("desc", type(error).__name__), told.get("info", "")]
    return ": ".join(word for word in words if word and word != "(unknown error code)")


def _policy_error(error: ldap.LDAPError) -> int:
    """What the password policy says; -1 where it does not."""
    for oid, _, value in _told(error).get("ctrls", ()):
        if oid == PasswordPolicyControl.controlType and value:
            control = PasswordPolicyControl()
            control.decodeControlValue(value)
            return -1 if control.error is None else int(control.error)
    return -1


def _without_values(answer: str, change: Change | None) -> str:
    """Some servers repeat the value that they refuse; it may be a number that is nobody's business."""
    match change:
        case Add():
            groups = [change.attributes]
        case Modify():
            groups = [change.replace, change.add]
        case _:
            groups = []
    values = {
        value for group in groups for name, held in group.items() if name.lower() != "objectclass" for value in held
    }
    # Shorter ones are words of the answer rather than anybody's data.
    for value in sorted((value for value in values if len(value) > 3), key=len, reverse=True):
        answer = re.sub(re.escape(value), "…", answer, flags=re.IGNORECASE)
    return answer

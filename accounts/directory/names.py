"""Distinguished names of people (RFC 4514), for modules that may not need anything that speaks LDAP."""

import re

from django.conf import settings

# A value as `dn_of` or a server writes it: plain characters, and escapes of characters or of bytes.
VALUE = r"(?:[^\\,+\"<>;\0]|\\.)+"

SPECIAL = re.compile(r"[\\,+\"<>;=\0-\x1f]|\A[ #]| \Z")


def people_dn() -> str:
    """Below it stand the entries of all people, side by side."""
    return f"ou=people,{settings.DIRECTORY_BASE_DN}"


def dn_of(username: str) -> str:
    """`uid=<username>,ou=people,<base>`."""
    return f"{rdn_of(username)},{people_dn()}"


def rdn_of(username: str) -> str:
    """`uid=<username>`; whatever means something in a name is escaped (RFC 4514 section 2.4)."""
    return f"uid={SPECIAL.sub(_escaped, username)}"


def username_of(dn: str) -> str:
    """The username in a name such as `dn_of` makes, or a server spells. Raises `ValueError` where it is no person's."""
    found = re.fullmatch(rf"uid=({VALUE}),(.+)", dn, re.IGNORECASE | re.DOTALL)
    if not found or _plain(found[2]) != _plain(people_dn()):
        raise ValueError("not the name of a person")
    # Bytes, because two escapes may be one letter.
    escape = re.compile(rb"\\(?:([0-9a-fA-F]{2})|(.))", re.DOTALL)
    return escape.sub(lambda pair: bytes.fromhex(pair[1].decode()) if pair[1] else pair[2], found[1].encode()).decode()


def _escaped(found: re.Match[str]) -> str:
    # Control characters as bytes: libldap takes a line's end for a blank around the value.
    return f"\\{found[0]}" if found[0] >= " " else f"\\{ord(found[0]):02x}"


def _plain(dn: str) -> str:
    return re.sub(r"\s*([,=])\s*", r"\1", dn.strip()).lower()

"""Whether a server that the settings name can be reached, and how long its certificate lasts."""

import smtplib
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from accounts.directory import handshake

PATIENCE = 3.0
PORTS = {"https": 443, "http": 80, "ldaps": 636, "ldap": 389, "redis": 6379, "rediss": 6379}
# Of databases with a view of records; whether their TLS is right shows when they are read.
PORTS |= {"postgres": 5432, "postgresql": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521}
PORTS |= {"smtp": 25, "smtp+tls": 587, "ldap+tls": 389}
ENCRYPTED = ("https", "ldaps", "rediss", "smtp+tls", "ldap+tls")


@dataclass(frozen=True)
class Reached:
    """`problem` is "" when all is well; `days_left` of its certificate, None where it shows none."""

    problem: str = ""
    days_left: int | None = None


def reach(address: str, *, ca: str = "") -> Reached:
    """Open a connection to the address's server, with TLS where its scheme says so, and send nothing else.

    `smtp+tls` and `ldap+tls` begin without TLS and ask for it. `ca` names a file of certificates to trust in place of
    the system's.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    try:
        with socket.create_connection((host, port), timeout=PATIENCE) as line:
            if parts.scheme not in ENCRYPTED:
                return Reached()
            if parts.scheme == "smtp+tls":
                _start_tls_of_mail(line)
            elif parts.scheme == "ldap+tls":
                handshake.start_tls(line)
            context = ssl.create_default_context(cafile=ca or None)
            with context.wrap_socket(line, server_hostname=host) as encrypted:
                return Reached(days_left=_days_left(encrypted.getpeercert()))
    except ssl.SSLCertVerificationError as error:
        return Reached(f"the certificate is not accepted: {error.verify_message}")
    except OSError as error:
        return Reached(error.strerror or str(error) or error.__class__.__name__)


def _start_tls_of_mail(line: socket.socket) -> None:
    """Ask a mail server for TLS (RFC 3207). Raises `OSError` where it does not speak it."""
    talk = smtplib.SMTP(local_hostname="localhost")
    talk.sock = line
    talk.getreply()
    talk.ehlo()
    if talk.docmd("STARTTLS")[0] != 220:
        raise ConnectionRefusedError("the server does not speak STARTTLS")


def _days_left(certificate: object) -> int | None:
    if not isinstance(certificate, dict) or "notAfter" not in certificate:
        return None
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    return (ends - datetime.now(UTC)).days

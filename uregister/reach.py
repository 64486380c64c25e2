"""Whether a server that the settings name can be reached, and how long its certificate lasts."""

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

PATIENCE = 3.0
PORTS = {"https": 443, "http": 80, "ldaps": 636, "ldap": 389, "redis": 6379, "rediss": 6379}
# Of databases with a view of records; whether their TLS is right shows when they are read.
PORTS |= {"postgres": 5432, "postgresql": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521}
ENCRYPTED = ("https", "ldaps", "rediss")


@dataclass(frozen=True)
class Reached:
    """`problem` is "" when all is well; `days_left` of its certificate, None where it shows none."""

    problem: str = ""
    days_left: int | None = None


def reach(address: str, *, ca: str = "") -> Reached:
    """Open a connection to the address's server, with TLS where its scheme says so, and send nothing.

    `ca` names a file of certificates to trust in place of the system's.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    try:
        with socket.create_connection((host, port), timeout=PATIENCE) as line:
            if parts.scheme not in ENCRYPTED:
                return Reached()
            context = ssl.create_default_context(cafile=ca or None)
            with context.wrap_socket(line, server_hostname=host) as encrypted:
                return Reached(days_left=_days_left(encrypted.getpeercert()))
    except ssl.SSLCertVerificationError as error:
        return Reached(f"the certificate is not accepted: {error.verify_message}")
    except OSError as error:
        return Reached(error.strerror or error.__class__.__name__)


def _days_left(certificate: object) -> int | None:
    if not isinstance(certificate, dict) or "notAfter" not in certificate:
        return None
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    return (ends - datetime.now(UTC)).days

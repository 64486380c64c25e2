"""Tries whether a server can do TLS with us, before libldap does it in earnest.

libldap built with GnuTLS, as Debian's is, waits for ever, and busily, for a server that accepts the connection and
then says nothing (its loop around `gnutls_handshake` knows no time-out). And of a certificate that it refuses it tells
no more than that the server cannot be reached. Python's `ssl` has an end and says why.
"""

import socket
import ssl
from urllib.parse import urlsplit

from django.conf import settings

# The extended request StartTLS (RFC 4511 section 4.14.1) as message 1, and what its success begins with.
STARTTLS = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
STARTED = b"\x02\x01\x01\x78"
SUCCESS = b"\x0a\x01\x00"


def rehearse(server: str, *, starttls: bool) -> None:
    """Connect, verify the certificate, and leave again. Raises `OSError` with a reason."""
    address = urlsplit(server)
    port = address.port or (389 if starttls else 636)
    context = ssl.create_default_context(cafile=settings.DIRECTORY_CA or None)
    # Authorities of institutions rarely are as strict as Python wants it since 3.13; libldap does not mind.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with socket.create_connection((address.hostname, port), timeout=settings.DIRECTORY_TIMEOUT) as plain:
        if starttls:
            start_tls(plain)
        with context.wrap_socket(plain, server_hostname=address.hostname):
            return


def start_tls(plain: socket.socket) -> None:
    """Ask the server for TLS on this connection. Raises `OSError` where it does not speak it."""
    plain.sendall(STARTTLS)
    answer = plain.recv(4096)
    if STARTED not in answer or SUCCESS not in answer:
        raise ConnectionRefusedError("the server does not speak StartTLS")


def reason(error: OSError) -> str:
    """Why it did not work, in one line."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not accepted: {error.verify_message}"
    return error.strerror or str(error) or type(error).__name__

"""Throw-away certificates for servers on loopback."""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificate:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        plain = serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
    """Valid from yesterday on, and for so many days from now."""
    now = dt.datetime.now(dt.UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - dt.timedelta(days=1),
        not_valid_after=now + dt.timedelta(days=days),
    )


def authority(name: str) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = begun(named(name), named(name), key, 100)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return Certificate(builder.sign(key, hashes.SHA256()), key)


def certificate(
    issuer: Certificate, *, names: Sequence[str], addresses: Sequence[str] = (), days: int = 1
) -> Certificate:
    """A server's certificate for these host names and addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = begun(named(names[0]), issuer.certificate.subject, key, days)
    hosts = [x509.DNSName(name) for name in names]
    hosts += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    return Certificate(builder.sign(issuer.key, hashes.SHA256()), key)

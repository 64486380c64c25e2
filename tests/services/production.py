"""The product in production mode as its users meet it: TLS, PostgreSQL, Redis, a worker, and mail that arrives.

gunicorn speaks TLS itself here, so that no proxy adds, takes away or compresses anything.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet
from django_otp.oath import totp

from tests.messaging.browser import PASSWORD, Browser
from tests.registry.sheets import student, write_csv
from tests.services.certificates import authority, certificate
from tests.services.mail import MailServer, mail_server
from tests.services.postgresql import postgresql
from tests.services.processes import wait_until
from tests.services.product import Product, prepared, web
from tests.services.redis import redis
from tests.services.worker import worker

ADMINISTRATOR, APP_KEY = "administrator", "0123456789abcdef0123456789abcdef01234567"
MAKE_ADMINISTRATOR = f"""
from accounts.models import Account
from django_otp.plugins.otp_totp.models import TOTPDevice
account = Account.objects.create_superuser({ADMINISTRATOR!r}, {PASSWORD!r})
TOTPDevice.objects.create(user=account, name="app", confirmed=True, key={APP_KEY!r})
"""


@dataclass
class Production:
    product: Product
    mail: MailServer
    # Students by number who have not been used yet.
    newcomers: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.product.url

    def visitor(self) -> "Visitor":
        return Visitor(self)


class Visitor(Browser):
    """A browser over TLS: its Referer is looked at, and its cookies are those of production."""

    def __init__(self, production: Production) -> None:
        super().__init__(production.product)
        self.session.verify = production.product.ca
        # The environment's certificates would come before ours.
        self.session.trust_env = False
        self.session.headers["Referer"] = f"{production.url}/"
        self.production = production

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.session.cookies)

    def reach_pin(self) -> str:
        """As a student who has not activated; returns their PIN."""
        address = f"s{self.production.newcomers.pop(0)}@example.org"
        self.ask_for_pin(email=address)
        mail = self.production.mail
        wait_until(lambda: mail.to(address), "the PIN has come")
        found = re.search(r"(?<!\d)\d{6}(?!\d)", mail.to(address)[0].text)
        assert found
        return found[0]

    def reach_password(self) -> None:
        pin = self.reach_pin()
        assert self.post("/activation/pin/", pin=pin).headers["Location"] == "/activation/confirm/"
        assert self.post("/activation/confirm/", decision="agree").headers["Location"] == "/activation/password/"

    def activate_and_sign_in(self) -> None:
        username = self.finish(self.reach_pin())
        assert self.post("/mypassword/login/", username=username, password=PASSWORD).status_code == 302

    def sign_in_as_administrator(self) -> None:
        code = f"{totp(bytes.fromhex(APP_KEY), t0=0, drift=0):06}"
        assert self.post("/mypassword/login/", username=ADMINISTRATOR, password=PASSWORD).status_code == 302
        assert self.post("/mypassword/login/code/", code=code).status_code == 302


@contextmanager
def production(state: Path, *, students: int = 5, **settings: str) -> Iterator[Production]:
    """With so many students, none of whom has activated, and an administrator with a second factor."""
    with ExitStack() as stack:
        mail = stack.enter_context(mail_server())
        own = {
            "MODE": "production", "SECRET_KEY": secrets.token_urlsafe(48), "DATA_KEYS": Fernet.generate_key().decode(),
            "HOSTS": "127.0.0.1", "SCOPE": "example.com", "DATABASE_URL": stack.enter_context(postgresql()),
            "REDIS_URL": stack.enter_context(redis()), "EMAIL_URL": mail.url, "EMAIL_FROM": "noreply@example.org",
            "HELPDESK_EMAIL": "help@example.org", "STATIC_ROOT": str(state / "static"),
        }  # fmt: skip
        product = prepared(state, demo_people=False, **(own | settings))
        product.manage("collectstatic", "--noinput", "--verbosity", "0")
        product.manage("shell", "--no-imports", "--command", MAKE_ADMINISTRATOR)
        newcomers = list(range(1, students + 1))
        records = [student(number, enrollmentType="abroad") for number in newcomers]
        product.manage("import_registry", str(write_csv(state / "students.csv", *records)))
        stack.enter_context(worker(state, product.env, concurrency=1))
        product.ca = str(state / "ca")
        stack.enter_context(web(product, options=_tls(state)))
        yield Production(product, mail, newcomers)


def _tls(state: Path) -> list[str]:
    """gunicorn's options for a certificate, whose authority is the file `ca`."""
    issuer = authority("Example CA")
    served = certificate(issuer, names=["localhost"], addresses=["127.0.0.1"], days=30)
    files = {"ca": issuer.certificate_pem, "crt": served.certificate_pem, "key": served.key_pem}
    for name, content in files.items():
        (state / name).write_bytes(content)
    return ["--certfile", str(state / "crt"), "--keyfile", str(state / "key")]

"""Every process of an installation as an operator has them, in production mode, private and on free ports."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from cryptography.fernet import Fernet

from tests.bench.students import write_students
from tests.services.mail import MailServer, mail_server
from tests.services.nginx import HOST, Nginx, nginx
from tests.services.openldap import OpenLDAP, openldap
from tests.services.postgresql import PostgresqlServer, postgresql_server
from tests.services.processes import free_port, private_directory
from tests.services.product import Product, prepared, web
from tests.services.redis import RedisServer, redis_server
from tests.services.worker import CeleryProcess, beat, worker

# As `uregister.settings` has them; other tests hash cheaply.
ARGON2 = {"ARGON2_MEMORY_KIB": "19456", "ARGON2_TIME_COST": "2", "ARGON2_PARALLELISM": "1"}
# What an operator raises for an enrolment day, see the README.
BUDGETS = '{"sms:all": "30000 per hour", "sms:range": "30000 per hour"}'
# On two cores.
WEB_PROCESSES = WORKER_PROCESSES = 2
MEGABYTE = 1 << 20


@dataclass
class House:
    """`people` are the numbers and usernames of those whose records are complete."""

    product: Product
    database: PostgresqlServer
    broker: RedisServer
    directory: OpenLDAP
    proxy: Nginx
    mail: MailServer
    worker: CeleryProcess
    beat: CeleryProcess
    gateway_port: int
    people: list[tuple[str, str]]
    trust: ssl.SSLContext = field(init=False)

    def __post_init__(self) -> None:
        self.trust = ssl.create_default_context(cafile=str(self.proxy.ca))

    @property
    def parts(self) -> dict[str, psutil.Process]:
        """The first process of each part; those that it has begun belong to it."""
        return {
            "web": psutil.Process(self.product.pid),
            "worker": psutil.Process(self.worker.pid),
            "database": psutil.Process(self.database.pid),
            "redis": psutil.Process(self.broker.pid),
            "directory": psutil.Process(self.directory.pid),
            "proxy": self.proxy.process,
            "beat": psutil.Process(self.beat.pid),
        }

    def cpu(self) -> dict[str, float]:
        """CPU seconds of each part so far, of processes that have ended too."""
        return {name: sum(_cpu(each) for each in _tree(first)) for name, first in self.parts.items()}

    def memory(self) -> dict[str, float]:
        """Megabytes of each part; what processes share is shared out between them (PSS)."""
        return {
            name: sum(each.memory_full_info().pss for each in _tree(first)) / MEGABYTE
            for name, first in self.parts.items()
        }


def _tree(first: psutil.Process) -> list[psutil.Process]:
    return [first, *first.children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system + used.children_user + used.children_system)


@contextmanager
def house(*, people: int, database: dict[str, str] | None = None) -> Iterator[House]:
    """Running, with the records of so many students; `database` are settings of PostgreSQL."""
    with ExitStack() as stack:
        state = stack.enter_context(private_directory("load"))
        # A disk that may be trusted: commits wait for it.
        server = stack.enter_context(postgresql_server(database or {}))
        broker = stack.enter_context(redis_server())
        directory = stack.enter_context(openldap())
        mail = stack.enter_context(mail_server())
        port = free_port()
        product = prepared(state, demo_people=False, **settings(server, broker, directory, mail, port))
        # As image and units have it.
        product.env["MALLOC_ARENA_MAX"] = "2"
        product.manage("collectstatic", "--noinput", "--verbosity", "0")
        numbers = fill(product, people)
        stack.enter_context(web(product, processes=WEB_PROCESSES))
        hands = stack.enter_context(worker(state, product.env, concurrency=WORKER_PROCESSES))
        clock = stack.enter_context(beat(state, product.env))
        proxy = stack.enter_context(nginx(int(urlsplit(product.url).port or 0)))
        yield House(product, server, broker, directory, proxy, mail, hands, clock, port, numbers)


def settings(
    server: PostgresqlServer, broker: RedisServer, directory: OpenLDAP, mail: MailServer, gateway: int
) -> dict[str, str]:
    """Of a production installation, named without `UREGISTER_`."""
    return {
        "MODE": "production",
        "SECRET_KEY": "a-secret-of-the-tests-that-protects-nothing-at-all-0123456789",
        "DATA_KEYS": Fernet.generate_key().decode(),
        "HOSTS": f"{HOST},127.0.0.1",
        "TRUSTED_PROXIES": "1",
        "SCOPE": "example.org",
        "DATABASE_URL": server.url,
        "REDIS_URL": broker.url,
        "EMAIL_URL": mail.url,
        "EMAIL_FROM": "noreply@example.org",
        "OPERATOR_EMAIL": "noc@example.org",
        "HELPDESK_EMAIL": "help@example.org",
        "SMS_GATEWAYS": "http",
        "HTTP_SMS_URL": f"http://127.0.0.1:{gateway}/send",
        "HTTP_SMS_SUCCESS": '"status": "OK"',
        "LIMITS": BUDGETS,
        **ARGON2,
        **directory.environment,
    }


def fill(product: Product, people: int) -> list[tuple[str, str]]:
    """Import the records of so many students; returns their mobiles and usernames."""
    file: Path = product.state / "students.csv"
    write_students(file, people)
    product.manage("import_registry", str(file), seconds=600)
    return [(f"+30690{turn:07}", f"it{turn:07}") for turn in range(people)]

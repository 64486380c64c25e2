"""What docker-compose.yml starts, from an operator's first command to a person's first sign-in at the directory."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from tests.messaging.browser import PASSWORD, Browser
from tests.registry.sheets import STUDENT, student, write_csv
from tests.services.compose import Composed, composed
from tests.services.mail import MailServer, mail_server
from tests.services.openldap import program
from tests.services.processes import private_directory, wait_until
from tests.services.product import Product

pytestmark = pytest.mark.slow

HOST = "account.uni.example"
BASE = "dc=uni,dc=example"
SERVICE = f"cn=uregister,ou=services,{BASE}"


@pytest.fixture(scope="module")
def post() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def stack(post: MailServer) -> Iterator[Composed]:
    with private_directory("compose") as directory, composed(directory, email_url=post.url) as running:
        yield running


class Proxy(HTTPAdapter):
    """What stands in front and speaks TLS: requests for the host go on to a web process, with what a proxy adds."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        asked = request.url or ""
        request.headers.update({"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
        request.url = asked.replace(f"https://{HOST}", self._target)
        response = super().send(request, *args, **options)
        request.url = asked
        return response


def browser_of(stack: Composed) -> Browser:
    browser = Browser(Product(f"https://{HOST}", stack.directory, {}, stack.directory / "log"))
    browser.session.mount(browser.url, Proxy(stack.url))
    browser.session.headers["Origin"] = browser.url
    return browser


def binds(stack: Composed, dn: str, password: str) -> bool:
    command = [program("ldapwhoami"), "-x", "-H", stack.socket_url, "-D", dn, "-y", "/dev/stdin"]
    return subprocess.run(command, input=password.encode(), capture_output=True, check=False).returncode == 0


def test_a_person_activates_and_the_directory_knows_them(stack: Composed, post: MailServer, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "students.csv", STUDENT, student(2))
    assert json.loads(stack.run("web", f"python manage.py import_registry {file} --json"))["added"] == 2

    browser = browser_of(stack)
    browser.ask_for_pin(email="maria@example.org")
    wait_until(lambda: post.to("maria@example.org"), "the PIN has come")
    pin = re.search(r"(?<!\d)\d{6}(?!\d)", post.to("maria@example.org")[0].text)
    assert pin
    assert browser.finish(pin[0]) == "maria"

    person = f"uid=maria,ou=people,{BASE}"
    wait_until(lambda: binds(stack, person, PASSWORD), "the directory knows the person")

    # A new password of the service account counts from the next start on; entries stay.
    stack.kill("openldap")
    assert not stack.is_healthy("openldap")
    (stack.directory / "secrets/directory_password").write_text("another-secret\n", encoding="utf-8")
    stack.start("openldap")
    wait_until(lambda: stack.is_healthy("openldap"), "the directory is back")
    assert binds(stack, person, PASSWORD)
    assert binds(stack, SERVICE, "another-secret")


def test_a_dump_of_the_directory_is_restored(stack: Composed) -> None:
    def dump_under(config: Path) -> bytes:
        return subprocess.run([program("slapcat"), "-F", config, "-n", "1"], capture_output=True, check=True).stdout

    running = psutil.Process(stack.processes["openldap"].pid).cmdline()
    dump = dump_under(Path(running[running.index("-F") + 1]))
    assert f"dn: {SERVICE}\n".encode() in dump
    with private_directory("restored") as empty:
        env = stack.environment("openldap") | {"LDAP_DATA": str(empty), "TMPDIR": str(empty)}
        subprocess.run([*stack.command("openldap"), "restore"], input=dump, env=env, check=True)
        assert dump_under(next(empty.glob("tmp.*/config"))) == dump


def test_pages_come_with_their_static_files_and_by_https_only(stack: Composed) -> None:
    browser = browser_of(stack)
    style = re.search(r'href="(/static/css/[^"]+)"', browser.get("/").text)
    assert style
    assert browser.get(style[1]).headers["Cache-Control"] == "max-age=315360000, public, immutable"
    plain = requests.get(stack.url, headers={"Host": HOST}, allow_redirects=False, timeout=10)
    assert plain.headers["Location"] == f"https://{HOST}/"


def test_figures_are_for_who_brings_the_token(stack: Composed) -> None:
    browser = browser_of(stack)
    assert browser.get("/metrics").status_code == 404
    browser.session.headers["Authorization"] = f"Bearer {stack.secret('metrics_token')}"
    assert "uregister_worker_seen_seconds" in browser.get("/metrics").text


def test_a_process_without_a_sign_of_life_is_told(stack: Composed) -> None:
    """The worker is killed with all its children; what beat and the pages say of themselves does not change."""
    stack.kill("worker")
    sign = Path(stack.environment("worker")["UREGISTER_SIGN_OF_LIFE"])
    assert stack.is_healthy("worker")
    long_ago = sign.stat().st_mtime - 31
    os.utime(sign, (long_ago, long_ago))
    assert not stack.is_healthy("worker")
    assert stack.is_healthy("beat")
    assert stack.is_healthy("web")

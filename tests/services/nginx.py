"""A private nginx with the very server that an operator copies, see `deploy/nginx`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.services.certificates import authority, certificate
from tests.services.processes import (
    alive,
    answers,
    free_port,
    private_directory,
    running,
    unprivileged_user,
    wait_until,
)
from tests.services.product import ROOT

FILES = ROOT / "deploy/nginx"
HOST = "account.example.org"

AROUND = """
daemon off;
worker_processes 1;
pid {directory}/pid;
error_log {directory}/errors warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/uregister.conf;
}}
"""


@dataclass(frozen=True)
class Nginx:
    """`ca` is the file of the authority that has signed its certificate for `HOST`."""

    port: int
    ca: Path
    process: psutil.Process


@contextmanager
def nginx(web: int) -> Iterator[Nginx]:
    """In front of the web processes at this port."""
    with private_directory("nginx", owner=unprivileged_user()) as directory:
        port = free_port()
        set_up(directory, port=port, web=web)
        command = ["/usr/sbin/nginx", "-c", str(directory / "nginx.conf"), "-e", str(directory / "errors")]
        log = directory / "log"
        with running(command, log=log, user=unprivileged_user(), cwd=directory) as process:

            def ready() -> bool:
                alive(process, log)
                return answers(port)

            wait_until(ready, "nginx answers")
            yield Nginx(port, directory / "ca.crt", psutil.Process(process.pid))


def set_up(directory: Path, *, port: int, web: int) -> None:
    """The server's file with ports, certificate and paths of this machine in the place of the operator's."""
    issuer = authority("Example CA")
    served = certificate(issuer, names=[HOST], addresses=["127.0.0.1"])
    for name, content in (("ca", issuer.certificate_pem), ("server", served.certificate_pem)):
        (directory / f"{name}.crt").write_bytes(content)
    (directory / "server.key").write_bytes(served.key_pem)
    server = (FILES / "uregister.conf").read_text(encoding="utf-8")
    for written, here in {
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "127.0.0.1:8000": f"127.0.0.1:{web}",
        f"/etc/ssl/{HOST}/fullchain.pem": f"{directory}/server.crt",
        f"/etc/ssl/{HOST}/key.pem": f"{directory}/server.key",
        "/opt/uregister/deploy/nginx": str(directory),
    }.items():
        assert written in server, f"{written!r} is not in the site"
        server = server.replace(written, here)
    (directory / "uregister.conf").write_text(server, encoding="utf-8")
    (directory / "away.html").write_bytes((FILES / "away.html").read_bytes())
    (directory / "nginx.conf").write_text(AROUND.format(directory=directory), encoding="utf-8")

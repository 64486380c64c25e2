"""A private OpenLDAP, set up with the very files that an operator loads, see `deploy/openldap`.

Debian's AppArmor profile and its own configuration are not involved: everything lies in a directory under /tmp.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import ldap
import ldap.filter
import ldap.ldapobject

from tests.services.certificates import authority, certificate
from tests.services.processes import alive, free_port, private_directory, running, wait_until

FILES = Path(__file__).resolve().parent.parent.parent / "deploy/openldap"
BASE = "dc=example,dc=org"
PEOPLE = f"ou=people,{BASE}"
ROOT = f"cn=admin,{BASE}"
SERVICE = f"cn=uregister,ou=services,{BASE}"
POLICY = f"cn=default,ou=policies,{BASE}"
READER = f"cn=idp,ou=services,{BASE}"
# Of the manager and of all services.
PASSWORD = "secret-of-the-tests"

# More than 100,000 entries need; the file is sparse.
ROOM = 4 * 1024**3

CONFIG = """\
dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: {directory}/pid
olcTLSCertificateFile: {directory}/server.crt
olcTLSCertificateKeyFile: {directory}/server.key
# Whoever comes through the socket as our user is URegister: no password needed.
olcAuthzRegexp: "gidNumber={gid}\\+uidNumber={uid},cn=peercred,cn=external,cn=auth" "{service}"

dn: cn=module{{0}},cn=config
objectClass: olcModuleList
cn: module{{0}}
olcModulePath: {modules}
olcModuleLoad: back_mdb

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

{schema}

dn: olcDatabase={{0}}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {{0}}config
olcRootPW: {password}

dn: olcDatabase={{1}}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {{1}}mdb
olcSuffix: {base}
olcRootDN: {root}
olcRootPW: {password}
olcDbDirectory: {directory}/data
olcDbMaxSize: {room}
olcDbNoSync: TRUE
# As Debian's package sets it up.
olcDbIndex: objectClass eq
olcDbIndex: cn,uid eq
olcAccess: to * by dn.exact="{reader}" read by * none
"""

SUFFIX = f"dn: {BASE}\nobjectClass: organization\nobjectClass: dcObject\ndc: example\no: Example\n"


def program(name: str) -> str:
    """Servers and their tools are not on everybody's PATH."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/lib/openldap")
    if not found:
        raise FileNotFoundError(f"{name} of OpenLDAP is missing: `make setup` installs it")
    return found


def first_directory(*candidates: str) -> Path:
    return next(path for path in map(Path, candidates) if path.is_dir())


@dataclass
class OpenLDAP:
    """Can be stopped (it refuses connections), killed, paused (it accepts and does not answer), and started again."""

    directory: Path
    port: int = field(default_factory=free_port)
    secure_port: int = field(default_factory=free_port)
    _resources: ExitStack = field(default_factory=ExitStack)
    _policy: dict[str, list[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def secure_url(self) -> str:
        return f"ldaps://127.0.0.1:{self.secure_port}"

    @property
    def socket_url(self) -> str:
        return f"ldapi://{quote(str(self.directory / 'ldapi'), safe='')}"

    @property
    def ca(self) -> str:
        return str(self.directory / "ca.crt")

    @property
    def settings(self) -> dict[str, Any]:
        """Django's settings for it, through the plain door."""
        return {
            "DIRECTORY": "ldap",
            "DIRECTORY_URLS": [self.url],
            "DIRECTORY_STARTTLS": False,
            "DIRECTORY_BASE_DN": BASE,
            "DIRECTORY_BIND_DN": SERVICE,
            "DIRECTORY_BIND_PASSWORD": PASSWORD,
            "DIRECTORY_CA": self.ca,
        }

    @property
    def environment(self) -> dict[str, str]:
        """The same for a process of its own, named without `UREGISTER_`."""
        return {
            "DIRECTORY_URL": self.url,
            "DIRECTORY_BASE_DN": BASE,
            "DIRECTORY_BIND_DN": SERVICE,
            "DIRECTORY_BIND_PASSWORD": PASSWORD,
        }

    # ---- The process ----------------------------------------------------------------------------------------

    def start(self) -> None:
        doors = f"{self.url}/ {self.secure_url}/ {self.socket_url}/"
        # Where its certificate is none of its own.
        doors += f" ldaps://127.0.0.2:{self.secure_port}/"
        # A debug level, of nothing, keeps it in the foreground.
        command = [program("slapd"), "-F", str(self.directory / "config"), "-h", doors, "-d", "0"]
        log = self.directory / "log"
        process = self._resources.enter_context(running(command, log=log))
        self._process = process
        self.pid = process.pid

        def ready() -> bool:
            alive(process, log)
            try:
                self.connect().unbind_s()
            except ldap.SERVER_DOWN:
                return False
            return True

        wait_until(ready, "OpenLDAP answers")

    def stop(self) -> None:
        self._resources.close()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._resources.close()

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)
        # One of its threads might still answer.
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    # ---- Seen from beside the product -----------------------------------------------------------------------

    def connect(self, dn: str = ROOT, password: str = PASSWORD) -> Any:
        """A line of python-ldap's own, as the manager where nobody else is named."""
        line = ldap.ldapobject.SimpleLDAPObject(self.socket_url)
        line.set_option(ldap.OPT_NETWORK_TIMEOUT, 20)
        line.simple_bind_s(dn, password)
        return line

    @contextmanager
    def manager(self, dn: str = ROOT) -> Iterator[Any]:
        """The manager of the entries, or, as `cn=config`, of the server."""
        line = self.connect(dn)
        try:
            yield line
        finally:
            line.unbind_s()

    def entry(self, username: str) -> dict[str, list[str]]:
        """All of a person's entry, what only the manager may read too; empty where there is none."""
        asked = f"(uid={ldap.filter.escape_filter_chars(username)})"
        with self.manager() as line:
            found = line.search_s(PEOPLE, ldap.SCOPE_ONELEVEL, asked, ["*", "+"])
        return {name: [value.decode() for value in values] for _, entry in found for name, values in entry.items()}

    def usernames(self) -> set[str]:
        with self.manager() as line:
            found = line.search_s(PEOPLE, ldap.SCOPE_ONELEVEL, "(uid=*)", ["uid"])
        return {value.decode() for _, entry in found for value in entry["uid"]}

    def forget(self) -> None:
        """Delete all people."""
        with self.manager() as line:
            found = line.search_s(PEOPLE, ldap.SCOPE_ONELEVEL, "(objectClass=*)", ["1.1"])
            # Many at once, but not more than a server lets wait.
            for begin in range(0, len(found), 50):
                for message in [line.delete(dn) for dn, _ in found[begin : begin + 50]]:
                    line.result(message)

    def reset(self) -> None:
        """Running, with nobody in it, and with the policy of the operator's files."""
        self.resume()
        if self._process.poll() is not None:
            self.stop()
            self.start()
        self.forget()
        with self.manager() as line:
            wanted = [(ldap.MOD_REPLACE, name, values) for name, values in self._policy.items()]
            present = line.search_s(POLICY, ldap.SCOPE_BASE, "(objectClass=*)", ["*"])[0][1]
            gone = [(ldap.MOD_REPLACE, name, None) for name in present if name not in self._policy]
            line.modify_s(POLICY, wanted + gone)

    def policy(self, **changes: str) -> None:
        """Change the password policy for everybody: `policy(pwdMinAge="3600")`; empty removes."""
        wanted = [(ldap.MOD_REPLACE, name, [value.encode()] if value else None) for name, value in changes.items()]
        with self.manager() as line:
            line.modify_s(POLICY, wanted)

    @contextmanager
    def only_encrypted(self) -> Iterator[None]:
        """Refuse whatever comes without TLS or through the socket."""
        with self.manager("cn=config") as line:
            line.modify_s("cn=config", [(ldap.MOD_REPLACE, "olcSecurity", [b"ssf=70"])])
        try:
            yield
        finally:
            with self.manager("cn=config") as line:
                line.modify_s("cn=config", [(ldap.MOD_REPLACE, "olcSecurity", [b"ssf=0"])])

    def accepts(self, username: str, password: str) -> bool:
        """Whether `ldapwhoami` succeeds for the person with this password."""
        command = [program("ldapwhoami"), "-x", "-H", self.url, "-D", f"uid={username},{PEOPLE}", "-y", "/dev/stdin"]
        return subprocess.run(command, input=password.encode(), capture_output=True, check=False).returncode == 0


@contextmanager
def openldap() -> Iterator[OpenLDAP]:
    """A server with our schema, access rules and overlays, and nobody in it."""
    with private_directory("openldap") as directory:
        server = OpenLDAP(directory)
        set_up(server)
        server.start()
        try:
            load(server)
            yield server
        finally:
            server.resume()
            server.stop()


def set_up(server: OpenLDAP) -> None:
    """Certificates, configuration with schema, and an empty database."""
    directory = server.directory
    issuer = authority("Example CA")
    (directory / "ca.crt").write_bytes(issuer.certificate_pem)
    served = certificate(issuer, names=["localhost"], addresses=["127.0.0.1"])
    (directory / "server.crt").write_bytes(served.certificate_pem)
    (directory / "server.key").write_bytes(served.key_pem)
    (directory / "config").mkdir()
    (directory / "data").mkdir()
    standard = first_directory("/etc/ldap/schema", "/etc/openldap/schema")
    schema = [standard / f"{name}.ldif" for name in ("core", "cosine", "inetorgperson")]
    schema += [FILES / f"{name}.ldif" for name in ("eduperson", "schac", "schgrac")]
    config = CONFIG.format(
        directory=directory,
        uid=os.getuid(),
        gid=os.getgid(),
        modules=first_directory("/usr/lib/ldap", "/usr/lib64/openldap"),
        schema="\n\n".join(f"include: file://{path}" for path in schema),
        base=BASE,
        root=ROOT,
        service=SERVICE,
        reader=READER,
        password=PASSWORD,
        room=ROOM,
    )
    add = [program("slapadd"), "-F", str(directory / "config"), "-n", "0"]
    subprocess.run(add, input=config.encode(), check=True, capture_output=True)


def load(server: OpenLDAP) -> None:
    """What an operator loads into the running server."""
    modify = [program("ldapmodify"), "-x", "-H", server.socket_url, "-w", PASSWORD]
    for name in ("modules", "access"):
        subprocess.run([*modify, "-D", "cn=config", "-f", str(FILES / f"{name}.ldif")], check=True, capture_output=True)
    entries = SUFFIX + "\n" + (FILES / "tree.ldif").read_text(encoding="utf-8")
    subprocess.run([*modify, "-D", ROOT, "-a"], input=entries.encode(), check=True, capture_output=True)
    with server.manager() as line:
        for dn in (SERVICE, READER):
            line.modify_s(dn, [(ldap.MOD_REPLACE, "userPassword", [PASSWORD.encode()])])
        server._policy = line.search_s(POLICY, ldap.SCOPE_BASE, "(objectClass=*)", ["*"])[0][1]

"""The compose file names only what exists, and closes what can be closed. No container engine is needed to see that.

That what it says works is seen in `tests/machines/test_compose.py`.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from pytest_httpserver import HTTPServer

from tests.services.compose import COMPOSE, OURS, SERVICES, filled, settings_file
from tests.services.product import ROOT, manage

# The systems whose settings are read by the name of the system.
VIEWS = ("SIS", "HRMS")
BUILT = {name: ROOT / spec["build"] for name, spec in SERVICES.items() if "build" in spec}


def dockerfile(service: str) -> str:
    return (BUILT[service] / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `deploy/secrets demo` writes."""
    directory = tmp_path_factory.mktemp("demo")
    subprocess.run([ROOT / "deploy/secrets", "demo"], cwd=directory, check=True, capture_output=True)
    return directory


# ---- What is named exists -------------------------------------------------------------------------------------------


def test_every_setting_is_one_that_the_settings_read(demo: Path) -> None:
    text = "".join((ROOT / f"uregister/{name}.py").read_text(encoding="utf-8") for name in ("settings", "environment"))
    read = set(re.findall(r'"([A-Z][A-Z_0-9]+)"', text)) | {f"{system}_URL" for system in VIEWS}
    named = {name for service in OURS for name in SERVICES[service]["environment"]} | set(settings_file(demo / ".env"))
    assert named
    assert {name.removeprefix("UREGISTER_").removesuffix("_FILE") for name in named} <= read


def test_every_variable_of_the_directory_is_read_by_its_start() -> None:
    start = (BUILT["openldap"] / "start").read_text(encoding="utf-8")
    assert set(SERVICES["openldap"]["environment"]) == set(re.findall(r"\$\{(LDAP_\w+):\?", start))


def test_every_secret_is_declared_read_and_written(demo: Path) -> None:
    for service in SERVICES.values():
        paths = {value for value in service.get("environment", {}).values() if str(value).startswith("/run/secrets/")}
        assert paths == {f"/run/secrets/{secret}" for secret in service.get("secrets", [])}
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert {path.name for path in (demo / "secrets").iterdir()} == set(COMPOSE["secrets"])
    assert {spec["file"] for spec in COMPOSE["secrets"].values()} == {
        f"./secrets/{name}" for name in COMPOSE["secrets"]
    }


def test_every_setting_that_is_a_secret_may_be_a_file() -> None:
    text = (ROOT / "uregister/settings.py").read_text(encoding="utf-8")
    secret = set(re.findall(r'env\.\w+\(\s*"(\w+_(?:PASSWORD|TOKEN|KEYS?|HEADERS)|(?:DATABASE|EMAIL)_URL)"', text))
    secret |= {f"{system}_URL" for system in VIEWS}
    files = {name for name in SERVICES["web"]["environment"] if name.endswith("_FILE")}
    assert files == {f"UREGISTER_{name}_FILE" for name in secret}


def test_every_variable_of_the_file_is_set(demo: Path) -> None:
    given = settings_file(demo / ".env")
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert "UREGISTER_DIRECTORY_BASE_DN" in given
    assert "$" not in filled(text, given)
    with pytest.raises(ValueError, match=r"deploy/secrets"):
        filled(text, {})


def test_services_and_volumes_that_are_named_there_are() -> None:
    assert {other for service in SERVICES.values() for other in service.get("depends_on", {})} <= set(SERVICES)
    mounted = {volume.split(":")[0] for spec in SERVICES.values() for volume in spec.get("volumes", [])}
    assert mounted - {"./certificates"} == set(COMPOSE["volumes"])
    joined = {network for spec in SERVICES.values() for network in spec.get("networks", [])}
    assert joined == set(COMPOSE["networks"])


@pytest.mark.parametrize("service", OURS)
def test_commands_are_programs_of_the_environment(service: str) -> None:
    program = shlex.split(SERVICES[service]["command"])[0]
    assert (Path(sys.executable).parent / program).exists()


@pytest.mark.parametrize("service", BUILT)
def test_what_the_image_copies_exists(service: str) -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile(service), re.MULTILINE)
    sources = [source for line in copied for source in line.split()]
    assert sources
    assert all((BUILT[service] / source).exists() for source in sources)


def test_what_is_installed_is_locked_and_so_is_what_it_is_built_with() -> None:
    commands = re.findall(r"pip install (.+?)(?: &&|$)", dockerfile("web").replace("\\\n", ""), re.MULTILINE)
    assert all("--require-hashes" in command for command in commands)
    builders, product = commands
    assert builders.endswith("requirements/build.txt")
    assert {"--no-build-isolation", "requirements/base.txt", "requirements/directory.txt"} <= set(product.split())


def test_the_images_run_what_exists_and_may_be_run() -> None:
    assert 'ENTRYPOINT ["/openldap/start"]' in dockerfile("openldap")
    assert "COPY . /openldap" in dockerfile("openldap")
    assert os.access(BUILT["openldap"] / "start", os.X_OK)
    assert SERVICES["web"]["healthcheck"]["test"][2] in dockerfile("web")
    assert (ROOT / "deploy/alive.py").exists()


def test_the_image_keeps_secrets_and_state_out() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".env", "var", "secrets", "certificates", ".venv"} <= set(ignored)


@pytest.mark.parametrize("service", OURS)
def test_every_process_sees_the_certificates_that_settings_name(service: str) -> None:
    assert "./certificates:/certificates:ro" in SERVICES[service]["volumes"]


# ---- What runs, and how ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_everything_is_closed(service: str) -> None:
    spec = SERVICES[service]
    assert spec["read_only"] is True
    assert spec["cap_drop"] == ["ALL"]
    assert spec["security_opt"] == ["no-new-privileges:true"]
    user = re.findall(r"^USER (\S+)$", dockerfile(service), re.MULTILINE)[-1] if service in BUILT else spec["user"]
    assert user not in ("root", "0")


def test_what_holds_data_is_not_reached_from_outside() -> None:
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert [SERVICES[name].get("networks") for name in ("postgres", "redis")] == [["data"], ["data"]]
    assert SERVICES["openldap"]["network_mode"] == "none"
    assert {name for name, spec in SERVICES.items() if "ports" in spec} == {"web"}


def test_the_directory_sets_aside_memory_for_few_files() -> None:
    assert SERVICES["openldap"]["ulimits"]["nofile"] <= 4096


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_but_the_one_that_ends_has_a_health_check(service: str) -> None:
    check = SERVICES[service]["healthcheck"]
    assert check == {"disable": True} if service == "migrate" else check["test"]


def test_every_queue_has_a_worker() -> None:
    """A worker without `--queues` takes from the default one only."""
    routes = getattr(settings, "CELERY_TASK_ROUTES", {})
    used = {route["queue"] for route in routes.values()} | {getattr(settings, "CELERY_TASK_DEFAULT_QUEUE", "celery")}
    taken = set()
    for spec in SERVICES.values():
        command = shlex.split(spec.get("command", ""))
        if "worker" in command:
            queues = command[command.index("--queues") + 1] if "--queues" in command else "celery"
            taken |= set(queues.split(","))
    assert taken == used


# ---- The operator's first command -----------------------------------------------------------------------------------


def test_the_settings_that_are_written_begin_a_demo(demo: Path) -> None:
    env = settings_file(demo / ".env")
    env |= {
        name: value.replace("/run", str(demo))
        for name, value in SERVICES["web"]["environment"].items()
        if value.startswith("/run/secrets/") and name != "UREGISTER_DATABASE_URL_FILE"
    }
    env["UREGISTER_STATE_DIR"] = str(demo)
    done = manage("check", env={"PATH": os.environ["PATH"]} | env)
    assert done.returncode == 0, done.stderr


def test_secrets_are_not_written_over(demo: Path) -> None:
    before = {path: path.read_text(encoding="utf-8") for path in [*(demo / "secrets").iterdir(), demo / ".env"]}
    again = [ROOT / "deploy/secrets", "account.example.org", "example.org"]
    subprocess.run(again, cwd=demo, check=True, capture_output=True)
    assert {path: path.read_text(encoding="utf-8") for path in before} == before


def test_secrets_are_in_a_closed_directory_and_readable_by_the_users_of_containers(demo: Path) -> None:
    assert (demo / "secrets").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (demo / "secrets").iterdir()} == {0o644}


def test_settings_are_for_the_operator_only(demo: Path) -> None:
    assert (demo / ".env").stat().st_mode & 0o777 == 0o600


# ---- The answer of the pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "of_file", "asked"),
    [
        ("account.example.org,other.example.org", "", "account.example.org"),
        (".example.org", "", "example.org"),
        ("*", "", "127.0.0.1"),
        ("*, account.example.org", "", "account.example.org"),
        ("", "", "127.0.0.1"),
        ("", " account.example.org, other.example.org\n", "account.example.org"),
        ("account.example.org", "\n", "account.example.org"),
    ],
)
def test_the_pages_are_asked_for_by_a_name_that_they_allow(
    httpserver: HTTPServer, tmp_path: Path, hosts: str, of_file: str, asked: str
) -> None:
    httpserver.expect_request("/healthz").respond_with_data("")
    env = {"UREGISTER_HOSTS": hosts}
    if of_file:
        (tmp_path / "hosts").write_text(of_file, encoding="utf-8")
        env["UREGISTER_HOSTS_FILE"] = str(tmp_path / "hosts")
    address = f"http://127.0.0.1:{httpserver.port}/healthz"
    done = subprocess.run([sys.executable, ROOT / "deploy/alive.py", address], env=env, check=False)
    assert done.returncode == 0
    request, _answer = httpserver.log[0]
    assert request.headers["Host"].removesuffix(f":{httpserver.port}") == asked


# ---- The sign of life -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "told"), [(0, ""), (600, "no sign of life for 60")])
def test_the_age_of_a_sign_of_life(tmp_path: Path, age: int, told: str) -> None:
    sign = tmp_path / "alive"
    sign.touch()
    os.utime(sign, (time.time() - age, time.time() - age))
    done = subprocess.run([sys.executable, ROOT / "deploy/alive.py", sign], capture_output=True, text=True, check=False)
    assert done.returncode == (1 if told else 0)
    assert done.stderr.startswith(told)
    assert bool(done.stderr) == bool(told)


def test_who_never_gave_a_sign_of_life_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "deploy/alive.py", tmp_path / "none"], capture_output=True, check=False
    )
    assert done.returncode == 1

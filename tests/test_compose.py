"""The compose file names only what exists: settings, files, programs. No container engine is needed to see that."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

TOP = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((TOP / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "beat", "migrate")


def test_every_setting_is_one_that_the_settings_read() -> None:
    read = set(re.findall(r'"([A-Z][A-Z_0-9]+)"', (TOP / "uregister/settings.py").read_text(encoding="utf-8")))
    named = {name for service in OURS for name in SERVICES[service]["environment"]}
    assert named
    assert {name.removeprefix("UREGISTER_").removesuffix("_FILE") for name in named} <= read


def test_every_secret_is_declared_and_read_from_where_it_is_put() -> None:
    for service in SERVICES.values():
        paths = {value for value in service.get("environment", {}).values() if str(value).startswith("/run/secrets/")}
        assert paths == {f"/run/secrets/{secret}" for secret in service.get("secrets", [])}
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])


def test_services_wait_for_services_that_there_are() -> None:
    assert {other for service in SERVICES.values() for other in service.get("depends_on", {})} <= set(SERVICES)
    assert {volume.split(":")[0] for volume in SERVICES["postgres"]["volumes"]} <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("service", OURS)
def test_commands_are_programs_of_the_environment(service: str) -> None:
    program = SERVICES[service]["command"].split()[0]
    assert (TOP / ".venv/bin" / program).exists()


def test_what_the_image_copies_exists() -> None:
    dockerfile = (TOP / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    sources = [source for line in copied for source in line.split()]
    assert {"requirements/base.txt", "requirements/directory.txt"} <= set(sources)
    assert all((TOP / source).exists() for source in sources)


def test_the_image_keeps_secrets_and_state_out() -> None:
    ignored = (TOP / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", "var", "secrets", ".venv"} <= set(ignored)

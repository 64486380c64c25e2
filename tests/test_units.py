"""The units of systemd run what docker-compose.yml runs, with the same settings and as closed."""

import re
import shlex
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import Keepalive

from tests.services.compose import COMPOSE, OURS, SERVICES
from tests.services.product import ROOT

UNITS = ROOT / "deploy/systemd"
PROGRAMS = "/opt/uregister/.venv/bin/"
# What a container alone has use for: nobody asks for the sign of life of a unit, systemd sees its processes.
ONLY_IN_CONTAINERS = {"UREGISTER_SIGN_OF_LIFE"}


class Several(dict[str, Any]):
    """An option that is there several times is a list of lines, as configparser sees values of several lines."""

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, list) and key in self:
            value = self[key] + value
        super().__setitem__(key, value)


def unit(path: Path) -> ConfigParser:
    read = ConfigParser(dict_type=Several, strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign] # As configparser's documentation has it.
    read.read(path, encoding="utf-8")
    return read


COMMON = unit(UNITS / "uregister-.service.d/common.conf")["Service"]


def lines(option: str) -> dict[str, str]:
    return dict(re.split("[=:]", line, maxsplit=1) for line in COMMON[option].splitlines())


def of_container(text: str) -> str:
    """As the text would stand in the compose file."""
    text = text.replace("%d/", "/run/secrets/").replace("/opt/uregister/", "/app/")
    return text.replace("//127.0.0.1:6379", "//redis:6379").replace("127.0.0.1:8000", "0.0.0.0:8000")


def test_there_is_a_unit_for_each_process() -> None:
    names = {f"uregister-{name}" for name in (*OURS, "upgrade")}
    assert {path.stem for path in UNITS.glob("*.service")} == names


def test_an_upgrade_migrates_and_restarts_nothing() -> None:
    upgrade, migrate = (unit(UNITS / f"uregister-{name}.service") for name in ("upgrade", "migrate"))
    assert upgrade["Service"]["ExecStart"] == migrate["Service"]["ExecStart"]
    assert set(upgrade["Service"]) == {"Type", "ExecStart"}


@pytest.mark.parametrize("name", OURS)
def test_commands_are_those_of_the_compose_file(name: str) -> None:
    command = unit(UNITS / f"uregister-{name}.service")["Service"]["ExecStart"]
    assert command.startswith(PROGRAMS)
    assert shlex.split(of_container(command.removeprefix(PROGRAMS))) == shlex.split(SERVICES[name]["command"])


def test_settings_are_those_of_the_compose_file_and_of_the_image() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    image = dict(re.findall(r"^ENV .*?(UREGISTER_\w+|MALLOC_\w+)=(\S+)", dockerfile, re.MULTILINE))
    assert image
    wanted = SERVICES["web"]["environment"] | image
    found = {name: of_container(value) for name, value in lines("Environment").items()}
    assert found == {name: value for name, value in wanted.items() if name not in ONLY_IN_CONTAINERS}
    assert Path(COMMON["EnvironmentFile"]).name == SERVICES["web"]["env_file"]


def test_every_secret_is_handed_over_from_where_it_is_written() -> None:
    handed = lines("LoadCredential")
    assert set(handed) == set(SERVICES["web"]["secrets"])
    written = {name: f"/etc/uregister/{Path(COMPOSE['secrets'][name]['file'])}" for name in handed}
    assert handed == written


def test_commands_of_the_operator_get_what_the_units_get(tmp_path: Path) -> None:
    """systemd gives each service what stands in the directory of the beginning of its name."""
    (tmp_path / "systemd-run").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    (tmp_path / "systemd-run").chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    command = [ROOT / "deploy/manage", "export_person", "a name"]
    asked = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.splitlines()
    name = next(option.removeprefix("--unit=") for option in asked if option.startswith("--unit="))
    assert f"{name}.service".startswith((UNITS / "uregister-.service.d").name.removesuffix(".service.d"))
    assert asked[-4:] == [f"{PROGRAMS}python", "manage.py", "export_person", "a name"]


@pytest.mark.parametrize("name", [name for name in OURS if name != "migrate"])
def test_processes_begin_after_the_migration_and_begin_again(name: str) -> None:
    read = unit(UNITS / f"uregister-{name}.service")
    assert read["Unit"]["Requires"] == "uregister-migrate.service"
    assert "uregister-migrate.service" in read["Unit"]["After"].split()
    assert read["Service"]["Restart"] == "always"
    assert read["Install"]["WantedBy"] == "multi-user.target"


def test_units_are_as_closed_as_containers() -> None:
    assert COMMON["DynamicUser"] == COMMON["NoNewPrivileges"] == COMMON["PrivateTmp"] == "yes"
    assert COMMON["ProtectSystem"] == "strict"
    assert COMMON["CapabilityBoundingSet"] == ""


def test_the_proxy_says_what_one_trusted_proxy_has_to_say() -> None:
    text = (ROOT / "deploy/nginx/uregister.conf").read_text(encoding="utf-8")
    assert dict(re.findall(r"proxy_set_header (\S+) (\S+);", text)) == {
        "Connection": '""',
        "Host": "$host",
        "X-Forwarded-For": "$proxy_add_x_forwarded_for",
        "X-Forwarded-Proto": "https",
        "X-Request-ID": "$request_id",
    }


def test_the_proxy_lets_go_of_a_line_before_the_pages_do() -> None:
    text = (ROOT / "deploy/nginx/uregister.conf").read_text(encoding="utf-8")
    idle = re.search(r"^    keepalive_timeout (\d+)s;$", text, re.MULTILINE)
    assert idle
    assert "--keep-alive" not in SERVICES["web"]["command"]
    assert int(idle[1]) < Keepalive.default

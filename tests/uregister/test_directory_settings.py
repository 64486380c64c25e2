"""Settings of the directory that can't work together stop the start with one line."""

import re
from pathlib import Path

import pytest

from tests.services.product import environment, manage

SECRET = "s3cret-that-must-not-be-shown"
SERVER = {"DIRECTORY_URL": "ldaps://ldap.example.org", "DIRECTORY_BIND_DN": "cn=a", "DIRECTORY_BIND_PASSWORD": SECRET}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("DIRECTORY_URL", {"DIRECTORY_URL": "ldap://ldap.example.org"}),
        # The name alone would be let in as nobody.
        ("DIRECTORY_BIND_PASSWORD", {"DIRECTORY_BIND_PASSWORD": ""}),
        ("DIRECTORY_BIND_DN", {"DIRECTORY_BIND_DN": ""}),
        ("DIRECTORY_BIND_DN", {"DIRECTORY_BIND_DN": "", "DIRECTORY_URL": "ldapi://%2Frun%2Fldapi ldaps://example.org"}),
        ("DIRECTORY_CA", {"DIRECTORY_CA": "/nowhere/ca.crt"}),
        ("DIRECTORY_TIMEOUT", {"DIRECTORY_TIMEOUT": "0"}),
    ],
)
def test_a_directory_that_cannot_be_used_stops_the_start(name: str, changes: dict[str, str], tmp_path: Path) -> None:
    stopped = manage("check", env=environment(tmp_path, **SERVER | changes))
    assert stopped.returncode == 1
    assert re.fullmatch(rf"UREGISTER_{name}: [^\n]+\n", stopped.stderr)
    assert SECRET not in stopped.stderr


def test_a_directory_without_python_ldap_stops_the_start(tmp_path: Path) -> None:
    """As in an environment that was installed from requirements/base.txt only."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ldap'] = None\n", encoding="utf-8")
    env = environment(tmp_path, **SERVER) | {"PYTHONPATH": str(tmp_path)}
    stopped = manage("check", env=env)
    assert stopped.stderr == "UREGISTER_DIRECTORY_URL: needs python-ldap: pip install -r requirements/directory.txt\n"
    assert manage("check", env=env | {"UREGISTER_DIRECTORY_URL": ""}).returncode == 0

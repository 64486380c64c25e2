"""What the documentation names exists: pages and headings, files, commands, addresses, settings, limits, alerts."""

import re
import runpy
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from uregister import environment as env

TOP = Path(__file__).parent.parent
PAGES = [TOP / "README.md", *sorted((TOP / "docs").rglob("*.md"))]
SETTINGS = TOP / "docs/operators/settings.md"
FOLDERS = {path.name for path in TOP.iterdir() if path.is_dir() and not path.name.startswith(".")}
# Made by whoever installs or runs it.
MADE = {"var", "secrets", "staticfiles", "test-results", "certificates"}
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def codes(page: Path) -> list[str]:
    """Every piece of code of the page: blocks without their comments, and what stands in the lines."""
    text = text_of(page)
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    lines = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE))
    return [re.sub(r"#.*", "", block) for block in blocks] + lines


def anchors(page: Path) -> set[str]:
    """What a link may name behind `#`, as forges make it of the headings."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """File and heading of every link to something of ours."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if not re.match(r"\w+:", target):
            name, _hash, heading = target.partition("#")
            yield (page.parent / name).resolve() if name else page, heading


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    dead = [
        f"{target}#{heading}"
        for target, heading in links(page)
        if not target.exists() or (heading and heading not in anchors(target))
    ]
    assert dead == []


def test_every_page_is_linked_from_another() -> None:
    linked = {target for page in PAGES for target, _heading in links(page) if target != page}
    assert {page for page in PAGES if page.resolve() not in linked} == {TOP / "README.md"}


@every_page
def test_files_exist(page: Path) -> None:
    named = {
        path.rstrip("/.")
        for code in codes(page)
        for path in re.findall(r"(?<![\w./<*-])[\w.-]+/[\w./-]*", code)
        if path.split("/")[0] in FOLDERS - MADE
    }
    assert {path for path in named if not (TOP / path).exists()} == set()


@every_page
def test_commands_exist(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):(?!=)", text_of(TOP / "Makefile"), re.MULTILINE))
    made = {name for code in codes(page) for name in re.findall(r"\bmake ([a-z][\w-]*)", code)}
    managed = {name for code in codes(page) for name in re.findall(r"\bmanage\.py ([a-z]\w*)", code)}
    assert (made - targets, managed - set(get_commands())) == (set(), set())


@every_page
def test_addresses_exist(page: Path) -> None:
    roots = ("activation", "mypassword", "admin", "healthz", "readyz", "metrics", "terms", "privacy", "accessibility")
    named = {code for code in codes(page) if re.fullmatch(rf"/({'|'.join(roots)})[\w/-]*", code)}
    assert {path for path in named if not leads_somewhere(path)} == set()


def leads_somewhere(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


@every_page
def test_limits_alerts_and_figures_exist(page: Path) -> None:
    kinds = {name.split(":")[0] for name in settings.LIMITS}
    limits = {code for code in codes(page) if re.fullmatch(r"[a-z-]+:[a-z-]+", code) and code.split(":")[0] in kinds}
    rules = yaml.safe_load(text_of(TOP / "deploy/monitoring/alerts.yml"))["groups"][0]["rules"]
    alerts = set(re.findall(r"\bURegister[A-Z]\w+", text_of(page)))
    counted = text_of(TOP / "uregister/metrics.py")
    figures = {name for code in codes(page) for name in re.findall(r"\buregister_[a-z_]+", code)}
    assert limits - set(settings.LIMITS) == set()
    assert alerts - {rule["alert"] for rule in rules} == set()
    assert {name for name in figures if name not in counted} == set()


# ---- Settings -------------------------------------------------------------------------------------------


@pytest.fixture
def read_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> set[str]:
    """The names of all settings that the code reads, in production with whatever makes it read more."""
    given = {
        "MODE": "production", "SECRET_KEY": "throw-away", "DATA_KEYS": Fernet.generate_key().decode(),
        "HOSTS": "account.example.org", "SCOPE": "example.org", "DATABASE_URL": "postgres://nobody@127.0.0.1/none",
        "REDIS_URL": "redis://127.0.0.1/0", "EMAIL_URL": "smtp://127.0.0.1:25", "EMAIL_FROM": "noreply@example.org",
        "SIS_URL": "sqlite:////nowhere", "HRMS_URL": "sqlite:////nowhere", "STATE_DIR": str(tmp_path),
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"UREGISTER_{name}", value)
    names: set[str] = set()
    text: Callable[..., str] = env.text

    def noting(name: str, *arguments: Any, **options: Any) -> str:
        names.add(f"UREGISTER_{name}")
        return text(name, *arguments, **options)

    monkeypatch.setattr(env, "text", noting)
    runpy.run_path(str(TOP / "uregister/settings.py"))
    return names


def test_each_setting_has_its_place(read_settings: set[str]) -> None:
    cells = re.findall(r"^\| (`UREGISTER_.+?) \|", text_of(SETTINGS), re.MULTILINE)
    described = Counter(name for cell in cells for name in re.findall(r"UREGISTER_[A-Z0-9_]+", cell))
    assert set(described) == read_settings
    assert [name for name, times in described.items() if times > 1] == []


@every_page
def test_settings_exist(page: Path, read_settings: set[str]) -> None:
    # `UREGISTER_NAME_FILE` and `UREGISTER_DIRECTORY_…` stand for many.
    named = set(re.findall(r"UREGISTER_[A-Z0-9_]*[A-Z0-9](?![…\w])", text_of(page))) - {"UREGISTER_NAME_FILE"}
    assert {name for name in named if name.removesuffix("_FILE") not in read_settings} == set()

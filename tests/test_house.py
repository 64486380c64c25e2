"""The rules of the house that no linter knows, see docs/developers/map.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
LAYERS = {"registry": 0, "accounts": 1, "activation": 2, "mypassword": 2, "uregister": 3}

EVERY_APP = "__init__ apps models admin tasks urls views forms management migrations templatetags"
VOCABULARY = {
    "uregister": "settings environment wsgi celery checks health context rendering middleware logs metrics heartbeat "
    "reach privacy uploads formats postgresql",
    "registry": "names encryption insurance amka_service insurance_checks contacts lookup readiness corrections "
    "rekeying scope search quality exports workbooks write_back transliteration syntax "
    "sources importing readings import_jobs uploads queue online demo",
    "accounts": "opening access signin second_factor passwords printed_codes pins pin_screen attempts notices messages "
    "directory throttle proof_of_work purging audit lifecycle roles rights demo",
    "activation": "attempts purging steps flow advice screens refusals progress letters corrections correction_forms "
    "correction_views decisions quality_mail office",
    "mypassword": "guards purging screens recovery reset_codes contacts helpdesk",
}

LONGEST_FILE = 400
# All settings stand in one file.
LONG_FILES = {"uregister/settings.py"}
LONGEST_FUNCTION = 50


def python_files(*, tests: bool = True) -> Iterator[Path]:
    roots = [*LAYERS, "tests"] if tests else list(LAYERS)
    for name in roots:
        yield from (path for path in sorted((ROOT / name).rglob("*.py")) if "migrations" not in path.parts)


def templates() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*") if path.is_file())


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


# ---- Directions and names ---------------------------------------------------------------------------------------


def test_foreign_keys_point_downwards() -> None:
    """What import-linter cannot see: a relation may name a model without importing it."""
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        if not may_point(app_of(model), app_of(field.related_model))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "target", "allowed"),
    [
        *(("activation", "accounts", True), ("accounts", "registry", True), ("accounts", "django", True)),
        *(("registry", "accounts", False), ("accounts", "activation", False), ("mypassword", "activation", False)),
        *(("registry", "registry", True), ("django", "accounts", True)),
    ],
)
def test_directions(source: str, target: str, allowed: bool) -> None:
    assert may_point(source, target) is allowed


def may_point(source: str, target: str) -> bool:
    """To the same app or a lower one; what others make (Django's log of the admin) may point to the account."""
    return source not in LAYERS or source == target or LAYERS.get(target, -1) < LAYERS[source]


def app_of(model: type) -> str:
    return model.__module__.split(".")[0]


@pytest.mark.parametrize("app", LAYERS)
def test_modules_have_names_of_the_vocabulary(app: str) -> None:
    modules = {path.stem for path in (ROOT / app).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert modules - set(f"{EVERY_APP} {VOCABULARY[app]}".split()) == set()


def test_only_one_module_speaks_ldap() -> None:
    speakers = {shown(path) for path in python_files(tests=False) if "ldap" in imported(path)}
    assert speakers <= {"accounts/directory/ldap.py"}


def imported(path: Path) -> set[str]:
    """The top-level packages that the module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


# ---- Sizes ------------------------------------------------------------------------------------------------------


def test_no_file_is_too_long() -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE and path not in LONG_FILES} == {}


def test_no_function_is_too_long() -> None:
    too_long = {
        f"{shown(path)}:{node.lineno} {node.name}": length
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert too_long == {}


# ---- Templates --------------------------------------------------------------------------------------------------

FORBIDDEN_IN_TEMPLATES = {
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\ssrc\s*=)", re.IGNORECASE),
    "event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "javascript: address": re.compile(r"[\"']\s*javascript:", re.IGNORECASE),
}


def forbidden(text: str) -> list[str]:
    without_comments = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
    return [what for what, pattern in FORBIDDEN_IN_TEMPLATES.items() if pattern.search(without_comments)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<p style="color:red">', ["inline style"]),
        ("<style>p {}</style>", ["inline style"]),
        ("<script>go()</script>", ["inline script"]),
        ('<script type="application/json" id="x">{}</script>', ["inline script"]),
        ('<button class="x" onclick="go()">', ["event handler"]),
        ('<a href="javascript:go()">', ["javascript: address"]),
        ('<script src="/static/js/a.js" defer></script><link rel="stylesheet" href="a.css">', []),
        ("<p>on = off</p>{# <p style='x'> #}", []),
    ],
)
def test_what_templates_may_not_hold_is_found(text: str, found: list[str]) -> None:
    assert forbidden(text) == found


def test_templates_keep_to_the_content_security_policy() -> None:
    pages = [path for path in templates() if path.suffix in {".html", ".svg"} and not is_mail(path)]
    found = {shown(path): forbidden(path.read_text(encoding="utf-8")) for path in pages}
    assert {path: what for path, what in found.items() if what} == {}


def is_mail(path: Path) -> bool:
    """Mail programs know no style sheets: there, and only there, style stands in the text."""
    return path.relative_to(TEMPLATES).parts[0] == "messages"


def test_every_template_is_used() -> None:
    sources = [*python_files(tests=False), *templates()]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.suffix in {".py", ".html", ".txt"})
    unused = [name for path in templates() if not is_used(name := str(path.relative_to(TEMPLATES)), text)]
    assert unused == []


def is_used(name: str, text: str) -> bool:
    """Named as a whole, or by a name with a blank such as `activation/{step}.html` and what goes into the blank."""
    if name.startswith(("admin/", "django/", "registration/")):
        return True  # These replace a template that Django's own code names.
    folder, stem = str(Path(name).parent), Path(name).name.split(".")[0]
    with_blank = re.search(rf"[\"']{re.escape(folder)}/\{{\w+", text)
    return bool(
        re.search(rf"[\"']{re.escape(name)}[\"']", text) or (with_blank and re.search(rf"[\"']{stem}[\"']", text))
    )


# ---- Requirements -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").iterdir()), ids=lambda path: path.name)
def test_requirements_name_no_index(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"(?m)^\s*(?:--(?:extra-)?index-url|--find-links|--trusted-host|-i|-f)\b.*|\w+://\S+", text) == []


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_requirements_are_locked_with_hashes(path: Path) -> None:
    joined = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
    entries = [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]
    assert [line.split()[0] for line in entries if "==" not in line.split()[0] or "--hash=sha256:" not in line] == []


def test_development_holds_what_the_product_runs_with() -> None:
    """One environment serves both `make demo` and `make test`, so their versions must agree."""
    pins = {
        name: set(
            re.findall(r"(?m)^([\w.\[\]-]+==\S+)", (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8"))
        )
        for name in ("base", "directory", "development")
    }
    assert pins["base"] | pins["directory"] <= pins["development"]

"""`python -m tests.translations check`: every text is extracted, translated into both languages, and compiled.

`python -m tests.translations collect` extracts and compiles. The English text is the key itself, so the English
catalogue is filled from its keys; the Greek one is filled by people.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("el", "en")
SOURCES = ("uregister", "registry", "accounts", "activation", "mypassword", "templates", "static", "locale")
# `makemessages` reads no source below a `locale` folder, so this one is moved out of it.
OVERRIDES = "locale/overrides.py"


def catalogue(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def extract(root: Path) -> None:
    """Django's own `makemessages` in the tree below `root`, for all languages."""
    wanted = [part for language in LANGUAGES for part in ("--locale", language)]
    options = ["--no-wrap", "--no-obsolete", "--add-location", "file", "--verbosity", "0"]
    command = [sys.executable, "-m", "django", "makemessages", *wanted, *options]
    subprocess.run(command, cwd=root, check=True)


def keys(path: Path) -> set[tuple[str, str]]:
    return {(entry.msgctxt or "", entry.msgid) for entry in polib.pofile(str(path)) if not entry.obsolete}


def collect() -> None:
    """Extract, copy the English texts, compile."""
    with copied_tree() as copy:
        extract(copy)
        for language in LANGUAGES:
            file = polib.pofile(str(catalogue(copy, language)), wrapwidth=0)
            file.header, file.metadata, file.metadata_is_fuzzy = "", metadata(language), False
            if language == "en":
                fill_english(file)
            target = catalogue(ROOT, language)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.save(str(target))
            file.save_as_mofile(str(target.with_suffix(".mo")))
            sys.stdout.write(f"{language}: {file.percent_translated()} % of {len(file)} texts\n")


def metadata(language: str) -> dict[str, str]:
    """No dates: they would make every two branches conflict."""
    return {
        "Project-Id-Version": "URegister",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }


def fill_english(file: polib.POFile) -> None:
    for entry in file:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: entry.msgid, 1: entry.msgid_plural}
        else:
            entry.msgstr = entry.msgid
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]


@contextmanager
def copied_tree() -> Iterator[Path]:
    """What `makemessages` reads, in a place where it may write."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "locale").mkdir()
        for name in SOURCES:
            if (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / name, root / name, ignore=ignored, dirs_exist_ok=True)
        shutil.move(root / OVERRIDES, root / Path(OVERRIDES).name)
        yield root


def problems() -> Iterator[str]:
    missing = [str(catalogue(ROOT, language)) for language in LANGUAGES if not catalogue(ROOT, language).exists()]
    if missing:
        yield f"missing: {', '.join(missing)}"
        return
    with copied_tree() as copy:
        extract(copy)
        for language in LANGUAGES:
            yield from not_extracted(language, keys(catalogue(copy, language)))
            yield from not_translated(language)
            yield from not_compiled(language)


def not_extracted(language: str, current: set[tuple[str, str]]) -> Iterator[str]:
    known = keys(catalogue(ROOT, language))
    for _, text in sorted(current - known):
        yield f"{language}: not extracted: {text!r}"
    for _, text in sorted(known - current):
        yield f"{language}: no longer used: {text!r}"


def not_translated(language: str) -> Iterator[str]:
    file = polib.pofile(str(catalogue(ROOT, language)))
    for entry in [*file.untranslated_entries(), *file.fuzzy_entries()]:
        yield f"{language}: not translated: {entry.msgid!r}"


def not_compiled(language: str) -> Iterator[str]:
    source = catalogue(ROOT, language)
    compiled = source.with_suffix(".mo")
    if not compiled.exists() or texts(polib.mofile(str(compiled))) != texts(polib.pofile(str(source))):
        yield f"{language}: {compiled.name} is not compiled from {source.name}"


def texts(file: polib.POFile | polib.MOFile) -> dict[tuple[str, str], object]:
    return {
        (entry.msgctxt or "", entry.msgid): entry.msgstr_plural or entry.msgstr for entry in file.translated_entries()
    }


def main(action: str) -> int:
    if action == "collect":
        collect()
        return 0
    found = list(problems())
    sys.stdout.write(("\n".join(found) or "Translations are complete.") + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

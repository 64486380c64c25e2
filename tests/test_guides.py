"""The Greek guides say what the screens say, and show the pictures that `make screenshots` takes."""

import re
from pathlib import Path

import polib
import pytest

from tests.screenshots import ALL, IMAGES, LARGEST
from tests.test_docs import TOP, text_of

GUIDES = sorted((TOP / "docs/el").glob("*.md"))
PICTURE = re.compile(r"!\[([^\]]*)\]\(images/([\w-]+)\.png\)")
every_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """Every Greek text of the product, in small letters: headings and tables change their case."""
    catalogue = polib.pofile(str(TOP / "locale/el/LC_MESSAGES/django.po"))
    found = [text for entry in catalogue for text in (entry.msgstr, *entry.msgstr_plural.values())]
    return [flat(text) for text in found if text]


def flat(text: str) -> str:
    return " ".join(text.split()).casefold()


@every_guide
def test_what_is_said_to_be_on_a_screen_is(guide: Path, texts: list[str]) -> None:
    """Bold text stands on a screen; a heading in « » is an error that people read out."""
    page = text_of(guide)
    quoted = re.findall(r"\*\*(.+?)\*\*", page, re.DOTALL) + re.findall(r"^### «(.+)»$", page, re.MULTILINE)
    assert quoted
    assert [quote for quote in quoted if not any(flat(quote) in text for text in texts)] == []


def test_guides_show_every_picture_and_no_other() -> None:
    shown = [name for guide in GUIDES for _text, name in PICTURE.findall(text_of(guide))]
    assert sorted(shown) == sorted(path.stem for path in IMAGES.iterdir())


def test_every_picture_is_described() -> None:
    assert [name for guide in GUIDES for text, name in PICTURE.findall(text_of(guide)) if len(text) < 15] == []


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in IMAGES.iterdir()}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
    assert sum(sizes.values()) <= ALL

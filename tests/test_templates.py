"""The face: what holds for every page, rendered without request, database or browser."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template.loader import render_to_string
from django.test import RequestFactory

ROOT = Path(__file__).resolve().parent.parent
ERRORS = [
    "errors/400.html",
    "errors/403.html",
    "errors/404.html",
    "errors/429.html",
    "errors/500.html",
    "errors/csrf.html",
]
PAGES = [
    "home.html",
    "terms.html",
    "privacy.html",
    "accessibility.html",
    "mypassword/login.html",
    "mypassword/menu.html",
]
WIZARD = sorted(str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates/activation").glob("*.html"))
WIRE_LIMIT = 40_000


class SampleForm(forms.Form):
    role = forms.ChoiceField(label="Role", choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect)
    word = forms.CharField(label="Word", help_text="Any word")
    secret = forms.CharField(label="Secret", widget=forms.PasswordInput)
    agreed = forms.BooleanField(label="Agreed", help_text="Needed")

    def clean(self) -> dict[str, Any]:
        self.add_error(None, "Δεν βρέθηκε <b>κανείς</b>")
        return self.cleaned_data


class Outline(HTMLParser):
    """Identifiers, references to them, and headings of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.headings: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "data-shows", "data-opens"):
            self.references += values.get(name, "").split()
        if tag == "a" and values.get("href", "").startswith("#"):
            self.references.append(values["href"][1:])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(tag)


def rendered(name: str, **context: Any) -> str:
    return render_to_string(name, context if name in ERRORS else {"request": RequestFactory().get("/")} | context)


@pytest.mark.parametrize("name", ERRORS + PAGES + WIZARD)
def test_a_page_has_one_main_heading_and_no_loose_reference(name: str) -> None:
    outline = Outline(rendered(name))
    assert outline.headings.count("h1") == 1
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.references) <= set(outline.ids)


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_says_what_to_do_without_a_request(name: str) -> None:
    html = rendered(name)
    assert re.search(r"<h2>.+</h2>\s*<[uo]l>", html)
    assert 'href="/"' in html


@pytest.mark.parametrize("name", ["alone", "500", "503"])
def test_the_page_of_a_broken_server_needs_nothing_but_itself(name: str) -> None:
    source = (ROOT / f"templates/errors/{name}.html").read_text()
    assert not re.search(r"{% *(load|include|url|static|translate)", source)
    assert re.findall(r'{% *extends "([^"]+)"', source) == ([] if name == "alone" else ["errors/alone.html"])
    for path in re.findall(r'"/(static/[^"]+)"', source):
        assert (ROOT / path).is_file()


def test_every_field_is_tied_to_its_label_help_and_error() -> None:
    form = SampleForm({"word": ""})
    outline = Outline(rendered("activation/contact.html", form=form))
    assert {"id_word_helptext", "id_word_error", "id_role_error", "id_secret_error", "id_agreed_error"} <= {
        *outline.ids
    }
    assert {"id_word_helptext", "id_word_error", "id_role_error", "id_agreed_helptext"} <= {*outline.references}
    assert set(outline.references) <= set(outline.ids)
    html = str(form["word"])
    assert 'aria-invalid="true"' in html


def test_the_summary_holds_the_message_of_the_form_once_and_escaped() -> None:
    html = rendered("activation/contact.html", form=SampleForm({}))
    assert html.count('role="alert"') == 1
    alert = html.split('role="alert"')[1].split("</div>")[0]
    assert "Δεν βρέθηκε &lt;b&gt;κανείς&lt;/b&gt;" in alert
    assert 'href="#id_role_0"' in alert
    assert re.search(r"<title>(Error|Σφάλμα):", html)


@pytest.mark.parametrize(("step", "title"), [(4, "4/4 "), (5, ""), (None, "")])
def test_the_title_counts_the_steps_and_no_further(step: int | None, title: str) -> None:
    html = rendered("activation/done.html", step=step, steps=[{}] * 4 if step else None)
    assert re.search(rf"<title>{title}\D", html)


def test_trouble_shows_values_in_parentheses_and_empty_ones_where_they_are_missing() -> None:
    fields = [{"label": "AMKA", "value": "1405•••••••"}, {"label": "Surname", "value": ""}]
    trouble = {
        "message": "Ανεπιτυχής έλεγχος του ΑΜΚΑ",
        "fields": fields,
        "advice": ["Ask"],
        "office": {"name": "the office"},
    }
    html = rendered("activation/contact.html", form=SampleForm(), trouble=trouble)
    assert html.count('role="alert"') == 1
    assert "Ανεπιτυχής έλεγχος του ΑΜΚΑ" in html.split('role="alert"')[1].split("</div>")[0]
    text = re.sub(r"<[^>]+>", "", html)
    assert "AMKA (1405•••••••)" in text
    assert "Surname ()" in text


def test_a_password_is_never_rendered_again() -> None:
    html = rendered("activation/password.html", form=SampleForm({"secret": "correct horse battery"}))
    assert "correct horse battery" not in html


@pytest.mark.parametrize("name", [*PAGES, "activation/pin.html"])
def test_a_page_stays_small_on_the_wire(name: str) -> None:
    """All that a first visit loads, compressed as whitenoise and a proxy do it."""
    html = rendered(name)
    files = set(re.findall(r'(?:src|href)="/(static/[^"]+)"', html))
    size = sum(len(gzip.compress((ROOT / path).read_bytes())) for path in files) + len(html.encode())
    assert files
    assert size < WIRE_LIMIT

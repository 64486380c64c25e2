"""Activation letters on paper: a PDF with a page for each person, in Greek and English side by side."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import cast

import font_roboto
import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from fpdf import FPDF

from activation.forms import RoleForm
from activation.letters import Issued

Text = str | Promise

TITLE = _("Letter for the activation of your account")
STEPS = (
    _("Scan the picture with your telephone, or open the page whose address stands below."),
    _("Say what you are (“{role}”), and type your registration number and the code."),
    _("Check your details, and choose a password that only you know."),
)
WARNING = _(
    "The code works once and takes the place of the PIN. Keep this letter to yourself and destroy it afterwards. "
    "Nobody at the university knows or asks for your password."
)
RECEIPT = _("Receipt, kept by the office")
RECEIVED = _("I have shown my identity card and received my activation letter.")

# As the screen asks for them.
ROLES: dict[str, Text] = dict(RoleForm.base_fields["role"].choices)  # type: ignore[attr-defined]

# Millimetres on A4.
LEFT, RIGHT, WIDTH, GUTTER = 20.0, 190.0, 170.0, 8.0
# Below 99, where the letter is folded in three: no crease runs through the picture.
QR_SIZE, QR_TOP = 42.0, 103.0
STEPS_TOP, RECEIPT_TOP = 154.0, 240.0
LABEL_WIDTH = 64.0
QUIET, DARK = 95, 0
# Characters of a name: what is longer would run into the code, and the number says who it is.
LONGEST_NAME = 80


class Paper(FPDF):
    """A4, which breaks a text into lines once only: most of a letter is the same on each page."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        # Text begins exactly where lines and boxes do.
        self.c_margin = 0.0
        self.broken: dict[tuple[str, str, float, float], list[str]] = {}

    def lines(self, text: str, width: float) -> list[str]:
        """The text in the font that is set, in lines of `width` mm."""
        if "\n" not in text and self.get_string_width(text) < width - 2 * self.c_margin:
            return [text]
        key = (text, self.font_style, self.font_size_pt, width)
        if key not in self.broken:
            found = self.multi_cell(width, None, text, align="L", dry_run=True, output="LINES")
            self.broken[key] = cast("list[str]", found)
        return self.broken[key]


def print_letters(letters: Sequence[Issued]) -> bytes:
    """The PDF; it holds the codes in clear, so it is sent to whoever asked for it and kept nowhere."""
    pdf = Paper()
    pdf.set_auto_page_break(auto=False)
    pdf.set_margins(LEFT, 16, 210 - RIGHT)
    # A typeface with Greek and Latin letters in the file itself: the PDF's own ones have no Greek.
    pdf.add_font("Roboto", fname=font_roboto.font_files["Roboto"])
    pdf.add_font("Roboto", "B", fname=font_roboto.font_files["RobotoBold"])
    pdf.set_title(said(TITLE, "el"))
    pdf.set_lang("el")
    for letter in letters:
        pdf.add_page()
        _heading(pdf)
        _facts(pdf, letter)
        _code(pdf, letter)
        _steps(pdf, letter)
        _receipt(pdf, letter)
    return bytes(pdf.output())


def said(text: Text, language: str) -> str:
    with override(language):
        return str(text)


def both(text: Text) -> str:
    """In Greek and English, once where they are the same."""
    return _joined(said(text, "el"), said(text, "en"))


def page_address() -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse("activation:letter")


# ---- Parts of a page ------------------------------------------------------------------------------------


def _heading(pdf: Paper) -> None:
    _line(pdf, settings.INSTITUTION_NAME_EL, size=13, bold=True)
    _line(pdf, settings.INSTITUTION_NAME_EN, size=10, shade=QUIET)
    pdf.ln(9)
    _line(pdf, said(TITLE, "el"), size=17, bold=True)
    _line(pdf, said(TITLE, "en"), size=11, shade=QUIET)
    pdf.ln(5)


def _facts(pdf: Paper, letter: Issued) -> None:
    record = letter.record
    department = record.department
    facts = (
        (_("Name"), _names(letter)),
        (_("Department"), _joined(department.name_el, department.name_en) if department else "–"),
        (_("Registration number"), record.registration_number),
    )
    for label, value in facts:
        top = pdf.get_y()
        _line(pdf, both(label), size=8.5, shade=QUIET, width=LABEL_WIDTH)
        pdf.set_xy(LEFT + LABEL_WIDTH, top)
        _line(pdf, value, size=10.5, bold=True, width=WIDTH - LABEL_WIDTH)
        pdf.ln(1)


def _code(pdf: Paper, letter: Issued) -> None:
    """The code to type, and beside it the picture that types it."""
    width = WIDTH - QR_SIZE - GUTTER
    pdf.set_draw_color(QUIET)
    pdf.rect(LEFT, QR_TOP + 2, width, QR_SIZE - 4)
    pdf.set_xy(LEFT, QR_TOP + 5)
    _line(pdf, both(_("Code of the letter")), size=9, shade=QUIET, width=width, align="C")
    pdf.set_xy(LEFT, QR_TOP + 13)
    _line(pdf, letter.code, size=25, bold=True, width=width, height=13, align="C")
    until = f"{timezone.localtime(letter.expires_at):%d/%m/%Y, %H:%M}"
    pdf.set_xy(LEFT, QR_TOP + 29)
    _line(pdf, f"{both(_('Valid until'))}: {until}", size=10, width=width, align="C")
    pdf.set_fill_color(DARK)
    for left, top, length, module in _squares(f"{page_address()}#{letter.code}"):
        pdf.rect(RIGHT - QR_SIZE + left, QR_TOP + top, length, module, style="F")


def _squares(address: str) -> Iterator[tuple[float, float, float, float]]:
    """The dark parts of the QR code of an address (ISO/IEC 18004, level M), as (left, top, width, height).

    The code stands in the address's fragment, behind `#`: a browser never sends that to a server, so no log of ours
    or of a proxy holds it, and `static/js/code.js` puts it into the field and takes it out of the address.
    """
    rows = segno.make(address, error="m", micro=False).matrix
    module = QR_SIZE / len(rows)
    for number, row in enumerate(rows):
        place = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                yield place * module, number * module, length * module, module
            place += length


def _steps(pdf: Paper, letter: Issued) -> None:
    """How to go on, a column for each language."""
    width = (WIDTH - GUTTER) / 2
    role = ROLES[letter.record.role]
    for language, left in (("el", LEFT), ("en", LEFT + width + GUTTER)):
        pdf.set_xy(left, STEPS_TOP)
        _line(pdf, said(_("How to go on"), language), size=11, bold=True, width=width, height=7)
        for number, step in enumerate(STEPS, start=1):
            text = said(step, language).format(role=said(role, language))
            pdf.set_x(left)
            _line(pdf, f"{number}. {text}", size=10, width=width)
            pdf.ln(1)
        pdf.ln(1.5)
        pdf.set_x(left)
        _line(pdf, said(WARNING, language), size=9, shade=QUIET, width=width, height=4.5)
    pdf.set_xy(LEFT, RECEIPT_TOP - 14)
    _line(pdf, page_address(), size=11, bold=True, align="C")


def _receipt(pdf: Paper, letter: Issued) -> None:
    """What the office cuts off and keeps; the code does not stand on it."""
    pdf.set_draw_color(QUIET)
    pdf.set_dash_pattern(dash=2, gap=2)
    pdf.line(LEFT, RECEIPT_TOP, RIGHT, RECEIPT_TOP)
    pdf.set_dash_pattern()
    pdf.set_xy(LEFT, RECEIPT_TOP + 3)
    _line(pdf, both(RECEIPT), size=8.5, shade=QUIET)
    _line(pdf, f"{letter.record.registration_number}, {_names(letter)}", size=9.5, bold=True)
    _line(pdf, said(RECEIVED, "el"), size=9, height=4.5)
    _line(pdf, said(RECEIVED, "en"), size=9, height=4.5, shade=QUIET)
    for label, left, right in ((_("Date"), LEFT, LEFT + 55), (_("Signature"), LEFT + 65, RIGHT)):
        pdf.line(left, RECEIPT_TOP + 39, right, RECEIPT_TOP + 39)
        pdf.set_xy(left, RECEIPT_TOP + 40)
        _line(pdf, both(label), size=8.5, shade=QUIET, width=right - left)


def _names(letter: Issued) -> str:
    names = []
    for language in ("el", "en"):
        with override(language):
            names.append(letter.record.full_name)
    return _joined(*names)


def _joined(*names: str) -> str:
    """Each once, without those that are empty."""
    return " / ".join(dict.fromkeys(Truncator(name).chars(LONGEST_NAME) for name in names if name))


def _line(
    pdf: Paper,
    text: str,
    *,
    size: float,
    bold: bool = False,
    shade: int = DARK,
    width: float = WIDTH,
    height: float = 5.0,
    align: str = "L",
) -> None:
    """Text in as many lines as it needs; goes on below it at the left margin. `shade` is a grey, 0 is black."""
    pdf.set_font("Roboto", "B" if bold else "", size)
    pdf.set_text_color(shade)
    left = pdf.get_x()
    for line in pdf.lines(text, width):
        pdf.set_x(left)
        pdf.cell(width, height, line, align=align, new_x="LMARGIN", new_y="NEXT")

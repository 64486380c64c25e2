"""What a spreadsheet finds in an export: every text as it was, and no formula."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from registry.exports import FORMULA_STARTS, Sheet, csv_lines
from registry.workbooks import write_xlsx

COLUMNS = ["Επώνυμο", "Τιμή"]
HOSTILE = [
    '=HYPERLINK("http://example.org";"κλικ")', "+306900000001", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1",
]  # fmt: skip
FAITHFUL = ["Παπαδοπούλου", "01010512345", "0", 'με "εισαγωγικά"; και ερωτηματικά, κόμματα', "a\nb", "'", "1e5"]


def in_csv(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    content = b"".join(csv_lines(Sheet("x", COLUMNS, rows)))
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def workbook(*sheets: Sheet) -> io.BytesIO:
    target = io.BytesIO()
    write_xlsx(target, sheets)
    return target


def in_xlsx(rows: Sequence[Sequence[object]]) -> list[list[Any]]:
    page = load_workbook(workbook(Sheet("x", COLUMNS, rows)))["x"]
    return [list(row) for row in page.iter_rows()]


@pytest.mark.parametrize("text", FAITHFUL)
def test_greek_zeros_and_quotation_marks_arrive_as_they_were(text: str) -> None:
    assert in_csv([[text, "x"]]) == [COLUMNS, [text, "x"]]
    heading, (cell, _other) = in_xlsx([[text, "x"]])
    assert [name.value for name in heading] == COLUMNS
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(text: str) -> None:
    assert in_csv([[text, "x"]])[1][0] == f"'{text}"
    ((cell, _other),) = in_xlsx([[text, "x"]])[1:]
    # XML makes a line feed of a carriage return.
    assert (cell.value, cell.data_type) == (text.replace("\r", "\n"), "s")
    content = zipfile.ZipFile(workbook(Sheet("x", COLUMNS, [[text, "x"]]))).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in content


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20), min_size=2, max_size=2))
def test_whatever_is_typed_stays_one_row_and_no_cell_begins_like_a_formula(texts: list[str]) -> None:
    (row,) = in_csv([texts])[1:]
    assert len(row) == 2
    assert not any(cell.startswith(FORMULA_STARTS) for cell in row)


def test_numbers_and_times_have_their_types() -> None:
    moment = datetime(2026, 11, 28, 20, 5, tzinfo=UTC)
    assert in_csv([[-3, date(2005, 3, 21)], [moment, None]])[1:] == [["-3", "21/03/2005"], ["28/11/2026 22:05", ""]]
    (number, day), (at, nothing) = in_xlsx([[-3, date(2005, 3, 21)], [moment, None]])[1:]
    assert (number.value, nothing.value) == (-3, None)
    assert (day.value, day.number_format) == (datetime(2005, 3, 21), "DD/MM/YYYY")  # noqa: DTZ001 # As Excel has it.
    assert at.value == datetime(2026, 11, 28, 22, 5)  # noqa: DTZ001 # As above: what a clock in Athens showed.


def test_a_workbook_has_a_sheet_for_each_table_whatever_its_name() -> None:
    target = workbook(Sheet("Τμήμα [1]: α/β" + "x" * 40, ["a"], []), Sheet("b", ["a"], [["1"]]))
    names = load_workbook(target).sheetnames
    assert names[0].startswith("Τμήμα  1   α β")
    assert len(names[0]) == 31
    assert names[1] == "b"

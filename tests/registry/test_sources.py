import contextlib
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from django.conf import LazySettings
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.models import Source
from registry.sources import BadCell, UnreadableSource, encoding, open_source, workbook
from tests.registry.sheets import STUDENT, csv_bytes, employee, student, write_csv, write_xlsx


def read(path: Path, content: bytes | None = None) -> list[tuple[int, dict[str, str]]]:
    if content is not None:
        path.write_bytes(content)
    return list(open_source(path))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp1253", "iso8859_7"])
def test_every_export_of_a_greek_spreadsheet_reads_the_same(tmp_path: Path, delimiter: str, charset: str) -> None:
    row = student(firstNameEl="Άννα", lastNameEl="Παπαδοπούλου")
    content = csv_bytes(row, delimiter=delimiter, encoding=charset)
    [(line, values)] = read(tmp_path / "s.csv", content)
    assert line == 2
    assert values == {name: row[name] for name in values}
    assert set(values) == set(row)


def test_the_header_tells_the_system(tmp_path: Path) -> None:
    assert open_source(write_csv(tmp_path / "s.csv", STUDENT)).source == Source.SIS
    assert open_source(write_csv(tmp_path / "h.csv", employee())).source == Source.HRMS


def test_column_names_are_blind_to_case_and_configurable(tmp_path: Path, settings: LazySettings) -> None:
    settings.SIS_COLUMNS = {"mobilePhone": "Kinito"}
    row = {("kINITO" if name == "mobilePhone" else name.upper()): value for name, value in STUDENT.items()}
    [(_line, values)] = list(open_source(write_csv(tmp_path / "s.csv", row)))
    assert values == STUDENT


def test_quoted_fields_may_hold_delimiters_and_line_ends_and_keep_their_line(tmp_path: Path) -> None:
    content = csv_bytes(student(1, lastNameEl='"Παπά;\r\nδου"'), student(2))
    rows = read(tmp_path / "s.csv", content)
    assert [line for line, _values in rows] == [2, 4]
    assert rows[0][1]["lastNameEl"] == "Παπά;\r\nδου"


def good() -> bytes:
    return csv_bytes(student(1), student(2))


GARBAGE = {
    "empty": b"",
    "utf-16": good().decode().encode("utf-16"),
    "utf-16 without mark": good().decode().encode("utf-16-le"),
    "cp737": good().decode().encode("cp737"),
    "broken utf-8": good().replace("Πα".encode(), "Πα".encode()[:-1]),
    "mojibake": good().decode().encode("utf-8").decode("cp1253", "replace").encode("utf-8"),
    "mojibake of the west": "".join(chr(byte) for byte in good()).encode(),
    "replacement characters": good().decode().replace("α", "\ufffd").encode(),
    "latin-1": csv_bytes(student(lastNameEl="Béranger", firstNameEl="René", fatherFirstNameEl="Zoé"))
    .decode()
    .replace("Τμήμα Πληροφορικής", "Département")
    .encode("latin-1"),
    "nul in the header": good().replace(b"systemID", b"system\0ID"),
    "missing columns": good().replace(b"birthDate", b"born"),
    "column twice": good().replace(b"enrollmentTerm", b"LOGINNAME"),
    "no header": b"\r\n".join(good().split(b"\r\n")[1:]),
    "unclosed quote": good().replace(b"S2;", b'"S2;'),
    "binary": bytes(range(256)) * 100,
}


@pytest.mark.parametrize("name", GARBAGE)
def test_a_file_that_is_not_what_it_should_be_is_refused_whole(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableSource) as caught:
        read(tmp_path / "s.csv", GARBAGE[name])
    assert "\n" not in str(caught.value)
    assert "Παπ" not in str(caught.value)


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_else(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "s.csv"
    for attempt in (content, good() + content):
        with contextlib.suppress(UnreadableSource):
            read(path, attempt)


def test_bad_cells_are_found_one_by_one(tmp_path: Path) -> None:
    rows = (
        student(1, lastNameEl="Π" * (1 << 20)),
        student(2, lastNameEl='=HYPERLINK("x")'),
        student(3, lastNameEl="Π\0"),
        student(4),
    )
    path = write_csv(tmp_path / "s.csv", *rows)
    path.write_text(path.read_text(encoding="utf-8") + "S5;it2400005\n", encoding="utf-8")
    found = dict(open_source(path))
    assert [isinstance(found[line].get("lastNameEl"), BadCell) for line in (2, 3, 4, 5)] == [True, True, False, False]
    assert isinstance(found[6]["systemID"], BadCell)


def test_the_other_greek_encodings_are_told_apart_by_their_alpha(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    for charset in ("cp1253", "iso8859_7"):
        path.write_bytes("Άννα Άγγελος Παπαδοπούλου".encode(charset))
        assert encoding.detect(path) == charset


def test_a_workbook_gives_text_whatever_the_cells_are(tmp_path: Path) -> None:
    row: dict[str, object] = {
        **STUDENT,
        "birthDate": datetime(2005, 3, 21),  # noqa: DTZ001 Spreadsheets know no zones.
        "gender": 2,
        "ssn": 21030500066.0,
        "enrollmentTerm": None,
    }
    [(line, values)] = list(open_source(write_xlsx(tmp_path / "s.xlsx", row)))
    assert line == 2
    assert values == STUDENT | {"birthDate": "2005-03-21", "enrollmentTerm": ""}


def test_formulas_and_made_up_dates_of_a_workbook_are_bad_cells(tmp_path: Path) -> None:
    day = datetime(2005, 3, 21)  # noqa: DTZ001 Spreadsheets know no zones.
    row: dict[str, object] = {**STUDENT, "ssn": "=1+1", "registrationID": day, "lastNameEl": "x" * 5000}
    [(_line, values)] = list(open_source(write_xlsx(tmp_path / "s.xlsx", row)))
    bad = {name for name, value in values.items() if isinstance(value, BadCell)}
    assert bad == {"ssn", "registrationID", "lastNameEl"}


@pytest.mark.parametrize("cut", [10, 300, 2000, 4000])
def test_a_truncated_workbook_is_refused(tmp_path: Path, cut: int) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", dict(STUDENT))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(UnreadableSource):
        read(path)


def test_other_zip_archives_and_bombs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(UnreadableSource):
        read(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (20 << 20))
    with pytest.raises(UnreadableSource, match=r"unpacks|αποσυμπι"):
        read(path)


# ---- Workbooks that are larger than they look -------------------------------------------------------------------


def rebuilt(path: Path, part: str, old: str, new: str) -> Path:
    """The workbook with `old` replaced by `new` in one of its parts."""
    made = path.with_name("rebuilt.xlsx")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name).decode()
            assert name != part or old in text
            after.writestr(name, text.replace(old, new) if name == part else text)
    return made


SHEET, STYLES, TYPES = "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"
TEXTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.mark.parametrize("count", [10_000, 70_000])
def test_a_table_of_contents_without_end_is_not_read(tmp_path: Path, count: int) -> None:
    """The second one needs the form of ZIP64."""
    path = write_xlsx(tmp_path / "s.xlsx", dict(STUDENT))
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(count):
            archive.writestr(f"{number}", b"")
    with pytest.raises(UnreadableSource, match=r"unpacks|αποσυμπι"):
        workbook.refuse_bomb(path)


@pytest.mark.parametrize("name", ["xl/t.xml", "xl/worksheets/_rels/t.xml", "docProps/t.png"])
def test_what_is_no_sheet_is_held_in_memory_and_so_counts_as_text(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "LARGEST_TEXTS", 1 << 20)
    path = write_xlsx(tmp_path / "s.xlsx", dict(STUDENT))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"x" * (1 << 20))
    with pytest.raises(UnreadableSource, match=r"unpacks|αποσυμπι"):
        workbook.refuse_bomb(path)


def test_a_table_of_texts_by_the_name_of_a_sheet_has_the_limit_of_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    override = f'<Override PartName="/xl/worksheets/t.xml" ContentType="{TEXTS}"/></Types>'
    path = rebuilt(write_xlsx(tmp_path / "s.xlsx", dict(STUDENT)), TYPES, "</Types>", override)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/t.xml", f'<sst xmlns="{MAIN}">{"<si><t>more</t></si>" * 10_000}</sst>')
    assert [values for _line, values in read(path)] == [STUDENT]
    monkeypatch.setattr(workbook, "LARGEST_TEXTS", 100_000)
    with pytest.raises(UnreadableSource, match=r"unpacks|αποσυμπι"):
        read(path)


def test_styles_without_end_are_not_made_objects_of(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", dict(STUDENT))
    path = rebuilt(path, STYLES, "</cellXfs>", "<xf/>" * (1 << 20) + "</cellXfs>")
    with pytest.raises(UnreadableSource, match=r"unpacks|αποσυμπι"):
        read(path)


@pytest.mark.parametrize(
    "more",
    [
        '<row r="2"><c r="A2" t="inlineStr"><is><t>{}</t></is></c></row></sheetData>',
        '<row r="2"><c r="A2" t="inlineStr"><is><t><![CDATA[</row>{}]]></t></is></c></row></sheetData>',
        "</sheetData><extLst>{}</extLst>",
    ],
    ids=["cell", "cdata", "end"],
)
def test_a_row_without_end_is_not_read(tmp_path: Path, more: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LONGEST_ROW", 200_000)
    path = write_xlsx(tmp_path / "s.xlsx", dict(STUDENT))
    path = rebuilt(path, SHEET, "</sheetData>", more.format("abc " * 100_000))
    with pytest.raises(UnreadableSource, match=r"unpacks|αποσυμπι"):
        read(path)


def test_many_rows_without_a_size_of_their_own_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LONGEST_ROW", 100_000)
    path = write_xlsx(tmp_path / "s.xlsx", *[dict(student(number)) for number in range(1, 401)])
    path = rebuilt(path, SHEET, "<dimension ", "<other ")
    assert len(read(path)) == 400


@settings(deadline=None)
@given(st.integers(0, 1 << 20), st.integers(1, 255))
def test_a_damaged_byte_raises_nothing_else(tmp_path_factory: pytest.TempPathFactory, place: int, change: int) -> None:
    path = write_xlsx(tmp_path_factory.mktemp("any") / "s.xlsx", dict(STUDENT))
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= change
    path.write_bytes(bytes(content))
    with contextlib.suppress(UnreadableSource):
        read(path)


def test_a_workbook_without_rows_or_header_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "s.xlsx")
    with pytest.raises(UnreadableSource):
        read(tmp_path / "s.xlsx")


def test_missing_files_folders_and_other_kinds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "s.pdf").write_bytes(b"%PDF")
    for name in ("none.csv", "folder.csv", "s.pdf"):
        with pytest.raises(UnreadableSource):
            open_source(tmp_path / name)

"""Rows and files in the shape of the two systems' exports."""

import csv
from pathlib import Path

import openpyxl

STUDENT = {
    "systemID": "S1",
    "registrationID": "it2400001",
    "ssn": "21030500066",
    "ssnCountry": "GR",
    "firstNameEl": "Μαρία",
    "firstNameEn": "Maria",
    "lastNameEl": "Παπαδοπούλου",
    "lastNameEn": "Papadopoulou",
    "fatherFirstNameEl": "Γεώργιος",
    "fatherFirstNameEn": "Georgios",
    "birthDate": "20050321",
    "gender": "2",
    "departmentID": "100",
    "departmentEl": "Τμήμα Πληροφορικής",
    "departmentEn": "Department of Informatics",
    "enrollmentStatus": "active",
    "enrollmentStatusDate": "20240901",
    "enrollmentType": "undergraduate",
    "enrollmentTerm": "3",
    "inscriptionAcYear": "2024-2025",
    "attendanceType": "full-time",
    "extEmail": "maria@example.org",
    "mobilePhone": "+306900000001",
    "loginName": "maria",
}
EMPLOYEE = {name: value for name, value in STUDENT.items() if not name.startswith(("enrol", "inscr", "attend"))} | {
    "systemID": "H1",
    "registrationID": "",
    "academicID": "A77",
    "employeeType": "faculty",
    "facultyType": "professor",
    "staffType": "",
    "contractType": "permanent",
    "employeeStatus": "active",
    "employeeStatusDate": "20200101",
}


def student(number: int = 1, **values: str) -> dict[str, str]:
    """The student with this number, somebody else than those with other numbers; no insurance number unless given."""
    own = {
        "systemID": f"S{number}",
        "registrationID": f"it24{number:05}",
        "ssn": "",
        "ssnCountry": "",
        "extEmail": f"s{number}@example.org",
        "mobilePhone": f"+30690000{number:04}",
        "loginName": f"student{number}",
    }
    return STUDENT | own | values


def employee(**values: str) -> dict[str, str]:
    return EMPLOYEE | values


def numbered(*rows: dict[str, str]) -> list[tuple[int, dict[str, str]]]:
    """Rows as a source hands them over: the header stands in line 1."""
    return list(enumerate(rows, start=2))


def csv_bytes(*rows: dict[str, str], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    lines = [list(rows[0]), *[list(row.values()) for row in rows]]
    return "".join(delimiter.join(line) + "\r\n" for line in lines).encode(encoding)


def write_csv(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_xlsx(path: Path, *rows: dict[str, object]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)
    return path

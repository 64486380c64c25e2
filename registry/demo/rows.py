"""A member of the invented university, and the rows in which the two systems would show them.

Column names are those of GUnet's views `v_vd_sis` and `v_vd_hrms`; dates are `yyyyMMdd`, gender is ISO/IEC 5218.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from registry.demo.departments import DemoDepartment
from registry.demo.names import Name
from registry.models import Gender, Kind, Status

# employeeType, facultyType, staffType, contractType
EMPLOYMENT = {
    Kind.FACULTY: ("faculty", "professor", "", "permanent"),
    Kind.ADMINISTRATIVE: ("staff", "", "administrative", "permanent"),
    Kind.ASSOCIATE: ("associate", "", "", "temporary"),
}


@dataclass(frozen=True, kw_only=True)
class Member:
    """One row of one system, before it is written down. `mobile` and `email` as the record holds them."""

    system_id: str
    registration_number: str
    kind: Kind
    department: DemoDepartment
    username: str
    first_name: Name
    last_name: Name
    father_name: Name
    mother_name: Name
    birth_date: date | None
    gender: Gender
    ssn: str
    ssn_country: str
    mobile: str
    email: str
    status: Status = Status.ACTIVE
    status_date: date
    citizenship: str = "GR"
    # Students only.
    resident_abroad: bool = False
    level: str = "undergraduate"
    term: int = 1
    inscription_year: int = 2026

    @property
    def full_name(self) -> str:
        return f"{self.first_name.el} {self.last_name.el}"


def sis_row(member: Member) -> dict[str, str]:
    """The student as `v_vd_sis` shows them."""
    return _person_columns(member) | {
        "enrollmentStatus": str(member.status),
        "enrollmentStatusDate": _day(member.status_date),
        "enrollmentType": member.level,
        "enrollmentTerm": str(member.term),
        "inscriptionAcYear": f"{member.inscription_year}-{member.inscription_year + 1}",
        "attendanceType": "abroad" if member.resident_abroad else "full-time",
    }


def hrms_row(member: Member) -> dict[str, str]:
    """The employee as `v_vd_hrms` shows them."""
    employee_type, faculty_type, staff_type, contract_type = EMPLOYMENT[member.kind]
    return _person_columns(member) | {
        "academicID": member.department.code,
        "middleNameEl": "",
        "middleNameEn": "",
        "employeeType": employee_type,
        "facultyType": faculty_type,
        "staffType": staff_type,
        "contractType": contract_type,
        "employeeStatus": str(member.status),
        "employeeStatusDate": _day(member.status_date),
    }


def write_csv(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """The rows as a file in UTF-8, separated by `;`, as a secretariat would hand it over."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, list(row), delimiter=";", lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)


def _person_columns(member: Member) -> dict[str, str]:
    return {
        "systemID": member.system_id,
        "registrationID": member.registration_number,
        "ssn": member.ssn,
        "ssnCountry": member.ssn_country,
        "tin": "",
        "tinCountry": "",
        "firstNameEl": member.first_name.el,
        "firstNameEn": member.first_name.en,
        "lastNameEl": member.last_name.el,
        "lastNameEn": member.last_name.en,
        "fatherFirstNameEl": member.father_name.el,
        "fatherFirstNameEn": member.father_name.en,
        "motherFirstNameEl": member.mother_name.el,
        "motherFirstNameEn": member.mother_name.en,
        "birthDate": _day(member.birth_date),
        "birthYear": str(member.birth_date.year) if member.birth_date else "",
        "gender": str(int(member.gender)),
        "citizenship": member.citizenship,
        "departmentID": member.department.code,
        "departmentEl": member.department.name_el,
        "departmentEn": member.department.name_en,
        "extEmail": member.email,
        "mobilePhone": member.mobile,
        "accountStatus": "",
        "loginName": member.username,
        "updated": "20261115",
    }


def _day(day: date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""

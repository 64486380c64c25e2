"""Persons with names, usernames and numbers that mean something in LDAP, or are no text at all."""

from typing import Any

from hypothesis import strategies as st

from accounts.models import Account
from registry.models import Affiliation, Department, InsuranceKind, Kind
from tests.accounts.directory.people import account, employee, student

PIECES = (
    *("*", "(", ")", "\\", ",", "+", '"', "<", ">", ";", "=", "#", ":", "@", "{ARGON2}", "\\2a", "uid=root", "άß", "İ"),
    *(" ", "  ", "Μαρία", "🎓"),
)
BLANKS = ("\t", "\n", "\r", "\0", "\x7f", "\xa0", "\u200b", "\u202e", "\ufeff", "\ufffe", "👩\u200d🎓")
plain = st.sampled_from(("Maria", "Μαρία", "maria05", "20001", "ΜΠΠΛ 2301"))
special = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
hostile = st.one_of(
    plain,
    st.lists(st.sampled_from(PIECES + BLANKS), max_size=6).map("".join),
    st.builds(lambda *parts: "".join(parts), st.sampled_from(BLANKS), plain, st.sampled_from(PIECES + BLANKS)),
    st.sampled_from(("x" * 200, "Ω" * 100, "ψ" * 101, "")),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
)


@st.composite
def persons(draw: Any) -> tuple[Account, list[Affiliation]]:
    """An account and its records, one of a student and perhaps one of an employee."""
    records = [_student(draw)]
    if draw(st.booleans()):
        values = {"kind": draw(st.sampled_from([Kind.FACULTY, Kind.ADMINISTRATIVE, Kind.ASSOCIATE]))}
        records.append(employee(**(values | _common(draw))))
    username = draw(st.one_of(st.sampled_from(["maria05", "a.b-c_d", "0"]), hostile))
    return account(records[0], username=username), records


def _student(draw: Any) -> Affiliation:
    codes = {name: draw(hostile) for name in ("enrollment_term", "attendance_type")}
    department = Department(pk=1, code=draw(hostile))
    return student(department=department, **(codes | _common(draw)))


def _common(draw: Any) -> dict[str, Any]:
    text = draw(st.sampled_from([special, special, hostile]))
    names = ("first_name_el", "first_name_en", "last_name_el", "last_name_en", "registration_number", "system_id")
    kind, country = draw(st.sampled_from(InsuranceKind.values)), draw(st.sampled_from(["GR", "DE", "", ":"]))
    insured = {"insurance_kind": kind, "insurance_country": country, "insurance_number": draw(hostile)}
    return {name: draw(text) for name in names} | insured

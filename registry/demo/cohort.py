"""The demo cohort: from a fixed seed the same rows everywhere, in any size, with the troubles of real records.

Benchmarks ask for more people than the fictitious block has mobiles; those past its end have an e-mail only.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from registry.demo import people
from registry.demo.departments import DEPARTMENTS
from registry.demo.names import SURNAMES, Surname, first_name, with_look_alike
from registry.demo.numbers import HRMS_SERIALS, AmkaBook, Chance, mobile
from registry.demo.rows import Member, hrms_row, sis_row
from registry.models import Gender, Kind, Status

SEED = 2026
STUDENTS = 2000
STAFF = 200
THIS_YEAR = 2026

Trouble = Callable[[Member], Member]

# Mobiles 11 to 9000 of the block are the students', 9001 to 9999 the staff's. The steps have no common factor with
# the lengths of the ranges, so that the numbers look unordered and none comes twice.
STUDENT_MOBILES, STUDENT_STEP = 8990, 3877
STAFF_MOBILES, STAFF_STEP = 999, 389

# Level of studies, least and greatest age at inscription, greatest number of years ago; in the mix of a university.
LEVELS = (("undergraduate", 17, 20, 7),) * 16 + (("postgraduate", 22, 40, 2),) * 3 + (("phd", 24, 45, 5),)


def sis_rows(size: int = STUDENTS, *, seed: int = SEED) -> Iterator[dict[str, str]]:
    """`size` rows of the student system, the fixed people first."""
    return (sis_row(member) for member in students(size, seed=seed))


def hrms_rows(size: int = STAFF, *, seed: int = SEED) -> Iterator[dict[str, str]]:
    """`size` rows of the personnel system, the fixed people first."""
    return (hrms_row(member) for member in staff(size, seed=seed))


def students(size: int = STUDENTS, *, seed: int = SEED) -> Iterator[Member]:
    yield from people.STUDENTS[:size]
    chance, book = Chance(seed), AmkaBook(0)
    previous = people.MARIA
    for number in range(len(people.STUDENTS) + 1, size + 1):
        member = _student(chance, book, number)
        if chance.happens(0.02):
            # A family's mobile, or a neighbour's line in the registrar's sheet.
            member = replace(member, mobile=previous.mobile)
        previous = member
        yield _with_troubles(chance, member, STUDENT_TROUBLES)


def staff(size: int = STAFF, *, seed: int = SEED) -> Iterator[Member]:
    yield from people.STAFF[:size]
    chance, book = Chance(seed + 1), AmkaBook(HRMS_SERIALS)
    for number in range(len(people.STAFF) + 1, size + 1):
        yield _with_troubles(chance, _employee(chance, book, number), STAFF_TROUBLES)


def _student(chance: Chance, book: AmkaBook, number: int) -> Member:
    level, age, years_ago = _level(chance)
    inscribed = THIS_YEAR - years_ago
    department = chance.of(DEPARTMENTS)
    position = number - len(people.STUDENTS) - 1
    registration = 20000 + number
    return _member(
        chance,
        book,
        born=(date(inscribed - age, 1, 1), date(inscribed - age, 12, 31)),
        system_id=str(1000000 + number),
        registration_number=str(registration),
        kind=Kind.STUDENT,
        department=department,
        username=lambda _: f"{department.prefix}{inscribed % 100:02d}{registration}",
        mobile=mobile(11 + position * STUDENT_STEP % STUDENT_MOBILES) if position < STUDENT_MOBILES else "",
        status_date=date(inscribed, 9, 14),
        level=level,
        term=2 * years_ago + 1,
        inscription_year=inscribed,
    )


def _employee(chance: Chance, book: AmkaBook, number: int) -> Member:
    kind = chance.of((Kind.FACULTY, Kind.FACULTY, Kind.ADMINISTRATIVE, Kind.ASSOCIATE))
    position = number - len(people.STAFF) - 1
    temporary = kind == Kind.ASSOCIATE
    hired = people.HIRED if temporary else date(1998 + chance.below(28), 1 + chance.below(12), 1)
    return _member(
        chance,
        book,
        born=(date(max(1960, hired.year - 45), 1, 1), date(hired.year - 26, 12, 31)),
        system_id=str(5000000 + number),
        registration_number=str(3000 + number),
        kind=kind,
        department=chance.of(DEPARTMENTS),
        username=lambda latin: f"{latin[:10]}.{3000 + number}",
        mobile=mobile(9001 + position * STAFF_STEP % STAFF_MOBILES) if position < STAFF_MOBILES else "",
        status=Status.INTERIM if temporary and chance.happens(0.3) else Status.ACTIVE,
        status_date=hired,
    )


def _member(
    chance: Chance, book: AmkaBook, *, born: tuple[date, date], username: Callable[[str], str], **fields: object
) -> Member:
    """What students and staff have in common: a name, a birth date, an AMKA, an e-mail.

    `username` makes one out of the surname in Latin letters.
    """
    gender = chance.of((Gender.FEMALE, Gender.MALE))
    family: Surname = chance.of(SURNAMES)
    name, surname, birth_date = first_name(chance, gender), family.of(gender), chance.day(*born)
    latin = surname.en.lower()
    return Member(
        username=username(latin),
        first_name=name,
        last_name=surname,
        father_name=first_name(chance, Gender.MALE),
        mother_name=first_name(chance, Gender.FEMALE),
        birth_date=birth_date,
        gender=gender,
        ssn=book.next(birth_date, gender),
        ssn_country="GR",
        email=f"{name.en.lower()}.{latin}.{fields['registration_number']}@example.org",
        **fields,  # type: ignore[arg-type] # The two callers above name Member's other fields.
    )


def _level(chance: Chance) -> tuple[str, int, int]:
    """Level of studies, age at inscription, years since."""
    level, youngest, oldest, longest = chance.of(LEVELS)
    return level, youngest + chance.below(oldest - youngest + 1), chance.below(longest + 1)


def _with_troubles(chance: Chance, member: Member, troubles: tuple[tuple[float, Trouble], ...]) -> Member:
    for probability, trouble in troubles:
        if chance.happens(probability):
            member = trouble(member)
    return member


def _without_email(member: Member) -> Member:
    return replace(member, email="") if member.mobile else member


def _without_mobile(member: Member) -> Member:
    return replace(member, mobile="") if member.email else member


def _abroad(member: Member) -> Member:
    return replace(member, resident_abroad=True, ssn="", ssn_country="")


def _from_cyprus(member: Member) -> Member:
    # Social insurance numbers there have seven digits.
    return replace(member, ssn=member.registration_number.zfill(7), ssn_country="CY", citizenship="CY")


def _with_institutional_email(member: Member) -> Member:
    return replace(member, email=member.email.replace("@example.org", "@campus.example.org"))


def _with_latin_capital(member: Member) -> Member:
    return replace(member, last_name=member.last_name._replace(el=with_look_alike(member.last_name.el)))


STAFF_TROUBLES: tuple[tuple[float, Trouble], ...] = (
    (0.02, lambda member: replace(member, username="")),
    (0.02, lambda member: replace(member, mobile=member.mobile.removeprefix("+30"))),
    (0.01, lambda member: replace(member, birth_date=None)),
    (0.02, _with_institutional_email),
    (0.01, _with_latin_capital),
    (0.01, lambda member: replace(member, ssn_country="")),
    (0.02, _without_email),
    (0.02, _without_mobile),
)
STUDENT_TROUBLES: tuple[tuple[float, Trouble], ...] = (
    *STAFF_TROUBLES,
    (0.04, lambda member: replace(member, ssn="")),
    (0.01, _abroad),
    (0.01, _from_cyprus),
    (0.02, lambda member: replace(member, status=Status.INACTIVE)),
)

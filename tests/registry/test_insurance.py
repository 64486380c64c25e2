from datetime import date

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.util import clean as without

from registry import amka_service, insurance
from registry.insurance import InsuranceProblem
from registry.models import InsuranceKind

BORN = date(2005, 3, 21)
DAYS = st.dates(date(1910, 1, 1), date(2026, 1, 1))


def amka(day: date, serial: int) -> str:
    digits = f"{day:%d%m%y}{serial:04}"
    return digits + str(luhn.calc_check_digit(digits))


def problem_of(number: str, *, birth_date: date | None = BORN, gender: int = 2) -> str:
    try:
        insurance.check_amka(number, birth_date=birth_date, gender=gender)
    except InsuranceProblem as caught:
        problem = caught
    else:
        return ""
    assert len(number) < 5 or number not in str(problem)
    return problem.code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (amka(BORN, 6), ""),
        ("", "digits"),
        ("2103050006", "digits"),
        ("2103050006Α", "digits"),
        ("٢١٠٣٠٥٠٠٠٦٦", "digits"),
        ("00000000000", "zeros"),
        (amka(BORN, 6)[:-1] + "0", "checksum"),
        ("3102050006" + str(luhn.calc_check_digit("3102050006")), "date"),
        (amka(date(2005, 3, 22), 6), "birth_date"),
        (amka(BORN, 7), "gender"),
    ],
)
def test_each_fault_has_its_code(number: str, code: str) -> None:
    assert problem_of(number) == code


def test_the_record_may_lack_birth_date_or_gender() -> None:
    assert problem_of(amka(BORN, 7), birth_date=None) == "gender"
    assert problem_of(amka(BORN, 7), gender=0) == problem_of(amka(BORN, 7), gender=9) == ""


@given(DAYS, st.integers(0, 9999))
def test_an_amka_made_for_a_day_passes_for_that_day_in_any_century(day: date, serial: int) -> None:
    gender = 1 if serial % 2 else 2
    if amka(day, serial).strip("0"):
        assert problem_of(amka(day, serial), birth_date=day, gender=gender) == ""


@given(DAYS, st.integers(0, 9999), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_never_passes(day: date, serial: int, place: int, shift: int) -> None:
    number = amka(day, serial)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert problem_of(wrong, birth_date=day, gender=0) != ""


@given(st.text())
def test_no_text_breaks_the_check(text: str) -> None:
    problem_of(insurance.clean(text), birth_date=None, gender=0)


def test_the_offline_service_gives_the_same_answer_as_a_verdict() -> None:
    good = amka_service.verify(number=amka(BORN, 6), surname="Παπαδοπούλου", birth_date=BORN, gender=2)
    assert (good.agrees, good.problem, good.source) == (True, None, "offline")
    bad = amka_service.verify(number=amka(BORN, 7), surname="Παπαδοπούλου", birth_date=BORN, gender=2)
    assert bad.problem is not None
    assert (bad.agrees, bad.problem.code) == (False, "gender")


def test_numbers_of_other_countries() -> None:
    assert insurance.parse_other("cy", " ab-12.34 ") == (InsuranceKind.FOREIGN, "AB1234")
    assert insurance.parse_other("DE", "8" * 20) == (InsuranceKind.EHIC, "8" * 20)


@pytest.mark.parametrize(
    ("country", "number", "code"),
    [
        ("GR", "21030500066", "greece"),
        ("XX", "123", "country"),
        ("EU", "123", "country"),
        ("", "123", "country"),
        ("CY", "", "empty"),
        ("CY", "1" * 21, "length"),
        ("CY", "12:34", "characters"),
        ("CY", "12ΑΒ", "characters"),
        ("CY", "0000", "zeros"),
    ],
)
def test_impossible_numbers_of_other_countries(country: str, number: str, code: str) -> None:
    with pytest.raises(InsuranceProblem) as caught:
        insurance.parse_other(country, number)
    assert caught.value.code == code


@given(st.text(max_size=30))
def test_what_is_accepted_fits_into_a_urn(text: str) -> None:
    try:
        _kind, number = insurance.parse_other("CY", text)
    except InsuranceProblem:
        return
    assert number.isascii()
    assert number.isalnum()
    assert len(number) <= 20
    assert ":" not in number


def test_kinds_by_shape() -> None:
    assert insurance.kind_of("GR", "21030500066") == InsuranceKind.AMKA
    assert insurance.kind_of("GR", "1030500066") == InsuranceKind.AMKA  # It lost its zero in a spreadsheet.
    assert insurance.kind_of("", "21030500066") == InsuranceKind.AMKA
    assert insurance.kind_of("GR", "8" * 20) == InsuranceKind.EHIC
    assert insurance.kind_of("GR", "AB1234567890") == insurance.kind_of("CY", "21030500066") == InsuranceKind.FOREIGN


def test_countries_are_those_of_iso_3166_in_the_readers_language() -> None:
    assert len(insurance.country_codes()) == 249
    with translation.override("el"):
        greek = insurance.country_choices()
    with translation.override("en"):
        english = insurance.country_choices()
    assert "GR" not in dict(greek)
    assert (dict(greek)["MK"], dict(english)["MK"]) == ("Βόρεια Μακεδονία", "North Macedonia")
    assert [name for _code, name in english][:2] == ["Afghanistan", "Åland Islands"]
    names = [name for _code, name in greek]
    assert names.index("Άγιος Μαρίνος") < names.index("Αίγυπτος") < names.index("Χιλή")


@pytest.mark.parametrize(
    ("text", "code"),
    [("gr", "GR"), ("EL", "GR"), ("GRC", "GR"), ("ΕΛΛΑΔΑ", "GR"), ("Κύπρος", "CY"), ("UK", "GB"), ("?", "")],
)
def test_a_record_may_name_a_country_in_several_ways(text: str, code: str) -> None:
    assert insurance.country_code(text) == code


def test_digests_and_identity_are_keyed_and_survive_a_new_key(settings: LazySettings) -> None:
    old = insurance.digest("GR", "21030500066")
    person = insurance.identity("GR", "21030500066", BORN)
    assert person != old
    settings.DATA_KEYS = [Fernet.generate_key().decode(), *settings.DATA_KEYS]
    assert insurance.digest("GR", "21030500066") != old
    assert old in insurance.digests("GR", "21030500066")
    assert person in insurance.identities("GR", "21030500066", BORN)


def test_there_is_no_identity_while_a_part_is_missing() -> None:
    assert insurance.identity("", "21030500066", BORN) is None
    assert insurance.identity("GR", "", BORN) is None
    assert insurance.identity("GR", "00000000000", BORN) is None
    assert insurance.identity("GR", "21030500066", None) is None
    assert (insurance.digest("GR", ""), insurance.digests("GR", ""), insurance.mask("")) == ("", [], "")


def test_the_mask_shows_two_digits() -> None:
    assert insurance.mask("21030500066") == insurance.mask("X66") == "•••••••••66"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("ΠAΠAΔOΠOYΛOY", "Παπαδοπούλου", True),
        ("Παπάς", "ΠΑΠΑΣ", True),
        ("Παπάς", "Παππάς", True),
        ("Παπάς", "Λαπάς", True),
        ("Παπάς", "Παππίς", False),
        ("Παπάς", "Γεωργίου", False),
        ("", "", False),
        ("Παπαδοπούλου-Γεωργίου", "Παπαδοπουλουγεωργιου", True),
    ],
)
def test_surnames_are_compared_as_gunet_does(a: str, b: str, same: bool) -> None:
    assert insurance.same_surname(a, b) is insurance.same_surname(b, a) is same


@given(st.text(), st.text())
def test_surname_comparison_is_symmetric(a: str, b: str) -> None:
    assert insurance.same_surname(a, b) == insurance.same_surname(b, a)


@given(st.from_regex(r"\A[0-9]{11}\Z", alphabet="0123456789"))
def test_the_short_check_digit_is_what_stdnum_says(number: str) -> None:
    assert insurance._fits_luhn(number) == luhn.is_valid(number)


@given(st.from_regex(r"\A[0-9A-Za-z]{1,20}\Z"))
def test_letters_and_digits_need_no_cleaning(text: str) -> None:
    assert insurance.clean(text) == without(text, " .-") == text

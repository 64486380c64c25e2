from datetime import date

import phonenumbers
import pytest
from django.core.validators import validate_email
from hypothesis import given
from hypothesis import strategies as st

from registry import contacts


@pytest.mark.parametrize(
    "text", ["+306900000001", "00306900000001", " +30 690 000 0001 ", "+30 (690) 000-0001", "+30.690.0000001"]
)
def test_a_mobile_with_its_prefix_is_understood_however_it_is_spaced(text: str) -> None:
    assert contacts.mobile_of_record(text) == "+306900000001"


@pytest.mark.parametrize(
    "text", ["", "6900000001", "306900000001", "69ΑΒ", "+30690ABC0001", "+30", "+3069", "+30690000000100000", "+٣٠٦٩"]
)
def test_anything_else_does_not_match(text: str) -> None:
    assert contacts.mobile_of_record(text) == ""


@given(st.text())
def test_what_is_understood_is_understood_again(text: str) -> None:
    number = contacts.mobile_of_record(text)
    assert len(number) <= 16
    assert number == "" or contacts.mobile_of_record(number) == number


@given(st.from_regex(r"\+[0-9 ()-]{5,20}", fullmatch=True))
def test_likely_numbers_give_digits_or_nothing(text: str) -> None:
    number = contacts.mobile_of_record(text)
    assert number == "" or (number[0] == "+" and number[1:].isdigit())


def test_e_mail_addresses_are_trimmed_and_lowered() -> None:
    assert contacts.email_of_record("  Maria@Example.ORG ") == "maria@example.org"
    for text in ("", "maria", "maria@", "maria@example", "a b@example.org", "x" * 250 + "@example.org"):
        assert contacts.email_of_record(text) == ""


@given(st.text())
def test_no_text_breaks_the_reading_of_addresses(text: str) -> None:
    assert contacts.email_of_record(text) in ("", text.strip().lower())


def test_masks_show_little_and_no_length() -> None:
    assert contacts.mask_mobile("+306900000001") == "+30 •••••001"
    assert contacts.mask_email("maria@example.org") == "m•••••@example.org"
    assert contacts.mask_text("Παπαδοπούλου") == "Π•••••"
    assert len(contacts.mask_text("Παπά")) == len(contacts.mask_text("Παπαδοπούλου"))
    assert contacts.mask_date(date(2006, 5, 14)) == "••/••/2006"
    assert (contacts.mask_mobile(""), contacts.mask_email(""), contacts.mask_text(""), contacts.mask_date(None)) == (
        "",
    ) * 4


@given(st.from_regex(r"\A\+3069[0-9]{8}\Z", alphabet="+0123456789"))
def test_the_short_way_for_a_greek_mobile_is_what_phonenumbers_says(text: str) -> None:
    number = phonenumbers.parse(text)
    assert phonenumbers.is_possible_number(number)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert contacts.mobile_of_record(text) == written == text


@given(st.from_regex(contacts.USUAL_EMAIL, fullmatch=True))
def test_the_short_way_for_a_usual_address_is_what_django_says(text: str) -> None:
    validate_email(text)
    assert contacts.email_of_record(text) == text

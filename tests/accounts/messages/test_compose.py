"""What a message says."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.messages import gsm
from accounts.messages.compose import compose
from tests.accounts.messages.rows import CODE, unsaved


@pytest.mark.parametrize("language", ["el", "en"])
@pytest.mark.parametrize("host", ["127.0.0.1", "account.panepistimio-paradeigmatos.example.gr", "localhost"])
def test_an_sms_is_one_segment_that_ends_with_the_page_it_belongs_to(language: str, host: str, settings: Any) -> None:
    # Whatever other names the service answers to.
    settings.ALLOWED_HOSTS, settings.PUBLIC_URL = [".example.net", host], f"https://{host}"
    text = compose(unsaved("sms", language))
    assert gsm.length(text.body) <= gsm.SEGMENT
    # https://wicg.github.io/sms-one-time-codes/: the last line, and nothing else there.
    assert text.body.splitlines()[-1] == f"@{host} #{CODE}"
    assert text.body.splitlines()[-2] == ""
    assert "KM" in text.body
    assert text.body.count(CODE) == 2
    assert set(re.findall(r"\d{6}", text.body)) == {CODE}
    assert (text.subject, text.html) == ("", "")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Ο κωδικός σας", "O KΩΔIKOΣ ΣAΣ"),
        ("PIN: Άέήίόύώ ΐΰϊϋ", "PIN: AEHIOYΩ IYIY"),
        ("Your PIN é", "Your PIN é"),
        ("Α" + "\u0301", "A"),
    ],
)
def test_greek_becomes_capitals_that_telephones_have(text: str, sent: str) -> None:
    assert gsm.gsm_text(text) == sent


@pytest.mark.parametrize(("text", "places"), [("", 0), ("abc", 3), ("10 €", 5), ("[x]", 5), ("a\nb", 3)])
def test_places_are_counted_as_in_the_standard(text: str, places: int) -> None:
    assert gsm.length(text) == places


@pytest.mark.parametrize("text", ["π", "😀", "“quoted”", "\x00", "ς"])
def test_what_the_alphabet_lacks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not in the GSM alphabet"):
        gsm.length(text)


@given(st.text(alphabet="αβγδεζηθικλμνξοπρσςτυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩάέήίόύώϊϋΐΰΆΈΉΊΌΎΏ 0123456789.:@#"))
def test_any_greek_text_fits_the_alphabet_letter_for_letter(text: str) -> None:
    assert gsm.length(gsm.gsm_text(text)) == len(text)


@pytest.mark.parametrize("language", ["el", "en"])
def test_an_e_mail_says_the_same_in_text_and_in_html(language: str) -> None:
    text = compose(unsaved("email", language))
    for part in (text.body, text.html):
        assert set(re.findall(r"(?<!#)\b\d{6}\b", part)) == {CODE}
        assert "KM" in part
        assert "helpdesk@uregister.example" in part
    assert text.subject
    assert "\n" not in text.subject
    # Subjects stand on locked screens and in notifications.
    assert CODE not in text.subject
    assert f'<html lang="{language}">' in text.html


def test_names_are_escaped_in_html_and_only_there(settings: Any) -> None:
    settings.INSTITUTION_NAME_EN = "Arts & <Crafts>"
    text = compose(unsaved("email"))
    assert "Arts & <Crafts>" in text.body
    assert "Arts &amp; &lt;Crafts&gt;" in text.html

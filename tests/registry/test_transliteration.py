"""ELOT 743, letter by letter and where published tables go wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.demo import people
from registry.transliteration import propose


@pytest.mark.parametrize(
    ("greek", "latin"),
    [
        ("αβγδεζηθικλμνξοπρσςτυφχψω", "avgdezithiklmnxoprsstyfchpso"),
        ("Παπαδοπούλου", "Papadopoulou"),
        # The υ of αυ, ευ, ηυ by what follows: a vowel or β γ δ ζ λ μ ν ρ, or anything else, the end of a word too.
        ("Παύλος", "Pavlos"),
        ("Ευαγγελία", "Evangelia"),
        ("Ευθύμιος", "Efthymios"),
        ("Ναυσικά", "Nafsika"),
        ("Εύα", "Eva"),
        ("Αύγουστος", "Avgoustos"),
        ("ηύρα", "ivra"),
        ("ηυξήθη", "ifxithi"),
        ("Ταυ", "Taf"),
        ("Μπαλτατζή-Ταυ Ευ Ζην", "Baltatzi-Taf Ef Zin"),
        # Not one sound: the accent on the first vowel, or a diaeresis.
        ("άυλος", "aylos"),
        ("Ταΰγετος", "Taygetos"),
        ("Προϋπόθεση", "Proypothesi"),
        ("Μάιος", "Maios"),
        ("Αχαΐα", "Achaia"),
        # μπ at the edges of a word and inside.
        ("Μπάμπης", "Bampis"),
        ("Λαμπρινή", "Lamprini"),
        ("Μπομπ", "Bob"),
        ("Αλή-Μπέης Μπακ", "Ali-Beis Bak"),
        ("γγ γξ γχ γκ ντ", "ng nx nch gk nt"),
        ("Άγγελος", "Angelos"),
        ("Σφιγξ", "Sfinx"),
        ("Μελαγχολία", "Melancholia"),
        ("Γκίκας", "Gkikas"),
        ("Αντώνης", "Antonis"),
        # Capitals.
        ("ΘΕΟΔΩΡΟΣ ΨΑΛΤΗΣ", "THEODOROS PSALTIS"),
        ("Θεόδωρος Ψάλτης", "Theodoros Psaltis"),
        ("ΕΥΑΓΓΕΛΙΑ", "EVANGELIA"),
        ("Θ. Χ.", "Th. Ch."),
        # What is not Greek, decomposed letters, blanks.
        ("Smith-Παπάς 2ος", "Smith-Papas 2os"),
        ("Ε\u0301λενα", "Elena"),
        ("O'Ζωή", "O'Zoi"),
        ("  ", "  "),
        ("", ""),
    ],
)
def test_the_rule(greek: str, latin: str) -> None:
    assert propose(greek) == latin


@pytest.mark.parametrize("member", people.STUDENTS + people.STAFF, ids=lambda member: member.username)
def test_the_demo_s_people_bear_names_by_the_rule(member: people.Member) -> None:
    for name in (member.first_name, member.last_name, member.father_name):
        assert propose(name.el) == name.en


@given(st.text())
def test_anything_can_be_proposed_and_no_greek_letter_stays(text: str) -> None:
    assert not set("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ") & set(propose(text))


@given(st.text(alphabet=st.characters(max_codepoint=0x36F)))
def test_what_is_not_greek_stays(text: str) -> None:
    assert propose(propose(text)) == propose(text)

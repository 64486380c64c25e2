"""One key for every spelling of a name."""

import unicodedata

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from registry.demo import names as demo
from registry.importing.merging import derived
from registry.models import Affiliation
from registry.names import fold, prefixes, search_key
from tests.factories import AffiliationFactory

GREEK = "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώϊϋΐΰς"
LATIN = "abcdefghijklmnopqrstuvwxyz"
PAIRS = [
    *[(name.el, name.en) for name in (*demo.MEN, *demo.WOMEN)],
    *[(name.el, name.en) for surname in demo.SURNAMES for name in surname],
]


@pytest.mark.parametrize(
    "spellings",
    [
        "Παπαδόπουλος παπαδοπουλος ΠΑΠΑΔΟΠΟΥΛΟΣ Papadopoulos papadopulos PAPADOPOYLOS",
        "Χρήστος Christos hristos xristos khristos xrhstos",
        "Ξενάκης Xenakis ksenakis 3enakhs",
        "Γιάννης Yannis Giannis Yiannis gianhs",
        "Παναγιώτης Panagiotis Panayiotis Panayotis panagiwths",
        "Δημήτρης Dimitris dhmhtrhs Dhimitris",
        "Ευθυμίου Efthymiou Euthimiou eythymioy eu8imiou Evthimiou",
        "Ευάγγελος Evangelos evaggelos eyaggelos Euangelos",
        "Παυλίδης Pavlidis Paulidis paylidhs",
        "Αγγελόπουλος Angelopoulos aggelopoulos agelopoulos",
        "Ανδρέας Andreas",
        "Αντωνίου Antoniou Adoniou Andoniou antwnioy",
        "Μπακάλης Bakalis Mpakalis mpakalhs",
        "Λάμπρου Lamprou Lambrou Labrou",
        "Θεοδωρίδης Theodoridis 8eodwridhs",
        "Ψαρράς Psarras Psaras 4aras",
        "Αχμέτ Ahmet Achmet axmet",
        "Φίλιππος Filippos Philippos Filipos",
        "Βασίλης Vasilis basilis basilhs",
        "Παπαϊωάννου ΠΑΠΑΙΩΑΝΝΟΥ Papaioannou papaiwannou",
        "Τσαγκάρης Tsagkaris Tsangaris Tsagaris",
        "Γκίκας Gkikas Gikas Ghikas",
        "Ντίνος Ntinos Dinos",
        "Γεωργίου Georgiou gewrgioy",
        "Μιχαήλ Michail Mihail mixail",
        "Νικολαΐδης ΝΙΚΟΛΑΙΔΗΣ Nikolaidis nikolaidhs",
        "Ευφροσύνη Effrosyni Eufrosini",
        "Σάρα Sarah",
        "Müller MULLER",
    ],
)
def test_spellings_of_one_name_share_a_key(spellings: str) -> None:
    assert len({fold(spelling) for spelling in spellings.split()}) == 1


@pytest.mark.parametrize(("greek", "latin"), PAIRS)
def test_the_official_transliteration_has_the_greek_key(greek: str, latin: str) -> None:
    assert fold(greek) == fold(latin)
    assert fold(demo.with_look_alike(greek)) == fold(greek)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Παπαδόπουλος", "Παπαδάκης"), ("Νίκος", "Νίκη"), ("Μαρία", "Μάριος"), ("Βλάχος", "Βλάσης"), ("Ντίνος", "Νίνος")],
)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(alphabet=GREEK + GREEK.upper() + LATIN + LATIN.upper() + " -'", max_size=40))
def test_case_and_accents_do_not_matter(text: str) -> None:
    plain = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    assert fold(text) == fold(plain) == fold(text.upper()) == fold(unicodedata.normalize("NFD", text))


@given(st.text(max_size=60))
def test_a_key_is_made_of_a_small_alphabet_and_single_spaces(text: str) -> None:
    key = fold(text)
    assert set(key) <= set(LATIN + "8 ")
    assert key == " ".join(key.split())
    assert all(prefix and set(prefix) <= set(LATIN + "8 ") for prefix in prefixes(text))


@given(st.sampled_from(PAIRS), st.sampled_from(PAIRS), st.integers(3, 30), st.booleans())
def test_the_beginning_of_a_name_finds_it(
    surname: tuple[str, str], first: tuple[str, str], size: int, el: bool
) -> None:
    """However far somebody has typed, in either alphabet."""
    typed = f"{surname[0]} {first[0]}" if el else f"{surname[1]} {first[1]}"
    key = search_key(surname[0], first[0])
    assert any(key.startswith(prefix) for prefix in prefixes(typed[:size])), (typed[:size], key)


def test_the_first_name_may_come_first() -> None:
    assert search_key("Παπαδοπούλου", "Μαρία") in prefixes("maria papadopoulou")


def test_nothing_to_fold() -> None:
    assert fold("") == fold(" -' ") == ""
    assert prefixes("") == prefixes(" .") == set()


def test_latin_names_that_are_others_have_a_key_of_their_own() -> None:
    names = {"first_name_el": "Τζον", "last_name_el": "Σμιθ", "first_name_en": "John", "last_name_en": "Schmidt"}
    nothing = dict.fromkeys(
        ("insurance_kind", "insurance_country", "insurance_number", "mobile_given", "email_given"), ""
    )
    rest = nothing | {"birth_date": None, "gender": 0}
    found = derived(names | rest)
    assert found["search_name"] == search_key("Σμιθ", "Τζον")
    assert found["search_name_latin"] == search_key("Schmidt", "John") != found["search_name"]
    same = derived(names | {"first_name_en": "Tzon", "last_name_en": "Smith"} | rest)
    assert same["search_name_latin"] == ""
    latin_only = derived(names | {"first_name_el": "", "last_name_el": ""} | rest)
    assert (latin_only["search_name"], latin_only["search_name_latin"]) == (search_key("Schmidt", "John"), "")


@pytest.mark.django_db
def test_a_beginning_is_found_by_the_index() -> None:
    """PostgreSQL only; SQLite serves the demo."""
    AffiliationFactory(search_name="papadopulu maria")
    found = Affiliation.objects.filter(search_name__startswith="papad")
    assert found.count() == 1
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # A table of one row is quicker read as a whole, which says nothing of a large one.
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "affiliation_by_name" in found.explain()

"""GUnet's AMKA service, played by a real HTTP server; what decides while it is away; what is settled later."""

import ssl
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registry import amka_service, insurance_checks
from registry.amka_service import ServiceUnavailable, ask, verify
from registry.models import Affiliation, Gender, InsuranceCheck
from tests.activation.visitor import Visitor, alerts, goes_to
from tests.factories import AMKA, AffiliationFactory, WithoutAmkaFactory
from tests.services.processes import free_port
from tests.services.providers import GunetAmka, provider

BORN, SURNAME = date(2005, 3, 21), "Παπαδοπούλου"
CURRENT = "21030500124"
PRIVATE = ("ΜΥΣΤΙΚΟΣ", "ΜΥΣΤΙΚΗ", "999999999")
State = InsuranceCheck.State


@pytest.fixture
def service(settings: Any, monkeypatch: Any) -> Iterator[GunetAmka]:
    monkeypatch.setattr(amka_service, "TIMEOUT", (0.5, 0.5))
    with provider(GunetAmka) as server:
        server.people[AMKA] = (BORN.isoformat(), SURNAME)
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server
        assert server.complaints == []


def asked(number: str = AMKA, surname: str = SURNAME, born: date = BORN) -> amka_service.Verdict:
    return ask(number=number, surname=surname, birth_date=born)


def verified(number: str = AMKA, surname: str = SURNAME, born: date | None = BORN) -> amka_service.Verdict:
    return verify(number=number, surname=surname, birth_date=born, gender=Gender.FEMALE)


# ---- Answers ------------------------------------------------------------------------------------------------------


def test_a_match(service: GunetAmka) -> None:
    verdict = asked()
    assert (verdict.agrees, verdict.source, verdict.current_number) == (True, "gunet", "")
    assert service.calls[0].fields == {"ssn": AMKA, "birthdate": "2005-03-21", "surname": SURNAME}


def test_only_the_match_and_the_current_number_are_kept(service: GunetAmka, caplog: Any) -> None:
    service.replaced[AMKA] = CURRENT
    verdict = asked()
    assert (verdict.agrees, verdict.current_number) == (True, CURRENT)
    assert not [word for word in PRIVATE if word in repr(verdict) + caplog.text]


@pytest.mark.parametrize("current", ["", "none", "12345678901", "9" * 400])
def test_a_current_number_that_is_none_is_not_kept(service: GunetAmka, current: str) -> None:
    service.replaced[AMKA] = current
    assert asked() == amka_service.Verdict(None, "gunet")


@pytest.mark.parametrize(("surname", "born"), [("Γεωργίου", BORN), (SURNAME, date(2005, 3, 22))])
def test_a_mismatch(service: GunetAmka, surname: str, born: date) -> None:
    verdict = asked(surname=surname, born=born)
    assert not verdict.agrees
    assert verdict.problem
    assert (verdict.problem.code, verdict.source) == ("mismatch", "gunet")


def test_an_unknown_number(service: GunetAmka) -> None:
    service.people.clear()
    assert not asked().agrees


def test_a_number_that_can_be_none_is_not_asked_about(service: GunetAmka) -> None:
    assert not asked("00000000000").agrees
    assert service.calls == []


def test_the_service_decides_about_a_date_that_differs(service: GunetAmka) -> None:
    """Dates corrected after 2009 do not change the number."""
    service.people[AMKA] = ("2005-03-20", SURNAME)
    verdict = verified(born=date(2005, 3, 20))
    assert (verdict.agrees, verdict.source) == (True, "gunet")


# ---- Away ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", ["refuse", "fail", "hang", "drop", "garbage"])
def test_while_it_is_away_the_offline_check_decides(service: GunetAmka, behaviour: str, caplog: Any) -> None:
    service.behave(behaviour)
    with pytest.raises(ServiceUnavailable):
        asked()
    assert (verified().agrees, verified().source) == (True, "offline")
    assert not verified(born=date(2005, 3, 22)).agrees
    for secret in (AMKA, SURNAME, GunetAmka.token):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    "answer", [(200, {"unexpected": 1}), (200, "true"), (200, [1]), (200, 5), (302, []), (400, {})]
)
def test_an_answer_as_nobody_agreed_on(service: GunetAmka, monkeypatch: Any, answer: Any) -> None:
    monkeypatch.setattr(service, "accept", lambda _call: answer)
    with pytest.raises(ServiceUnavailable):
        asked()


def test_nobody_listens(service: GunetAmka, settings: Any) -> None:
    settings.GUNET_AMKA_URL = f"http://127.0.0.1:{free_port()}/"
    assert verified().source == "offline"


def test_without_a_birth_date_there_is_nothing_to_ask(service: GunetAmka) -> None:
    assert verified(born=None).source == "offline"
    assert service.calls == []


def self_signed(directory: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / "pem").write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "pem")
    return context


def test_tls_is_verified(service: GunetAmka, settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    service._server.socket = self_signed(tmp_path).wrap_socket(service._server.socket, server_side=True)
    settings.GUNET_AMKA_URL = service.url.replace("http://127.0.0.1", "https://localhost") + service.path
    with pytest.raises(ServiceUnavailable):
        asked()
    assert service.calls == []
    # It would have answered somebody who trusts that certificate.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "pem"))
    assert asked().agrees


# ---- In the journey, and afterwards -------------------------------------------------------------------------------


def activated(record: Affiliation) -> None:
    visitor = Visitor(record).reach_password()
    assert goes_to(visitor.register()) == "done"


@pytest.mark.django_db
def test_a_confirmed_number_leaves_nothing_to_do(service: GunetAmka) -> None:
    activated(AffiliationFactory.create())
    assert InsuranceCheck.objects.count() == 0


@pytest.mark.django_db
def test_a_contradicted_number_stops_the_journey(service: GunetAmka) -> None:
    service.people.clear()
    visitor = Visitor(AffiliationFactory.create(), language="el").begin()
    response = visitor.give_contact()
    assert response.status_code == 200
    assert "Ανεπιτυχής έλεγχος του ΑΜΚΑ" in alerts(response)


@pytest.mark.django_db
def test_a_replaced_number_is_work_for_the_secretariat(service: GunetAmka) -> None:
    service.replaced[AMKA] = CURRENT
    record = AffiliationFactory.create()
    activated(record)
    check = InsuranceCheck.objects.get(affiliation=record)
    assert (check.state, check.current_number) == (State.REPLACED, CURRENT)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [False, True])
def test_accepted_while_the_service_was_away_and_settled_later(service: GunetAmka, typed: bool) -> None:
    service.behave("fail")
    if typed:
        record = WithoutAmkaFactory.create()
        visitor = Visitor(record).begin()
        assert goes_to(visitor.give_contact()) == "insurance"
        assert goes_to(visitor.post("insurance", amka=AMKA)) == "pin"
        assert goes_to(visitor.type_pin()) == "confirm"
        assert goes_to(visitor.agree()) == "password"
        assert goes_to(visitor.register()) == "done"
    else:
        record = AffiliationFactory.create()
        activated(record)
    check = InsuranceCheck.objects.get(affiliation=record)
    assert check.state == State.PENDING
    assert insurance_checks.ask_pending() == 0
    check.refresh_from_db()
    assert check.state == State.PENDING

    service.behave("accept")
    assert insurance_checks.ask_pending() == 1
    check.refresh_from_db()
    assert (check.state, check.current_number) == (State.AGREED, "")
    assert insurance_checks.ask_pending() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("people", "replaced", "state"),
    [({}, {}, State.DISAGREED), ({AMKA: (BORN.isoformat(), SURNAME)}, {AMKA: CURRENT}, State.REPLACED)],
)
def test_a_later_disagreement_is_work_for_the_secretariat(
    service: GunetAmka, people: dict[str, Any], replaced: dict[str, str], state: str
) -> None:
    service.people, service.replaced = people, replaced
    check = InsuranceCheck.objects.create(affiliation=AffiliationFactory.create())
    insurance_checks.ask_pending()
    check.refresh_from_db()
    assert (check.state, check.current_number) == (state, replaced.get(AMKA, ""))
    assert check.asked_at


@pytest.mark.django_db
def test_a_number_that_the_service_stumbles_over_does_not_stop_the_others(service: GunetAmka, monkeypatch: Any) -> None:
    other = "21030500124"
    service.people[other] = (BORN.isoformat(), SURNAME)
    first = InsuranceCheck.objects.create(affiliation=AffiliationFactory.create())
    second = InsuranceCheck.objects.create(affiliation=AffiliationFactory.create(insurance_number=other))
    answer = service.accept
    monkeypatch.setattr(service, "accept", lambda call: (500, {}) if call.fields["ssn"] == AMKA else answer(call))
    insurance_checks.ask_pending()
    insurance_checks.ask_pending()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.PENDING, State.AGREED)


@pytest.mark.django_db
def test_offline_there_is_no_work(settings: Any) -> None:
    activated(AffiliationFactory.create())
    assert InsuranceCheck.objects.count() == 0

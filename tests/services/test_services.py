"""The servers that other tests rely on do what they promise."""

import smtplib

import ldap
import psycopg
import pytest
from redis import Redis

from tests.services.mail import MailServer
from tests.services.openldap import BASE, PASSWORD, READER, ROOT, SERVICE, OpenLDAP
from tests.services.postgresql import postgresql
from tests.services.redis import redis

MESSAGE = "Subject: Hello\r\nTo: {}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nΚαλημέρα\r\n"


def send(server: MailServer, to: str) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=0.5) as client:
        client.sendmail("noreply@example.org", [to], MESSAGE.format(to).encode())


def test_postgresql_answers_in_utf8() -> None:
    with postgresql() as url, psycopg.connect(url) as connection:
        row = connection.execute("SELECT upper('ενεργοποίηση'), current_setting('server_encoding')").fetchone()
    assert row == ("ΕΝΕΡΓΟΠΟΊΗΣΗ", "UTF8")


def test_postgresql_is_gone_afterwards() -> None:
    with postgresql() as url:
        pass
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_redis_answers() -> None:
    with redis() as url, Redis.from_url(url) as client:
        assert client.ping()


def test_mail_is_kept(mail: MailServer) -> None:
    send(mail, "maria@example.org")
    assert [(received.text.strip(), received.message["Subject"]) for received in mail.to("maria@example.org")] == [
        ("Καλημέρα", "Hello")
    ]
    assert mail.to("nikos@example.org") == []


def test_mail_to_a_refused_recipient(mail: MailServer) -> None:
    mail.refuse("gone@example.org")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(mail, "gone@example.org")
    assert mail.received == []


def test_mail_server_that_hangs(mail: MailServer) -> None:
    mail.behave("hang")
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(mail, "maria@example.org")


def test_mail_server_that_drops_the_line(mail: MailServer) -> None:
    mail.behave("drop")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mail, "maria@example.org")
    assert mail.received == []


# ---- OpenLDAP ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dn", [ROOT, SERVICE, READER])
def test_openldap_knows_its_services(openldap: OpenLDAP, dn: str) -> None:
    line = openldap.connect(dn)
    assert line.whoami_s() == f"dn:{dn}"
    line.unbind_s()
    with pytest.raises(ldap.INVALID_CREDENTIALS):
        openldap.connect(dn, "{INITIAL}")


def test_openldap_knows_our_user_by_its_socket(openldap: OpenLDAP) -> None:
    line = ldap.initialize(openldap.socket_url)
    line.sasl_external_bind_s()
    assert line.whoami_s() == f"dn:{SERVICE}"
    line.unbind_s()


def test_openldap_keeps_its_entries_over_a_restart_and_a_kill(openldap: OpenLDAP) -> None:
    person = [("objectClass", [b"inetOrgPerson"]), ("cn", [b"M"]), ("sn", [b"M"]), ("userPassword", [b"right"])]
    with openldap.manager() as line:
        line.add_s(f"uid=maria,ou=people,{BASE}", [*person, ("uid", [b"maria"])])
    for again in (openldap.restart, openldap.kill):
        again()
        if again == openldap.kill:
            with pytest.raises(ldap.SERVER_DOWN):
                openldap.connect()
            openldap.start()
        assert openldap.usernames() == {"maria"}
    assert openldap.accepts("maria", "right")
    assert not openldap.accepts("maria", "wrong")


def test_openldap_starts_anew_for_the_next_test(openldap: OpenLDAP) -> None:
    openldap.policy(pwdMinLength="99", pwdLockoutDuration="")
    openldap.pause()
    openldap.reset()
    with openldap.manager() as line:
        policy = line.read_s(f"cn=default,ou=policies,{BASE}")
    assert "pwdMinLength" not in policy
    assert policy["pwdLockoutDuration"] == [b"300"]
    assert PASSWORD.encode() not in (openldap.directory / "log").read_bytes()

"""Views on a real PostgreSQL, a real MariaDB and SQLite: what is read, and that nothing else can happen there."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy.exc
from django.utils import translation

from registry.models import Source
from registry.sources import BadCell, UnreadableSource, databases, open_source
from registry.sources.view_rows import text_of
from registry.sources.views import open_view
from tests.registry.sheets import STUDENT, student, write_csv
from tests.registry.university import run, sqlite_view, statements
from tests.services import mariadb as mariadb_service
from tests.services.certificates import authority, certificate
from tests.services.mariadb import mariadb
from tests.services.postgresql import postgresql
from tests.services.processes import free_port, private_directory, unprivileged_user

DAYS = {"birthDate": "2005-03-21", "enrollmentStatusDate": "2024-09-01"}
ROWS = [
    student(1, updated="2026-11-01 08:00:00", ssn="21030500066", ssnCountry="GR", lastNameEl="Ό΄Κόνορ ϋ", **DAYS),
    student(2, updated="2026-11-20 08:00:00", lastNameEn="D-Arcy", **DAYS),
    student(3, updated="2026-11-21 23:59:59", **DAYS),
]
SECRET = "s3cret"

View = dict[str, str]


@dataclass
class Files:
    """In PEM."""

    authority: Path
    certificate: Path
    key: Path


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """What is wrong is compared in English, whatever language a test before has left."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def tls() -> Iterator[Files]:
    issuer = authority("URegister tests")
    made = certificate(issuer, names=["localhost"], addresses=["127.0.0.1"])
    with private_directory("certificates", owner=unprivileged_user()) as directory:
        directory.chmod(0o755)
        files = Files(directory / "ca.pem", directory / "certificate.pem", directory / "key.pem")
        files.authority.write_bytes(issuer.certificate_pem)
        files.certificate.write_bytes(made.certificate_pem)
        files.key.write_bytes(made.key_pem)
        yield files


@pytest.fixture(scope="module")
def postgresql_view() -> Iterator[View]:
    """A database whose columns are written as GUnet writes them, which PostgreSQL keeps only when they are quoted."""
    with postgresql() as url:
        run(psycopg.connect(url), statements(ROWS, name="v_vd_sis", quote='"', case=str))
        yield {"URL": url.replace("uregister@", f"uregister:{SECRET}@"), "NAME": "v_vd_sis", "TLS": "off", "CA": ""}


@pytest.fixture(scope="module")
def mariadb_view(tls: Files) -> Iterator[View]:
    """Everything in capitals, as views that once were Oracle's are."""
    with mariadb(f"--ssl-cert={tls.certificate}", f"--ssl-key={tls.key}") as port:
        run(mariadb_service.connect(port), statements(ROWS, name="V_VD_SIS", quote="`", case=str.upper))
        url = f"mariadb://reader:{SECRET}@127.0.0.1:{port}/university"
        yield {"URL": url, "NAME": "V_VD_SIS", "TLS": "off", "CA": ""}


@pytest.fixture
def sqlite(tmp_path: Path) -> View:
    return sqlite_view(tmp_path / "sis.sqlite3", ROWS)


@pytest.fixture(params=["postgresql_view", "mariadb_view", "sqlite"])
def view(request: pytest.FixtureRequest, settings: Any) -> View:
    """The view of each of the databases, configured."""
    chosen: View = request.getfixturevalue(request.param)
    settings.VIEWS = {"sis": chosen, "hrms": {}}
    return chosen


def numbers(since: str = "") -> list[str]:
    return sorted(values["systemID"] for _line, values in open_view(Source.SIS, since=since))


def problem() -> str:
    with pytest.raises(UnreadableSource) as caught:
        list(open_view(Source.SIS))
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return str(caught.value)


# ---- What is read -----------------------------------------------------------------------------------------------


def test_a_view_gives_the_rows_that_a_file_gives(view: View, tmp_path: Path) -> None:
    from_file = open_source(write_csv(tmp_path / "s.csv", *ROWS), Source.SIS)
    reading = open_view(Source.SIS)
    assert [values for _line, values in reading] == [values for _line, values in from_file]
    assert reading.complete


def test_only_what_changed_is_read(view: View) -> None:
    mark = open_view(Source.SIS).mark
    later = open_view(Source.SIS, since=mark)
    assert later.mark == mark
    assert not later.complete
    assert [values["systemID"] for _line, values in later] == ["S3"]


def test_rows_that_became_visible_late_are_not_missed(postgresql_view: View, settings: Any) -> None:
    settings.VIEWS = {"sis": postgresql_view, "hrms": {}}
    assert numbers('["datetime", "2026-11-20T08:59:59"]') == ["S2", "S3"]
    assert numbers('["datetime", "2026-11-20T09:00:01"]') == ["S3"]


def test_a_mark_of_another_kind_or_none_means_everything(view: View) -> None:
    assert numbers('["number", "7"]') == numbers("") == ["S1", "S2", "S3"]


def test_a_view_without_times_is_read_whole(tmp_path: Path, settings: Any) -> None:
    settings.VIEWS = {"sis": sqlite_view(tmp_path / "sis.sqlite3", [student(1), student(2)]), "hrms": {}}
    reading = open_view(Source.SIS, since='["text", "2026"]')
    assert (len(list(reading)), reading.complete, reading.mark) == (2, True, "")


def test_columns_may_be_named_otherwise(tmp_path: Path, settings: Any) -> None:
    rows = [{("KINHTO" if name == "mobilePhone" else name): value for name, value in row.items()} for row in ROWS]
    settings.VIEWS = {"sis": sqlite_view(tmp_path / "sis.sqlite3", rows, name="students"), "hrms": {}}
    assert "mobilephone" in problem()
    settings.SIS_COLUMNS = {"mobilePhone": "kinhto"}
    assert [values["mobilePhone"] for _line, values in open_view(Source.SIS)] == [row["mobilePhone"] for row in ROWS]


def test_a_schema_may_be_named(postgresql_view: View, settings: Any) -> None:
    settings.VIEWS = {"sis": postgresql_view | {"NAME": "public.v_vd_sis"}, "hrms": {}}
    assert numbers() == ["S1", "S2", "S3"]


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        (None, "ssn", ""),
        (306900000001, "mobilePhone", "306900000001"),
        (Decimal("2.00"), "gender", "2"),
        (2.0, "gender", "2"),
        (Decimal("1.5"), "enrollmentTerm", "1.5"),
        (float("nan"), "enrollmentTerm", "nan"),
        (dt.date(2005, 3, 21), "birthDate", "2005-03-21"),
        (dt.datetime(2005, 3, 21, 0, 0, tzinfo=dt.UTC), "birthDate", "2005-03-21"),
        ("0000-00-00", "birthDate", ""),
        ("Μαρία".encode(), "firstNameEl", "Μαρία"),
        (b"\xff", "firstNameEl", BadCell("The field is no text.")),
        ("=1+1", "firstNameEl", BadCell("The field is a formula.")),
        ("x" * 3000, "firstNameEl", BadCell("The field is far too long.")),
    ],
)
def test_values_become_what_a_file_holds(value: Any, column: str, text: str) -> None:
    found = text_of(value, column)
    assert isinstance(found, BadCell) == isinstance(text, BadCell)
    assert isinstance(text, BadCell) or found == text


def test_a_large_view_is_a_stream(mariadb_view: View, postgresql_view: View, settings: Any) -> None:
    """The first row arrives before the last one has been computed: the view divides by nought far behind."""
    for view, name in ((postgresql_view, "stream_pg"), (mariadb_view, "stream_maria")):
        settings.VIEWS = {"sis": view | {"NAME": name}, "hrms": {}}
        make_failing_view(view, name)
        rows = iter(open_view(Source.SIS))
        assert next(rows)[1]["systemID"] == "1"
        with pytest.raises(UnreadableSource):
            list(rows)


def make_failing_view(view: View, name: str) -> None:
    """20,000 rows, of which the last one can't be computed."""
    others = ", ".join(f"'' AS {column}" for column in STUDENT if column not in ("systemID", "gender"))
    if view["URL"].startswith("mariadb"):
        port = int(view["URL"].rsplit(":", 1)[1].split("/")[0])
        # A subquery that finds two values where one may be is an error, whatever the SQL mode.
        bad = "IF(seq < 20000, 1, (SELECT 1 UNION SELECT 2 + seq))"
        sql = f"SELECT seq AS systemID, {bad} AS gender, {others} FROM seq_1_to_20000"
        run(mariadb_service.connect(port), [f"CREATE OR REPLACE VIEW {name} AS {sql}"])
    else:
        sql = f"SELECT n AS systemID, 1 / (20000 - n) AS gender, {others} FROM generate_series(1, 20000) AS n"
        run(psycopg.connect(view["URL"]), [f"CREATE OR REPLACE VIEW {name} AS {sql}"])


# ---- What must not happen ---------------------------------------------------------------------------------------


def test_nothing_can_be_written(view: View) -> None:
    with databases.engine(view).connect() as connection:
        databases.begin_reading(connection)
        with pytest.raises(sqlalchemy.exc.DBAPIError, match=r"(?i)read.?only"):
            connection.execute(sqlalchemy.text(f"DELETE FROM {quoted_table(view)}"))
    assert numbers() == ["S1", "S2", "S3"]


def quoted_table(view: View) -> str:
    return f"{view['NAME']}_rows"


def test_errors_show_neither_secret_nor_address(view: View, settings: Any) -> None:
    for wrong in ({"NAME": "v_vd_nothing"}, {"URL": view["URL"].replace("127.0.0.1", "127.0.0.2") + "x"}):
        settings.VIEWS = {"sis": view | wrong, "hrms": {}}
        text = problem()
        assert not [part for part in (SECRET, "127.0.0", "reader", "SELECT", "/tmp") if part in text]
        assert "can't be read" in text


def test_the_driver_is_understood_without_its_words(postgresql_view: View, settings: Any, tmp_path: Path) -> None:
    unreachable = {"URL": f"postgres://reader:{SECRET}@127.0.0.1:{free_port()}/x"}
    settings.VIEWS = {"sis": postgresql_view | unreachable, "hrms": {}}
    assert problem() == "The view v_vd_sis can't be read: OperationalError, connection refused."
    settings.VIEWS = {"sis": postgresql_view | {"URL": f"sqlite:///{tmp_path}/none.sqlite3"}, "hrms": {}}
    assert problem() == "The view v_vd_sis can't be read: OperationalError, unable to open database file."


def test_a_wrong_password_is_told_by_its_code(mariadb_view: View, settings: Any) -> None:
    settings.VIEWS = {"sis": mariadb_view | {"URL": mariadb_view["URL"].replace(SECRET, "wr0ng")}, "hrms": {}}
    assert "OperationalError, 1045, access denied" in problem()
    assert "wr0ng" not in problem()


def test_what_takes_too_long_is_given_up(postgresql_view: View, settings: Any) -> None:
    columns = ", ".join(f"'' AS {column}" for column in STUDENT if column != "systemID")
    sql = f"CREATE OR REPLACE VIEW slow AS SELECT pg_sleep(20)::text AS systemID, {columns}"
    run(psycopg.connect(postgresql_view["URL"]), [sql])
    settings.VIEWS = {"sis": postgresql_view | {"NAME": "slow"}, "hrms": {}}
    settings.VIEW_TIMEOUT = 1
    assert "57014" in problem()


def test_without_a_view_the_setting_is_named() -> None:
    assert problem() == "UREGISTER_SIS_URL is not set: there is no database view to read."


# ---- Encryption -------------------------------------------------------------------------------------------------


def test_a_certificate_is_checked(mariadb_view: View, tls: Files, settings: Any) -> None:
    settings.VIEWS = {"sis": mariadb_view | {"TLS": "verify", "CA": str(tls.authority)}, "hrms": {}}
    assert numbers() == ["S1", "S2", "S3"]
    settings.VIEWS = {"sis": mariadb_view | {"TLS": "verify"}, "hrms": {}}
    assert "certificate verify failed" in problem()
    settings.VIEWS = {"sis": mariadb_view | {"TLS": "require"}, "hrms": {}}
    assert numbers() == ["S1", "S2", "S3"]


@pytest.mark.parametrize("protection", ["verify", "require"])
def test_a_server_without_encryption_is_refused_where_it_is_wanted(
    postgresql_view: View, settings: Any, protection: str
) -> None:
    settings.VIEWS = {"sis": postgresql_view | {"TLS": protection}, "hrms": {}}
    assert "does not support ssl" in problem()


# ---- Oracle: no server here -------------------------------------------------------------------------------------


def test_an_address_of_oracle() -> None:
    view = {"URL": "oracle://sis:p%40ss@db.example.org:1522/SISPDB", "NAME": "v_vd_sis", "TLS": "off", "CA": ""}
    made = databases.engine(view)
    arguments, options = made.dialect.create_connect_args(made.url)
    assert (made.dialect.name, made.dialect.driver, arguments) == ("oracle", "oracledb", [])
    assert (options["user"], options["password"]) == ("sis", "p@ss")
    assert "(HOST=db.example.org)(PORT=1522)" in options["dsn"]
    assert "SERVICE_NAME=SISPDB" in options["dsn"]


def test_oracle_is_asked_in_its_own_words() -> None:
    made = databases.engine({"URL": "oracle://sis:x@db.example.org/SIS", "NAME": "", "TLS": "off", "CA": ""})
    wanted = sqlalchemy.select(sqlalchemy.column("systemid"), sqlalchemy.column("birthDate"))
    sql = str(wanted.select_from(sqlalchemy.table("v_vd_sis", schema="sis")).compile(made))
    assert " ".join(sql.split()) == 'SELECT systemid, "birthDate" FROM sis.v_vd_sis'

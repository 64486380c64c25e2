"""Invented people for the tests."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from accounts.models import Account
from registry import insurance
from registry.models import Affiliation, Department, Gender, Kind, Person, Source, Status

# Validates for a woman born on 2005-03-21.
AMKA = "21030500066"


class DepartmentFactory(DjangoModelFactory[Department]):
    class Meta:
        model = Department
        django_get_or_create = ("code",)

    code = "100"
    name_el = "Τμήμα Πληροφορικής"
    name_en = "Department of Informatics"
    email = "informatics@example.org"


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person


class AffiliationFactory(DjangoModelFactory[Affiliation]):
    """A student's complete record: born 2005-03-21, an AMKA that validates for that date and for a woman."""

    class Meta:
        model = Affiliation

    person = factory.SubFactory(PersonFactory)
    department = factory.SubFactory(DepartmentFactory)
    source = Source.SIS
    system_id = factory.Sequence(lambda n: f"s{n}")
    registration_number = factory.Sequence(lambda n: f"it{n:05}")
    kind = Kind.STUDENT
    status = Status.ACTIVE
    username = factory.Sequence(lambda n: f"student{n}")
    first_name_el = "Μαρία"
    first_name_en = "Maria"
    last_name_el = "Παπαδοπούλου"
    last_name_en = "Papadopoulou"
    father_name_el = "Γεώργιος"
    father_name_en = "Georgios"
    birth_date = date(2005, 3, 21)
    gender = Gender.FEMALE
    insurance_kind = "amka"
    insurance_number = AMKA
    insurance_country = "GR"
    insurance_digest = factory.LazyAttribute(
        lambda record: insurance.digest(record.insurance_country, record.insurance_number)
    )
    amka_flaw = factory.LazyAttribute(
        lambda record: insurance.amka_flaw(
            record.insurance_kind, record.insurance_number, birth_date=record.birth_date, gender=record.gender
        )
    )
    mobile_given = factory.SelfAttribute("mobile")
    mobile = factory.Sequence(lambda n: f"+3069000{n + 10000:05}")
    email_given = factory.SelfAttribute("email")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    source_digest = factory.Sequence(lambda n: f"{n:064x}")


class WithoutAmkaFactory(AffiliationFactory):
    """A student who is asked for the AMKA that the record lacks; `AMKA` would be theirs."""

    insurance_kind = ""
    insurance_number = ""
    insurance_country = ""


class StaffFactory(AffiliationFactory):
    """A faculty member, as the personnel system knows them."""

    source = Source.HRMS
    system_id = factory.Sequence(lambda n: f"h{n}")
    registration_number = factory.Sequence(lambda n: f"{n:06}")
    kind = Kind.FACULTY
    username = factory.Sequence(lambda n: f"faculty{n}")
    department = None


class AccountFactory(DjangoModelFactory[Account]):
    class Meta:
        model = Account

    username = factory.Sequence(lambda n: f"account{n}")

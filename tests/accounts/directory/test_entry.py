"""Every attribute of the three sets, in its exact form."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.directory import Attributes
from accounts.directory.entry import MANAGED, PROFILES, compose, object_classes
from registry.models import Affiliation, Gender, InsuranceKind, Kind, Status
from tests.accounts.directory.people import INFORMATICS, NURSING, account, employee, student
from tests.factories import AMKA

NAMES: Attributes = {
    "cn": ("Maria Papadopoulou",),
    "cn;lang-el": ("Μαρία Παπαδοπούλου",),
    "cn;lang-en": ("Maria Papadopoulou",),
    "givenName": ("Maria",),
    "givenName;lang-el": ("Μαρία",),
    "givenName;lang-en": ("Maria",),
    "sn": ("Papadopoulou",),
    "sn;lang-el": ("Παπαδοπούλου",),
    "sn;lang-en": ("Papadopoulou",),
    "displayName": ("Maria Papadopoulou",),
    "displayName;lang-el": ("Μαρία Παπαδοπούλου",),
    "displayName;lang-en": ("Maria Papadopoulou",),
}
INETORGPERSON: Attributes = {"uid": ("maria05",), **NAMES, "mail": ("maria05@uregister.example",)}
# What is the same for everybody.
OF_ALL: Attributes = {
    "eduPersonPrincipalName": ("maria05@uregister.example",),
    "schacHomeOrganization": ("uregister.example",),
    "schacHomeOrganizationType": ("urn:schac:homeOrganizationType:eu:higherEducationalInstitution",),
    "schacDateOfBirth": ("20050321",),
    "schacGender": ("2",),
    "schacPersonalUniqueID": (f"urn:mace:terena.org:schac:personalUniqueID:gr:SSN:{AMKA}",),
    "schacUserStatus": ("urn:schac:userStatus:gr:uregister.example:active",),
    "schGrAcPersonSSN": (AMKA,),
}
OF_STUDENTS: Attributes = {
    "schacPersonalUniqueCode": (
        "urn:mace:terena.org:schac:personalUniqueCode:gr:uregister.example:1501:20001",
        "urn:schac:personalUniqueCode:int:esi:uregister.example:1000001",
    ),
    "schGrAcEnrollment": ("urn:mace:gunet.gr:schgrac:enrollment:gr:uregister.example:5:full-time:1501",),
}
BRANCH: Attributes = {"grEduPersonUndergraduateBranch": ("1501",)}
SIS_LINK = "urn:mace:gunet.gr:schgrac:personalLinkageID:gr:uregister.example:sis:1000001:20001"
HRMS_LINK = "urn:mace:gunet.gr:schgrac:personalLinkageID:gr:uregister.example:hrms:5000001:3001"


def affiliated(*names: str) -> Attributes:
    """The three attributes; the first name is the primary affiliation."""
    return {
        "eduPersonAffiliation": names,
        "eduPersonPrimaryAffiliation": names[:1],
        "eduPersonScopedAffiliation": tuple(f"{name}@uregister.example" for name in names),
    }


def composed(*records: Affiliation, profile: str = "gunet", **values: Any) -> Attributes:
    return compose(account(records[0] if records else None, **values), records, profile=profile)


def linked(*values: str) -> Attributes:
    return {"schGrAcPersonalLinkageID": values}


# ---- The persons of the issue -------------------------------------------------------------------------------


def test_a_student() -> None:
    expected = INETORGPERSON | OF_ALL | affiliated("student", "member") | OF_STUDENTS | BRANCH | linked(SIS_LINK)
    assert composed(student()) == expected


def test_a_faculty_member() -> None:
    expected = INETORGPERSON | OF_ALL | affiliated("faculty", "employee", "member") | linked(HRMS_LINK)
    assert composed(employee()) == expected


def test_administrative_staff() -> None:
    expected = INETORGPERSON | OF_ALL | affiliated("staff", "employee", "member") | linked(HRMS_LINK)
    assert composed(employee(kind=Kind.ADMINISTRATIVE)) == expected


def test_temporary_teaching_staff_is_no_faculty() -> None:
    """APELLA takes everybody who is `faculty` for a professor."""
    expected = INETORGPERSON | OF_ALL | affiliated("employee", "member") | linked(HRMS_LINK)
    assert composed(employee(kind=Kind.ASSOCIATE)) == expected


def test_a_doctoral_student_who_teaches_has_the_union() -> None:
    records = (student(enrollment_type="phd"), employee(kind=Kind.ASSOCIATE))
    expected = INETORGPERSON | OF_ALL | affiliated("student", "employee", "member") | OF_STUDENTS
    assert composed(*records) == expected | linked(SIS_LINK, HRMS_LINK)


def test_the_order_of_the_records_does_not_matter() -> None:
    one, other = student(), employee()
    assert composed(one, other) == compose(account(one), [other, one], profile="gunet")


def test_a_student_who_works_in_the_administration() -> None:
    found = composed(student(), employee(kind=Kind.ADMINISTRATIVE))
    assert found["eduPersonAffiliation"] == ("staff", "student", "employee", "member")


def test_an_insurance_number_of_another_country() -> None:
    record = student(insurance_kind=InsuranceKind.FOREIGN, insurance_number="AB123456C", insurance_country="DE")
    found = composed(record)
    assert found["schacPersonalUniqueID"] == ("urn:mace:terena.org:schac:personalUniqueID:de:SSN:AB123456C",)
    assert "schGrAcPersonSSN" not in found


def test_a_european_card() -> None:
    record = student(insurance_kind=InsuranceKind.EHIC, insurance_number="80" * 10, insurance_country="CY")
    found = composed(record)
    assert found["schacPersonalUniqueID"] == (f"urn:mace:terena.org:schac:personalUniqueID:cy:EHIC:{'80' * 10}",)
    assert "schGrAcPersonSSN" not in found


@pytest.mark.parametrize(
    "values",
    [
        {"insurance_kind": "", "insurance_number": "", "insurance_country": ""},
        {"insurance_country": ""},
        {"insurance_number": "21030500067"},  # Its last digit is wrong.
        {"insurance_number": "0" * 11},
        # A provisional number: consumers take what stands after gr:SSN: for an AMKA.
        {"insurance_kind": InsuranceKind.FOREIGN, "insurance_number": "12345678901A"},
        {"insurance_kind": InsuranceKind.FOREIGN, "insurance_number": "AB:12", "insurance_country": "DE"},
    ],
)
def test_no_insurance_number_that_could_be_written(values: dict[str, Any]) -> None:
    found = composed(student(**values))
    assert "schacPersonalUniqueID" not in found
    assert "schGrAcPersonSSN" not in found
    assert found.keys() | {"schacPersonalUniqueID", "schGrAcPersonSSN"} == composed(student()).keys()


def test_the_same_person_s_two_numbers() -> None:
    foreign = employee(insurance_kind=InsuranceKind.FOREIGN, insurance_number="X1", insurance_country="FR")
    found = composed(student(), foreign)
    assert found["schacPersonalUniqueID"] == (
        f"urn:mace:terena.org:schac:personalUniqueID:gr:SSN:{AMKA}",
        "urn:mace:terena.org:schac:personalUniqueID:fr:SSN:X1",
    )
    assert found["schGrAcPersonSSN"] == (AMKA,)


def test_the_insurance_urn_has_the_eight_parts_that_consumers_expect() -> None:
    (urn,) = composed(student())["schacPersonalUniqueID"]
    assert len(urn.split(":")) == 8


# ---- The smaller sets ---------------------------------------------------------------------------------------


def test_inetorgperson_has_names_and_mail_and_nothing_else() -> None:
    assert composed(student(), profile="inetorgperson") == INETORGPERSON


def test_eduperson_has_no_national_identifier() -> None:
    expected = INETORGPERSON | affiliated("student", "member")
    expected |= {"eduPersonPrincipalName": ("maria05@uregister.example",)}
    assert composed(student(), profile="eduperson") == expected


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_written_is_managed(profile: str, settings: Any) -> None:
    settings.DIRECTORY_ENTITLEMENTS = ["urn:mace:dir:entitlement:common-lib-terms"]
    settings.DIRECTORY_PROFILE = profile
    everything = compose(account(expires_at=timezone.now()), [student(), employee()])
    assert set(everything) == set(MANAGED[profile])
    assert not {"objectClass", "userPassword"} & set(MANAGED[profile])


def test_each_profile_has_the_object_classes_of_the_one_before(settings: Any) -> None:
    assert object_classes("inetorgperson") == ("top", "person", "organizationalPerson", "inetOrgPerson")
    assert object_classes("eduperson") == (*object_classes("inetorgperson"), "eduPerson")
    assert set(object_classes("eduperson")) < set(object_classes("gunet"))
    settings.DIRECTORY_OBJECT_CLASSES = ["inetOrgPerson", "ourPerson"]
    assert object_classes("gunet") == ("inetOrgPerson", "ourPerson")


# ---- Names --------------------------------------------------------------------------------------------------


def test_a_missing_latin_form_is_proposed() -> None:
    found = composed(student(first_name_en="", last_name_en=""))
    assert {name: found[name] for name in NAMES} == NAMES


def test_the_passport_s_form_is_not_recomputed() -> None:
    found = composed(student(first_name_en="Mary", last_name_en="Papadopulu"))
    assert (found["cn"], found["cn;lang-el"]) == (("Mary Papadopulu",), ("Μαρία Παπαδοπούλου",))


def test_who_has_no_greek_name_has_none_in_greek() -> None:
    found = composed(student(first_name_el="", last_name_el="", first_name_en="John", last_name_en="O'Brien"))
    assert (found["cn"], found["sn;lang-en"]) == (("John O'Brien",), ("O'Brien",))
    assert not [name for name in found if name.endswith(";lang-el")]


def test_who_has_one_name_only() -> None:
    found = composed(student(first_name_el="", first_name_en=""))
    assert (found["cn"], found["cn;lang-el"]) == (("Papadopoulou",), ("Παπαδοπούλου",))
    assert not [name for name in found if name.startswith("givenName")]


def test_the_account_bears_the_names_of_the_record_it_was_activated_with() -> None:
    records = (student(last_name_en="Student"), employee(last_name_en="Employee"))
    assert compose(account(records[0]), records)["sn"] == ("Student",)
    assert compose(account(records[1]), records)["sn"] == ("Employee",)
    records[0].status = Status.INACTIVE
    assert compose(account(records[0]), records)["sn"] == ("Employee",)


# ---- Current records ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ended", [{"status": Status.INACTIVE}, {"vanished_at": timezone.now()}])
def test_an_ended_record_counts_for_nothing(ended: dict[str, Any]) -> None:
    assert composed(employee(), student(**ended)) == composed(employee())


@pytest.mark.parametrize("ended", [{"status": Status.INACTIVE}, {"vanished_at": timezone.now()}])
def test_with_none_left_the_person_stays_known_and_is_nothing_any_more(ended: dict[str, Any]) -> None:
    end = datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)
    expected = INETORGPERSON | OF_ALL | {"schacExpiryDate": ("20270131235959Z",)}
    assert composed(student(**ended), expires_at=end) == expected


def test_a_contract_that_is_about_to_start_counts() -> None:
    assert composed(employee(status=Status.INTERIM))["eduPersonPrimaryAffiliation"] == ("faculty",)


# ---- Values one by one --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "absent"),
    [
        ({"birth_date": None}, {"schacDateOfBirth"}),
        ({"gender": Gender.UNKNOWN}, {"schacGender"}),
        ({"enrollment_term": ""}, {"schGrAcEnrollment"}),
        ({"attendance_type": ""}, {"schGrAcEnrollment"}),
        ({"enrollment_type": "postgraduate"}, {"grEduPersonUndergraduateBranch"}),
        ({"department": None}, {"schGrAcEnrollment", "grEduPersonUndergraduateBranch"}),
        # A colon would shift the parts of the URN.
        ({"attendance_type": "a:b"}, {"schGrAcEnrollment"}),
    ],
)
def test_what_the_record_does_not_say_is_absent(values: dict[str, Any], absent: set[str]) -> None:
    assert set(composed(student())) - set(composed(student(**values))) == absent


def test_a_number_with_a_colon_is_left_out_and_the_others_stay() -> None:
    found = composed(student(registration_number="20001:gr"))
    assert found["schacPersonalUniqueCode"] == OF_STUDENTS["schacPersonalUniqueCode"][1:]


def test_gender_and_birth_date_of_another_record_where_the_first_has_none() -> None:
    found = composed(student(birth_date=None, gender=Gender.UNKNOWN), employee(birth_date=date(1999, 12, 31), gender=9))
    assert (found["schacDateOfBirth"], found["schacGender"]) == (("19991231",), ("9",))


def test_two_registrations_of_one_student() -> None:
    second = student(pk=3, registration_number="ΜΠΠΛ 301/26", department=NURSING, enrollment_type="postgraduate")
    found = composed(student(), second)
    assert found["schacPersonalUniqueCode"] == (
        "urn:mace:terena.org:schac:personalUniqueCode:gr:uregister.example:1501:20001",
        "urn:mace:terena.org:schac:personalUniqueCode:gr:uregister.example:1503:ΜΠΠΛ 301/26",
        "urn:schac:personalUniqueCode:int:esi:uregister.example:1000001",
    )
    assert found["grEduPersonUndergraduateBranch"] == ("1501",)


def test_values_that_ldap_takes_for_the_same_are_written_once() -> None:
    twin = student(pk=3, registration_number="abc", enrollment_term="6")
    found = composed(student(registration_number="ABC"), twin)
    assert len(found["schacPersonalUniqueCode"]) == 2


def test_every_prefix_is_a_setting(settings: Any) -> None:
    for name in ("PERSONAL_CODE", "ESI", "PERSONAL_ID", "USER_STATUS", "ENROLLMENT", "LINKAGE"):
        setattr(settings, f"DIRECTORY_{name}_PREFIX", f"urn:x-{name.lower().replace('_', '-')}:a")
    settings.SCOPE = "ihu.gr"
    settings.DIRECTORY_MAIL = "{username}@mail.ihu.gr"
    settings.DIRECTORY_ORGANIZATION_TYPE = "urn:x:type"
    settings.DIRECTORY_ENTITLEMENTS = ["urn:mace:dir:entitlement:common-lib-terms"]
    settings.DIRECTORY_ESI_CODE = "registration_number"
    settings.DIRECTORY_GENDER = False
    settings.DIRECTORY_AFFILIATIONS = {**settings.DIRECTORY_AFFILIATIONS, "associate": "affiliate"}
    settings.UNDERGRADUATE_ENROLLMENT_TYPES = ["Προπτυχιακό"]
    records = (student(enrollment_type="ΠΡΟΠΤΥΧΙΑΚΌ"), employee(kind=Kind.ASSOCIATE, department=INFORMATICS))
    found = composed(*records)
    assert {name: found[name] for name in found if name not in NAMES} == {
        "uid": ("maria05",),
        "mail": ("maria05@mail.ihu.gr",),
        "eduPersonPrincipalName": ("maria05@ihu.gr",),
        "eduPersonAffiliation": ("student", "affiliate", "member"),
        "eduPersonPrimaryAffiliation": ("student",),
        "eduPersonScopedAffiliation": ("student@ihu.gr", "affiliate@ihu.gr", "member@ihu.gr"),
        "eduPersonEntitlement": ("urn:mace:dir:entitlement:common-lib-terms",),
        "schacHomeOrganization": ("ihu.gr",),
        "schacHomeOrganizationType": ("urn:x:type",),
        "schacDateOfBirth": ("20050321",),
        "schacPersonalUniqueCode": ("urn:x-personal-code:a:ihu.gr:1501:20001", "urn:x-esi:a:ihu.gr:20001"),
        "schacPersonalUniqueID": (f"urn:x-personal-id:a:gr:SSN:{AMKA}",),
        "schacUserStatus": ("urn:x-user-status:a:ihu.gr:active",),
        "schGrAcPersonSSN": (AMKA,),
        "schGrAcPersonalLinkageID": (
            "urn:x-linkage:a:ihu.gr:sis:1000001:20001",
            "urn:x-linkage:a:ihu.gr:hrms:5000001:3001",
        ),
        "schGrAcEnrollment": ("urn:x-enrollment:a:ihu.gr:5:full-time:1501",),
        "grEduPersonUndergraduateBranch": ("1501",),
    }


def test_an_affiliate_alone_is_no_member(settings: Any) -> None:
    settings.DIRECTORY_AFFILIATIONS = {**settings.DIRECTORY_AFFILIATIONS, "associate": "affiliate"}
    assert composed(employee(kind=Kind.ASSOCIATE))["eduPersonAffiliation"] == ("affiliate",)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, "active"),
        ({"blocked_at": timezone.now()}, "blocked"),
        ({"is_active": False}, "inactive"),
        ({"is_active": False, "blocked_at": timezone.now()}, "inactive"),
    ],
)
def test_the_status(values: dict[str, Any], status: str) -> None:
    assert composed(student(), **values)["schacUserStatus"] == (f"urn:schac:userStatus:gr:uregister.example:{status}",)

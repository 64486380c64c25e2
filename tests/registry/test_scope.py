"""Who sees and corrects whose records."""

import pytest
from django.contrib.auth.models import Permission

from accounts.models import Account
from registry import scope
from registry.models import Department
from tests.factories import AffiliationFactory, DepartmentFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def university() -> dict[str, int]:
    """A student and an employee in each of two departments, and an employee of none."""
    records = {}
    for code in ("100", "200"):
        department = DepartmentFactory.create(code=code)
        records[f"student {code}"] = AffiliationFactory.create(department=department).pk
        records[f"staff {code}"] = StaffFactory.create(department=department).pk
    records["staff"] = StaffFactory.create().pk
    return records


def member(*permissions: str, departments: tuple[str, ...] = ()) -> Account:
    account = Account.objects.create_user("member", "blue-ferry-harbour", is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    account.departments.set(Department.objects.filter(code__in=departments))
    return account


@pytest.mark.parametrize(
    ("permissions", "departments", "kept"),
    [
        (["keep_students"], ["100"], ["student 100"]),
        (["keep_students"], [], []),
        (["keep_staff"], [], ["staff", "staff 100", "staff 200"]),
        (["keep_staff"], ["200"], ["staff 200"]),
        (["keep_students", "keep_staff"], ["200"], ["staff 200", "student 200"]),
        (["see_all_records"], ["100"], []),
        ([], ["100"], []),
    ],
)
def test_an_office_keeps_its_own_records(
    university: dict[str, int], permissions: list[str], departments: list[str], kept: list[str]
) -> None:
    viewer = member(*permissions, departments=tuple(departments))
    pks = set(scope.kept_records(viewer).values_list("pk", flat=True))
    assert sorted(name for name, pk in university.items() if pk in pks) == kept
    assert scope.keeps_records(viewer) is bool({"keep_students", "keep_staff"} & set(permissions))


def test_who_may_look_at_all_sees_all_and_corrects_none(university: dict[str, int]) -> None:
    viewer = member("see_all_records")
    assert scope.visible_records(viewer).count() == len(university)
    assert list(scope.visible_departments(viewer)) == list(Department.objects.all())
    assert not scope.kept_records(viewer).exists()


def test_departments_are_those_of_the_office(university: dict[str, int]) -> None:
    viewer = member("keep_students", departments=("200",))
    assert [department.code for department in scope.visible_departments(viewer)] == ["200"]


def test_who_belongs_to_no_office_sees_nothing(university: dict[str, int]) -> None:
    viewer = member(departments=("100",))
    assert not scope.visible_records(viewer).exists()
    assert not scope.visible_departments(viewer).exists()


def test_a_superuser_keeps_everything(university: dict[str, int]) -> None:
    root = Account.objects.create_superuser("root", "blue-ferry-harbour")
    assert scope.kept_records(root).count() == len(university)
    assert scope.visible_departments(root).count() == 2

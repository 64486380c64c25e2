"""Nobody sees or changes more than their right, whatever address of the administration they ask for.

The walk reads the site's own addresses: a page that comes is walked too.
"""

from typing import Any

import pytest

from accounts.models import Account
from registry.models import Affiliation, Correction
from tests.uregister.walk import (
    PARAMETER,
    Records,
    addresses,
    body,
    everybody,
    make_records,
    one_of_each,
    questions,
    routes,
    told,
)

pytestmark = pytest.mark.django_db

ANSWERS = {200, 302, 303, 400, 403, 404, 405}
OK = 200
OFFICES = "/admin/office/"


@pytest.fixture
def records() -> Records:
    return make_records()


@pytest.mark.usefixtures("no_limits")
def test_nobody_sees_more_than_their_right(records: Records) -> None:
    """By list, search, filter, address, history, export or autocompletion; and every address answers."""
    everything = [*addresses(records), *questions(records)]
    seen: dict[str, set[str]] = {}
    wrong: list[Any] = []
    people = everybody(records)
    once = one_of_each(records)
    for who, (client, may) in people.items():
        for address in everything if may else once:
            answer = client.get(address)
            if answer.status_code not in ANSWERS:
                wrong.append((who, address, answer.status_code))
            if answer.status_code in (302, 303, 403, 404, 405):
                continue
            page = body(answer)
            for key, record in records.items():
                if found := told(page.replace(address.partition("q=")[2], ""), record):
                    seen.setdefault(who, set()).add(key)
                    wrong += [(who, address, found)] if key not in may else []
    assert wrong == []
    # The walk has met each record with who may see it: else it would prove nothing.
    assert {who: "".join(sorted(keys)) for who, keys in seen.items()} == {
        "secretariat A": "A",
        "secretariat B": "B",
        "personnel": "S",
        "operator": "ABS",
        "auditor": "ABS",
    }


@pytest.mark.usefixtures("no_limits")
def test_nobody_changes_what_is_not_theirs(records: Records) -> None:
    """Whatever is posted to whatever address of another's record."""

    def state(held: Records) -> list[Any]:
        pks = [record.pk for record in held.values()]
        corrections = Correction.objects.filter(affiliation__in=pks).order_by("pk")
        return [*Affiliation.objects.filter(pk__in=pks).order_by("pk").values(), *corrections.values()]

    form = {"reason": "I would like to", "action": "ask_again", "mobile_given": "+306900001111", "value": "Άλλη"}
    for who, (client, may) in everybody(records).items():
        others = {key: record for key, record in records.items() if key not in may or len(may) > 1}
        before = state(others)
        for address in addresses(others) if may else one_of_each(records):
            if any(f"/{record.pk}/" in address for key, record in records.items() if key not in others):
                continue
            # Reading the answer closes what an export holds open.
            body(client.post(address, form | {"_selected_action": [record.pk for record in others.values()]}))
        assert state(others) == before, who


@pytest.mark.usefixtures("no_limits")
def test_histories_and_autocompletion_tell_each_office_of_its_own(records: Records) -> None:
    """Both answer who may see, so that the walk would notice if they answered others."""
    relation = "app_label=registry&model_name=insurancecheck&field_name=affiliation"
    for who, (client, may) in everybody(records).items():
        for key, record in records.items():
            asked = (
                f"/admin/registry/affiliation/{record.pk}/history/",
                f"/admin/autocomplete/?term={record.username}&{relation}",
            )
            answered = [address for address in asked if told(body(client.get(address)), record)]
            assert answered == (list(asked) if key in may else []), who


@pytest.mark.usefixtures("no_limits")
def test_only_who_may_manage_rights_sees_accounts(records: Records) -> None:
    """No list, page, history or autocompletion of accounts answers anybody else, and none shows a hash to anybody."""
    people = everybody(records)
    accounts = [address for address in addresses(records) if address.startswith("/admin/accounts/account/")]
    about = "app_label=accounts&model_name=auditevent&field_name=actor"
    accounts += ["/admin/accounts/account/?q=seca", f"/admin/autocomplete/?term=seca&{about}"]
    answered = {who for who, (client, _may) in people.items() for one in accounts if client.get(one).status_code == OK}
    assert answered == {"manager of rights"}
    client, _may = people["manager of rights"]
    pages = "".join(body(client.get(address)) for address in accounts)
    assert "seca" in pages
    assert [word for word in ("argon2", "pbkdf2", Account.objects.get(username="seca").password) if word in pages] == []


def test_every_page_of_the_offices_says_who_may_open_it() -> None:
    offices = {f"/{route}": view for route, view in routes() if f"/{route}".startswith(OFFICES)}
    assert [route for route, view in offices.items() if not hasattr(view, "may")] == []
    assert any(PARAMETER.search(route) for route in offices)

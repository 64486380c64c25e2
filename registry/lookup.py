"""A contact → the record it belongs to, in one indexed query."""

from django.utils.translation import gettext_lazy as _

from registry.models import Affiliation

# A telephone that very many records share is a placeholder, not a family: enough rows to see that it is shared.
MOST = 50


class LookupFailed(Exception):
    message = _("No user was found with these details.")


class NotFound(LookupFailed):
    """No current record of this role has the contact, or the two contacts belong to different records."""


class Shared(LookupFailed):
    """Records of several persons have the contact: a registration number must tell them apart."""


def find_record(*, role: str, mobile: str = "", email: str = "", registration_number: str = "") -> Affiliation:
    """The current record of this role that has every given contact.

    `mobile` is E.164, `email` in lower case, as `registry.contacts` makes them; at least one is given. Of one
    person's several records the active one counts, then the one with the latest status.

    Raises `NotFound` or `Shared`.
    """
    if not (mobile or email):
        raise NotFound
    records = Affiliation.objects.current().of_role(role).select_related("person", "department")
    if mobile:
        records = records.filter(mobile=mobile)
    if email:
        records = records.filter(email=email)
    if registration_number:
        records = records.filter(registration_number__iexact=registration_number)
    found = list(records[:MOST])
    if not found:
        raise NotFound
    if len({record.person_id for record in found}) > 1:
        raise Shared
    return min(found, key=_preference)


def _preference(record: Affiliation) -> tuple[bool, int, int]:
    since = record.status_date.toordinal() if record.status_date else 0
    return record.status != "active", -since, record.pk

"""Everything about one person: told to them (GDPR article 15), and forgotten (article 17).

What belongs to a person is found by following the relations from `Person` on, so a model that comes later is told and
forgotten too. Where a relation says who did something to somebody, it is the other one's row, and not followed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.directory import sync
from accounts.models import Account, AuditEvent, ContactChange, DirectoryEntry, Message
from activation import progress
from activation.models import Activation, CorrectionRequest
from registry.importing import runs
from registry.models import Affiliation, Gender, ImportItem, Person, Status

Rows = dict[type[models.Model], set[Any]]

# Foreign keys that name who acted.
ACTORS = frozenset({"actor", "issued_by", "decided_by"})
# What opens something, or is of use to nobody but the product.
UNTOLD = re.compile(r"password|digest|secret|token|binding|(^|_)(key|epoch|lease|search_name.*|decoy)$")
# They stay, without what is personal: the username is never given to anybody else, and what was done stands in the
# audit trail for as long as the law wants it (`settings.KEEP_AUDIT_DAYS`).
KEPT = (Person, Affiliation, Account, DirectoryEntry, AuditEvent)
# What stands in place of a name, since a directory entry can't be without.
NOBODY = "Erased"


class NotYet(Exception):
    """An import would bring everything back. The message, translated, says what has to be done before."""


# ---- Told -----------------------------------------------------------------------------------------------


def export(person: Person) -> dict[str, list[dict[str, Any]]]:
    """All rows about the person, by what they are; without secrets."""
    return {
        str(model._meta.verbose_name): [_told(row) for row in _instances(model, keys)]  # noqa: SLF001 # Django documents _meta.
        for model, keys in rows_about(person).items()
    }


def _told(row: models.Model) -> dict[str, Any]:
    fields = row._meta.concrete_fields  # noqa: SLF001 # Django documents _meta.
    values = {field.name: getattr(row, field.attname) for field in fields if not UNTOLD.search(field.name)}
    return {name: value for name, value in values.items() if value not in ("", None)}


def _instances(model: type[models.Model], keys: set[Any]) -> models.QuerySet[Any]:
    return model._base_manager.filter(pk__in=keys).order_by("pk")  # noqa: SLF001 # Django documents it.


def rows_about(person: Person) -> Rows:
    """The keys of all rows that belong to the person, by model."""
    found: Rows = {Person: {person.pk}}
    waiting: list[type[models.Model]] = [Person]
    while waiting:
        model = waiting.pop()
        for related, keys in _related(model, found[model]):
            if new := keys - found.get(related, set()):
                found.setdefault(related, set()).update(new)
                waiting.append(related)
    _add_unrelated(found)
    return found


def _related(model: type[models.Model], keys: set[Any]) -> Iterator[tuple[type[models.Model], set[Any]]]:
    for relation in model._meta.get_fields(include_hidden=True):  # noqa: SLF001 # Django documents _meta.
        if not isinstance(relation, models.ManyToOneRel) or relation.field.name in ACTORS:
            continue
        related = relation.related_model
        if related is LogEntry:
            continue  # What somebody did to the rows of others is about those.
        rows = related._base_manager.filter(**{f"{relation.field.name}__in": keys})  # noqa: SLF001 # As above.
        yield related, set(rows.values_list("pk", flat=True))


def _add_unrelated(found: Rows) -> None:
    """What names the person by other means than a relation: histories, plans of imports, the log, messages."""
    records = Affiliation.objects.filter(pk__in=found.get(Affiliation, set()))
    history = Affiliation.history.model
    found[history] = set(history.objects.filter(id__in=records.values("pk")).values_list("pk", flat=True))
    plans = Q(pk__in=[])
    for source, system_id, number in records.values_list("source", "system_id", "registration_number"):
        plans |= Q(run__source=source, system_id=system_id, registration_number=number)
    found[ImportItem] = set(ImportItem.objects.filter(plans).values_list("pk", flat=True))
    found[LogEntry] = set(_logged(found).values_list("pk", flat=True))
    found.setdefault(Message, set()).update(_messages(found).values_list("pk", flat=True))


def _logged(found: Rows) -> models.QuerySet[LogEntry]:
    """The administration's own log writes down what each row was called."""
    about = Q(pk__in=[])
    for model, keys in found.items():
        about |= Q(content_type=ContentType.objects.get_for_model(model), object_id__in=[str(key) for key in keys])
    return LogEntry.objects.filter(about)


def _messages(found: Rows) -> models.QuerySet[Message]:
    """Those that name the account, and those to the person's contacts unless they are known to be somebody else's."""
    usernames = list(Account.objects.filter(pk__in=found.get(Account, set())).values_list("username", flat=True))
    theirs = Message.objects.filter(context__username__in=usernames)
    reached = Message.objects.filter(destination__in=_contacts(found), pin=None)
    return theirs | reached.filter(context__username__isnull=True)


def _contacts(found: Rows) -> set[str]:
    """Every mobile and e-mail that any row about the person holds."""
    kept: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
        (Affiliation, ("mobile", "email")),
        (Account, ("recovery_mobile", "recovery_email")),
        (Activation, ("mobile", "email")),
        (ContactChange, ("old", "new")),
        (CorrectionRequest, ("mobile", "email")),
    )
    contacts: set[str] = set()
    for model, fields in kept:
        for values in _instances(model, found.get(model, set())).values_list(*fields):
            contacts.update(str(value) for value in values if value)
    return contacts


# ---- Forgotten ------------------------------------------------------------------------------------------


@transaction.atomic
def erase(person: Person, *, actor: Account | None = None, reason: str = "") -> int:
    """Forget the person; returns how many rows went. What has to stay holds nothing personal any more.

    The entry in the directory is written anew, disabled and nameless. Raises `NotYet`.
    """
    _check_imports(person)
    person = Person.objects.select_for_update().get(pk=person.pk)
    _check_sources(person)
    found = rows_about(person)
    progress.keep_counts(Activation.objects.filter(pk__in=found.get(Activation, set())))
    gone = sum(_deleted(model, keys) for model, keys in found.items() if model not in KEPT)
    _blank(found)
    account = Account.objects.filter(person=person).first()
    sync.want([account.pk] if account else [])
    audit.record("person.erased", actor=actor, person=person, account=account, reason=reason)
    return gone


def _check_imports(person: Person) -> None:
    """Raises `NotYet` while an import waits that has something about the person; none begins to write from here on."""
    if waiting := runs.about(person):
        raise NotYet(
            _(
                "These imports are being read, or wait with something about the person: %(imports)s. Apply them or "
                "give them up in the administration, then try again."
            )
            % {"imports": ", ".join(str(run.pk) for run in waiting)}
        )


def _check_sources(person: Person) -> None:
    """Raises `NotYet` while a source lists the person, ended or not: it would be read again, as somebody new."""
    if listed := person.affiliations.filter(vanished_at=None).order_by("pk"):
        records = [f"{record.get_source_display()} {record.registration_number}" for record in listed]
        raise NotYet(
            _(
                "The source still lists the person, be it as ended: %(records)s. Who keeps it, the secretariat or the "
                "personnel office, has to take the person out first. Try again once an import has noticed."
            )
            % {"records": ", ".join(records)}
        )


def _deleted(model: type[models.Model], keys: set[Any]) -> int:
    number, _details = _instances(model, keys).delete()
    return number


def _blank(found: Mapping[type[models.Model], set[Any]]) -> None:
    now = timezone.now()
    texts = [
        field.name
        for field in Affiliation._meta.concrete_fields  # noqa: SLF001 # Django documents _meta.
        if isinstance(field, models.CharField | models.TextField) and field.blank
    ]
    for record in Affiliation.objects.filter(pk__in=found.get(Affiliation, set())):
        nothing: dict[str, Any] = dict.fromkeys(texts, "")
        nothing |= {"system_id": f"erased-{record.pk}", "registration_number": f"erased-{record.pk}"}
        nothing |= {"last_name_en": NOBODY, "birth_date": None, "gender": Gender.UNKNOWN, "status_date": None}
        nothing |= {"status": Status.INACTIVE, "vanished_at": record.vanished_at or now, "source_digest": ""}
        Affiliation.objects.filter(pk=record.pk).update(**nothing, updated_at=now)
    for account in Account.objects.filter(pk__in=found.get(Account, set())):
        account.set_unusable_password()
        account.directory_password = account.recovery_mobile = account.recovery_email = ""
        account.is_active, account.epoch = False, account.epoch + 1
        account.save()
    # A directory's answer may repeat the values that it would not take.
    DirectoryEntry.objects.filter(pk__in=found.get(DirectoryEntry, set())).update(answer="")
    Person.objects.filter(pk__in=found[Person]).update(identity=None)
    Person.objects.filter(pk__in=found[Person]).revise()

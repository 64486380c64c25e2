"""Prints everything about a person as JSON, for whoever asks for their data."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.utils.translation import override

from accounts import audit
from registry.models import Person
from uregister import privacy


def person_called(name: str) -> Person:
    """By the username of the account or of a record, or by the registration number; raises `CommandError`."""
    of_record = Q(affiliations__username=name) | Q(affiliations__registration_number=name)
    found = Person.objects.filter(account__username=name) or Person.objects.filter(of_record)
    people = list(found.distinct()[:2])
    if len(people) != 1:
        raise CommandError("There is nobody of that name." if not people else "More than one person is called so.")
    return people[0]


class Command(BaseCommand):
    help = "Prints everything about a person as JSON. Whoever gets it must be the person: it holds the AMKA."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="username or registration number")
        parser.add_argument("--language", choices=("el", "en"), default="el", help="of the headings")

    def handle(self, *_args: Any, **options: Any) -> None:
        person = person_called(options["name"])
        with override(options["language"]):
            told = privacy.export(person)
        audit.record("person.exported", person=person)
        text = json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2, default=str)
        self.stdout.write(text)

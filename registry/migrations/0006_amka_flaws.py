"""What is wrong with the AMKAs that are there already.

The service goes on meanwhile: records are read without a lock, and those of a batch that are wrong are marked by
themselves. Batches follow the primary key, so a migration that was stopped goes on behind the last one marked.
"""

from collections import defaultdict

from django.db import migrations, transaction
from django.db.models import Max

from registry.insurance import amka_flaw

BATCH = 5_000
FIELDS = ("pk", "insurance_kind", "insurance_number", "birth_date", "gender")


def find_flaws(apps, editor):
    records = apps.get_model("registry", "Affiliation").objects.using(editor.connection.alias)
    last = records.exclude(amka_flaw="").aggregate(last=Max("pk"))["last"] or 0
    amkas = records.filter(insurance_kind="amka").order_by("pk").values_list(*FIELDS)
    while batch := list(amkas.filter(pk__gt=last)[:BATCH]):
        mark(records, batch)
        last = batch[-1][0]


def mark(records, batch):
    wrong = defaultdict(list)
    for pk, kind, number, birth_date, gender in batch:
        if flaw := amka_flaw(kind, number, birth_date=birth_date, gender=gender):
            wrong[flaw].append(pk)
    with transaction.atomic(records.db):
        for flaw, keys in wrong.items():
            records.filter(pk__in=keys).update(amka_flaw=flaw)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registry", "0005_correction_history")]
    operations = [migrations.RunPython(find_flaws, migrations.RunPython.noop)]

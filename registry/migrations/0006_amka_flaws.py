"""What is wrong with the AMKAs that are there already."""

from django.db import migrations

from registry.insurance import amka_flaw

BATCH = 2_000


def find_flaws(apps, _editor):
    records = apps.get_model("registry", "Affiliation").objects.filter(insurance_kind="amka")
    wrong = []
    fields = ("pk", "insurance_kind", "insurance_number", "birth_date", "gender")
    for record in records.only(*fields).iterator(chunk_size=BATCH):
        record.amka_flaw = amka_flaw(
            record.insurance_kind, record.insurance_number, birth_date=record.birth_date, gender=record.gender
        )
        if record.amka_flaw:
            wrong.append(record)
    records.model.objects.bulk_update(wrong, ["amka_flaw"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_correction_history")]
    operations = [migrations.RunPython(find_flaws, migrations.RunPython.noop)]

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0006_amka_flaws'),
    ]

    operations = [
        migrations.RenameField(
            model_name='importrun',
            old_name='renamed_departments',
            new_name='departments',
        ),
    ]

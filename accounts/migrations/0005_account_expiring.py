from django.db import migrations, models

from registry.online import AddIndexOnline


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('accounts', '0004_pin_of_a_correction'),
    ]

    operations = [
        AddIndexOnline(
            model_name='account',
            index=models.Index(condition=models.Q(('closed_at', None), ('expires_at__isnull', False)), fields=['expires_at'], name='account_expiring'),
        ),
    ]

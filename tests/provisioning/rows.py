"""Opens accounts in the configured database, and times it: `python -m tests.provisioning.rows PREFIX COUNT`.

Prints the milliseconds that each took, from the last step to its commit and what is done then, as JSON. A process of
its own, since the tests' own Django has another database.
"""

import json
import os
import sys
import time

import django


def open_accounts(prefix: str, count: int) -> list[float]:
    from django.contrib.auth.hashers import make_password

    from accounts import opening
    from tests.factories import AffiliationFactory

    password, took = make_password("korifogrammi-79-thalassa"), []
    for turn in range(count):
        record = AffiliationFactory(
            username=f"{prefix}{turn}", system_id=f"{prefix}{turn}", registration_number=f"{prefix}{turn}"
        )
        before = time.perf_counter()
        opening.open_account(record, password_hash=password)
        took.append((time.perf_counter() - before) * 1000)
    return took


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "uregister.settings"
    django.setup()
    json.dump(open_accounts(sys.argv[1], int(sys.argv[2])), sys.stdout)

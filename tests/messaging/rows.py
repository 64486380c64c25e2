"""Makes people and their PINs in the configured database: `python -m tests.messaging.rows COUNT`.

Prints the PINs by mobile as JSON: a process of its own, since the tests' own Django has another database.
"""

import json
import os
import sys

import django


def issue_pins(count: int) -> dict[str, str]:
    """PINs that are queued as the product queues them; the digits by the mobile that they are sent to."""
    from accounts import pins
    from accounts.messages.send import Destination
    from registry.models import Person

    issued = {}
    random_digits = pins.secrets.randbelow
    for turn in range(count):
        mobile = f"+30690000{turn:04}"
        issued[mobile] = ""

        def remember(limit: int, mobile: str = mobile) -> int:
            value = random_digits(limit)
            issued[mobile] = f"{value:06}"
            return value

        pins.secrets.randbelow = remember
        pins.issue(
            purpose="activation",
            binding=f"{turn:064}",
            person=Person.objects.create(),
            destinations=[Destination("sms", mobile)],
            language="en",
        )
    return issued


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "uregister.settings"
    django.setup()
    json.dump(issue_pins(int(sys.argv[1])), sys.stdout)

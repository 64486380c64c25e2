"""Which gateway to ask first: one that keeps failing rests for a while, and is then asked last (a circuit breaker).

Its state is a row, for all processes and for the operator's eyes; each process re-reads it twice a second.
"""

import time
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from accounts.messages.gateways import Gateway
from accounts.models import GatewayHealth

# So many failures in a row, and the gateway rests; each further failure doubles the rest.
PATIENCE = 5
REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)
READ_EVERY = 0.5

_known: dict[str, GatewayHealth] = {}
_read_at = float("-inf")


def in_order(gateways: Sequence[tuple[str, Gateway]]) -> list[tuple[str, Gateway]]:
    """The operator's order, with the resting gateways behind the others: nobody else may be left."""
    known = _read()
    now = timezone.now()

    def rests(name: str) -> bool:
        row = known.get(name)
        return row is not None and row.resting_until is not None and row.resting_until > now

    return sorted(gateways, key=lambda pair: rests(pair[0]))


def failed(name: str, code: str) -> None:
    """Count a failure; the gateway rests from the fifth in a row on."""
    GatewayHealth.objects.get_or_create(name=name)
    now = timezone.now()
    GatewayHealth.objects.filter(name=name).update(failures=F("failures") + 1, last_error=code, failed_at=now)
    failures = GatewayHealth.objects.values_list("failures", flat=True).get(name=name)
    if failures >= PATIENCE:
        rest = min(REST * 2 ** min(failures - PATIENCE, 10), LONGEST_REST)
        GatewayHealth.objects.filter(name=name).update(resting_until=now + rest)
    forget()


def answered(name: str) -> None:
    """The gateway is well; writes only when it was not."""
    row = _read().get(name)
    if row is not None and row.failures:
        GatewayHealth.objects.filter(name=name).update(failures=0, resting_until=None)
        forget()


def forget() -> None:
    """Read the rows anew at the next question."""
    global _read_at  # noqa: PLW0603 # The memory of one process, see READ_EVERY.
    _read_at = float("-inf")


def _read() -> dict[str, GatewayHealth]:
    global _known, _read_at  # noqa: PLW0603 # The memory of one process, see READ_EVERY.
    if time.monotonic() - _read_at > READ_EVERY:
        _known = {row.name: row for row in GatewayHealth.objects.all()}
        _read_at = time.monotonic()
    return _known

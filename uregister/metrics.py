"""Figures for Prometheus: what stands in the database and in Redis, and how long this machine's pages take.

The former are the same whichever machine is asked; they are read anew at each scrape, in a few statements. The latter
are counted by each process; with `settings.METRICS_DIR` all processes of a machine count in files there, so that any
of them answers for all. No label holds anything personal: routes, steps, states, gateways, limits.
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from hmac import compare_digest
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseError
from django.db.models import Count, IntegerField, Min, Q, Sum, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from redis import Redis
from redis.exceptions import RedisError

from accounts import throttle
from accounts.models import DirectoryEntry, Message, Pin
from activation.models import Activation, ProgressCount, Reached
from uregister import heartbeat

if settings.METRICS_DIR:
    Path(settings.METRICS_DIR).mkdir(parents=True, exist_ok=True)
    # The library decides when it is imported; hence its place behind the settings.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = settings.METRICS_DIR

from prometheus_client import REGISTRY, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

logger = logging.getLogger(__name__)

QUEUE = "celery"
# One of these at least is what proxies add.
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
REQUESTS = Histogram(
    "uregister_request_seconds", "How long pages take, by route.", ["method", "route", "status"], buckets=SECONDS
)


class MetricsMiddleware:
    """Notes how long each page took, under the name of its route: paths may hold what is secret."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        before = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        method = request.method if request.method in ("GET", "HEAD", "POST") else "other"
        labels = (method, match.view_name if match else "none", str(response.status_code))
        REQUESTS.labels(*labels).observe(time.perf_counter() - before)
        return response


@never_cache
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for who brings the token, or, where none is set, for this machine only."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Figures())
    if settings.METRICS_DIR:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # One of few without.
        text = generate_latest(registry)
    else:
        text = generate_latest(registry) + generate_latest(REGISTRY)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        brought = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return compare_digest(brought.encode(), settings.METRICS_TOKEN.encode())
    # Through a socket nobody's address is known, and a proxy on this machine asks for others.
    forwarded = any(name in request.headers for name in FORWARDED)
    return not forwarded and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")


class Figures:
    """What stands in the database and in Redis; of one that is away nothing, so that its absence shows."""

    def collect(self) -> Iterator[Metric]:
        try:
            found = [self._attempts(), self._pins(), *self._messages(), *self._directory()]
        except DatabaseError as error:
            logger.warning("The database does not answer: %s", error.__class__.__name__)
            found = []
        yield GaugeMetricFamily("uregister_database_up", "Whether the database answers this machine.", bool(found))
        yield from found
        yield from self._redis()

    def _attempts(self) -> Metric:
        """In one statement: between two the purge could make counts of attempts, and these would be told twice."""
        live = Activation.objects.order_by().values("reached").annotate(what=Value(""), counted=Count("pk"))
        nothing = Value(0, output_field=IntegerField())
        kept = ProgressCount.objects.order_by().values("what").annotate(reached=nothing, counted=Sum("number"))
        columns = ("what", "reached", "counted")
        came_to: Counter[str] = Counter()
        for what, reached, number in live.values_list(*columns).union(kept.values_list(*columns), all=True):
            names = [what] if what else [str(bit.name).lower() for bit in Reached(reached)]
            came_to.update(dict.fromkeys(names, number))
        family = CounterMetricFamily(
            "uregister_attempts", "Attempts to activate, by what they came to.", labels=["came_to"]
        )
        for what in sorted(came_to):
            family.add_metric([what], came_to[what])
        return family

    def _pins(self) -> Metric:
        """Sent means taken by a gateway, delivered that a receipt came: not every provider sends them."""
        family = GaugeMetricFamily("uregister_pins", "PINs that are kept, by fate.", labels=["purpose", "fate"])
        typed = Count("pk", filter=Q(used_at__isnull=False))
        for purpose, issued, used in Pin.objects.order_by().values_list("purpose").annotate(Count("pk"), typed=typed):
            family.add_metric([purpose, "issued"], issued)
            family.add_metric([purpose, "typed"], used)
        # A PIN that went out as SMS and as e-mail is one.
        carried = Message.objects.filter(decoy=False, sent_at__isnull=False, pin__isnull=False).order_by()
        sent = Count("pin", distinct=True)
        delivered = Count("pin", distinct=True, filter=Q(delivered_at__isnull=False))
        for purpose, *numbers in carried.values_list("pin__purpose").annotate(sent=sent, delivered=delivered):
            for fate, number in zip(("sent", "delivered"), numbers, strict=True):
                family.add_metric([purpose, fate], number)
        return family

    def _messages(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "uregister_messages", "Messages that are kept.", labels=["channel", "gateway", "state"]
        )
        real = Message.objects.filter(decoy=False).order_by()
        for *labels, number in real.values_list("channel", "gateway", "state").annotate(Count("pk")):
            family.add_metric(labels, number)
        yield family
        oldest = real.filter(state__in=("queued", "sending")).aggregate(at=Min("created_at"))["at"]
        yield GaugeMetricFamily("uregister_messages_oldest_seconds", "Age of the oldest unsent message.", _age(oldest))

    def _directory(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("uregister_directory_entries", "Entries by state.", labels=["state"])
        numbers = dict(DirectoryEntry.objects.order_by().values_list("state").annotate(Count("pk")))
        for state in DirectoryEntry.State:
            family.add_metric([state.value], numbers.get(state, 0))
        yield family
        waiting = DirectoryEntry.objects.filter(state=DirectoryEntry.State.WAITING)
        oldest = waiting.aggregate(at=Min("waiting_since"))["at"]
        yield GaugeMetricFamily("uregister_directory_lag_seconds", "How long an entry has waited.", _age(oldest))

    def _redis(self) -> Iterator[Metric]:
        """What Redis knows."""
        if not settings.REDIS_URL:
            return
        redis = Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_connect_timeout=1, socket_timeout=1)
        try:
            length, hits, age = redis.llen(QUEUE), redis.hgetall(throttle.HITS), heartbeat.age()
        except RedisError:
            return
        yield GaugeMetricFamily("uregister_queue_length", "Tasks that wait for a worker.", length)
        family = CounterMetricFamily("uregister_limits_hit", "Attempts refused by a limit.", labels=["limit"])
        for rule, number in hits.items():
            family.add_metric([str(rule)], int(number))
        yield family
        if age is not None:
            yield GaugeMetricFamily("uregister_worker_seen_seconds", "Since a worker was last seen.", age)


def _age(at: datetime | None) -> float:
    return (timezone.now() - at).total_seconds() if at else 0.0

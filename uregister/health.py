"""Whether the process lives, and whether it can serve."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from accounts.directory import health

logger = logging.getLogger(__name__)


@never_cache
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """Liveness: touches nothing outside the process."""
    return JsonResponse({"status": "ok"})


@never_cache
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Readiness: 503 while the database does not answer. A directory that lags is told; pages do not wait for it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        directory = "degraded" if health.is_degraded() else "ok"
    except DatabaseError:
        logger.exception("The database does not answer")
        return JsonResponse({"status": "unavailable", "database": "unavailable"}, status=503)
    return JsonResponse({"status": directory, "database": "ok", "directory": directory})

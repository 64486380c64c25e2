"""Downloads of the offices: a table as CSV or XLSX, audited before the first row leaves the house."""

from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from accounts import audit, signin, throttle
from registry.exports import CSV, TYPES, Sheet, csv_lines


def download(
    request: HttpRequest, sheets: Sequence[Sheet], *, name: str, form: str, details: dict[str, Any] | None = None
) -> HttpResponseBase:
    """The tables as one file `name-<day>.xlsx`, or the first of them as `.csv`. Raises `throttle.TooMany`.

    Whose records stand in the rows is for the caller to limit, with `registry.scope`; `details` of the audit say what
    was asked for, without anything personal.
    """
    account = signin.account_of(request)
    throttle.count("office:export", str(account.pk))
    audit.record(
        "records.exported",
        actor=account,
        address=throttle.client_address(request),
        details={"what": name, "form": form, **(details or {})},
    )
    filename = f"{name}-{timezone.localdate():%Y-%m-%d}.{form}"
    if form == CSV:
        response = StreamingHttpResponse(csv_lines(sheets[0]), content_type=TYPES[CSV])
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
        return response
    from registry.workbooks import write_xlsx  # noqa: PLC0415 # Takes long to load, and few ask for it.

    # Not in memory: a university's records are many. The file has no name, and is gone when it has been sent.
    target = TemporaryFile()  # noqa: SIM115 # The response closes it.
    write_xlsx(target, sheets)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=filename, content_type=TYPES[form])

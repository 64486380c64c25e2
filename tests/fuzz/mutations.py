"""How a request is spoilt: strategies for Hypothesis, from which a request is drawn as bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from tests.fuzz.pages import Form
from tests.fuzz.people import CSRF, Sender

BOUNDARY = "a-boundary"
METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "ΠΑΡΕ")
# Values that have broken programs: NUL, broken and overlong UTF-8, digits that are none, numbers too large for a
# database or for `int`, dates that are none, control characters, formulas, markup.
NASTY: tuple[bytes, ...] = tuple(
    value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    for value in (
        "", " ", "\0", "a\0b", b"\xff", b"\xfe\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf0\x9f", "\ud800", "\u202e",
        "\ufeff", "0", "-1", "1" * 20, "9" * 4301, "1e309", "NaN", "Infinity", "٣", "²", "½", "٠" * 6, "0x10",
        "1_000", "+1", "1.5", "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "31/12/1999", "None",
        "null", "[]", "{", "true",
        "' OR 1=1 --", '"', "%", "%s", "{0}", "{{7*7}}", "<script>alert(1)</script>", "\r\nSet-Cookie: a=b", "\n", "\t",
        "../../etc/passwd", "//example.org/", "javascript:alert(1)", "=1+1", "a" * 255, "a" * 70_000, "Ω" * 300,
        "Παπαδοπούλου", "İıſß", "😀", "+30 690 000 0001", "00306900000001", "a@b", "ο@παράδειγμα.gr", "a@" + "b" * 300,
        "el", "en", "xx", "el-GR" * 40, "__all__", "pk__in", "department__id__exact", "mobile__startswith",
    )
)  # fmt: skip
QUERIES = (
    "q", "p", "o", "all", "e", "next", "page", "kind", "days", "field", "sent", "other", "department", "source", "term",
    "app_label", "model_name", "field_name", "_popup", "_to_field", "_changelist_filters", "_facets", "activation",
    "messages", "requests", "department__id__exact", "id__in", "person__identity", "insurance_number__contains",
    "at__gte", "state", "proof", "format", "language", "year", "what",
)  # fmt: skip
HEADERS = (
    "Accept", "Accept-Language", "Accept-Encoding", "Accept-Charset", "Authorization", "Content-Encoding", "Host",
    "If-Modified-Since", "If-None-Match", "Origin", "Range", "Referer", "User-Agent", "X-Forwarded-For",
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-Request-ID", "X-Requested-With", "X-CSRFToken",
    "X-HTTP-Method-Override", "X-Twilio-Signature",
)  # fmt: skip
COOKIES = ("sessionid", "csrftoken", "django_language", "familiar", "messages")
CONTENT_TYPES = (
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=nonsense", "application/json", "text/plain", "", "multipart/form-data",
    "multipart/form-data; boundary=", f"multipart/form-data; boundary={'b' * 300}",
    'multipart/form-data; boundary="\xe9"',
    "multipart/mixed; boundary=a-boundary", f"multipart/form-data; boundary={BOUNDARY}; charset=nonsense", "\xff/\xfe",
)  # fmt: skip

Draw = Callable[[st.SearchStrategy[Any]], Any]
Fields = list[tuple[bytes, bytes]]
values = st.sampled_from(NASTY) | st.binary(max_size=12)


@dataclass
class Request:
    """As it is sent. `told` is the Content-Length; `sent` of the body, where less comes than is told."""

    sender: Sender
    method: str
    path: bytes
    query: bytes = b""
    headers: dict[str, bytes] = field(default_factory=dict)
    body: bytes = b""
    told: bytes = b""

    def __str__(self) -> str:
        headers = "\n".join(f"  {name}: {value[:200]!r}" for name, value in self.headers.items())
        return (
            f"{self.sender.name}: {self.method} {self.path[:300]!r}?{self.query[:300]!r}\n{headers}\n"
            f"  Content-Length: {self.told!r}\n  {self.body[:800]!r}"
        )


def drawn(draw: Draw, sender: Sender, address: str, forms: Sequence[Form]) -> Request:
    """A request that the sender could send from a page with these forms, spoilt in up to four ways."""
    form = draw(st.sampled_from(forms)) if forms and not _rarely(draw, 6) else _without_form(draw, address)
    fields = [_filled(draw, sender, form, name) for name in dict.fromkeys(name for name, _value in form.fields)]
    spoilt = draw(st.lists(st.sampled_from((*OF_FIELDS,) * 3 + (*OF_REQUESTS,)), max_size=4))
    for spoil in spoilt:
        if spoil in OF_FIELDS:
            fields = OF_FIELDS[spoil](draw, fields)
    request = _request(draw, sender, form, fields)
    for spoil in spoilt:
        if spoil in OF_REQUESTS:
            request = OF_REQUESTS[spoil](draw, request)
    return request


def _without_form(draw: Draw, address: str) -> Form:
    if _rarely(draw, 2):
        return Form(address, "POST", (("csrfmiddlewaretoken", ""),), multipart=False)
    return Form(address, "GET", (), multipart=False)


def _rarely(draw: Draw, chance: int = 4) -> bool:
    """Once in `chance` times."""
    return bool(draw(st.integers(0, chance - 1)) == chance - 1)


def _filled(draw: Draw, sender: Sender, form: Form, name: str) -> tuple[bytes, bytes]:
    """The field as a browser would send it, with what the sender knows, or with something nasty."""
    if name == "csrfmiddlewaretoken":
        return name.encode(), CSRF.encode()
    offered = [value for field, value in form.fields if field == name]
    how = draw(st.integers(0, 9))
    if how == 0:
        return name.encode(), draw(values)
    if sender.knows and (how < 4 or offered == [""]):
        return name.encode(), draw(st.sampled_from(sender.knows)).encode()
    return name.encode(), draw(st.sampled_from(offered)).encode()


# ---- What becomes of fields -----------------------------------------------------------------------------


def _replaced(draw: Draw, fields: Fields) -> Fields:
    if not fields:
        return _added(draw, fields)
    place = draw(st.integers(0, len(fields) - 1))
    return [*fields[:place], (fields[place][0], draw(values)), *fields[place + 1 :]]


def _dropped(draw: Draw, fields: Fields) -> Fields:
    if not fields:
        return fields
    place = draw(st.integers(0, len(fields) - 1))
    return fields[:place] + fields[place + 1 :]


def _doubled(draw: Draw, fields: Fields) -> Fields:
    return [*fields, (draw(st.sampled_from(fields))[0], draw(values))] if fields else fields


def _added(draw: Draw, fields: Fields) -> Fields:
    name = draw(st.sampled_from(QUERIES)).encode() if _rarely(draw, 2) else draw(values)
    return [*fields, (name, draw(values))]


OF_FIELDS: dict[str, Callable[[Draw, Fields], Fields]] = {
    "replace": _replaced, "drop": _dropped, "double": _doubled, "add": _added,
}  # fmt: skip


# ---- The request ----------------------------------------------------------------------------------------


def _request(draw: Draw, sender: Sender, form: Form, fields: Fields) -> Request:
    path, _mark, query = form.action.encode().partition(b"?")
    headers = {"Cookie": sender.cookie_header.encode(), "Accept-Language": b"en"}
    if form.method == "GET":
        both = b"&".join(part for part in (query, _urlencoded(fields)) if part)
        return Request(sender, "GET", path, both, headers)
    if form.multipart or _rarely(draw, 5):
        kind, body = f"multipart/form-data; boundary={BOUNDARY}".encode(), _multipart(draw, fields)
    else:
        kind, body = b"application/x-www-form-urlencoded", _urlencoded(fields)
    return Request(sender, "POST", path, query, headers | {"Content-Type": kind}, body, str(len(body)).encode())


def _urlencoded(fields: Fields) -> bytes:
    return "&".join(f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in fields).encode()


def _multipart(draw: Draw, fields: Fields) -> bytes:
    """Fields named like files are sent as files, with a name that may be anything."""
    parts = []
    for name, value in fields:
        more = b'; filename="' + draw(values)[:200] + b'.csv"' if name == b"file" or _rarely(draw, 12) else b""
        parts.append(b"--" + BOUNDARY.encode() + b'\r\nContent-Disposition: form-data; name="' + name + b'"' + more)
        parts.append(b"\r\n\r\n" + value + b"\r\n")
    return b"".join(parts) + b"--" + BOUNDARY.encode() + b"--\r\n"


def _path(draw: Draw, request: Request) -> Request:
    segments = request.path.split(b"/")
    place = draw(st.integers(0, len(segments) - 1))
    segments[place] = draw(values)[:3000]
    return replace(request, path=b"/" + b"/".join(segments).lstrip(b"/"))


def _query(draw: Draw, request: Request) -> Request:
    name = draw(st.sampled_from(QUERIES)).encode()
    value = draw(values)
    more = name + b"=" + (value if _rarely(draw) else quote_from_bytes(value).encode())
    return replace(request, query=more + (b"&" + request.query if request.query else b""))


def _method(draw: Draw, request: Request) -> Request:
    return replace(request, method=draw(st.sampled_from(METHODS)))


def _header(draw: Draw, request: Request) -> Request:
    return replace(request, headers=request.headers | {draw(st.sampled_from(HEADERS)): draw(values)})


def _cookie(draw: Draw, request: Request) -> Request:
    name = draw(st.sampled_from(COOKIES)).encode()
    value = draw(values)
    if _rarely(draw, 2):
        # Quoted, a cookie may hold anything: http.cookies reads \\000 as NUL.
        value = b'"' + b"".join(b"\\%03o" % byte for byte in value[:100] + b"abcdefgh") + b'"'
    others = b"; ".join(part for part in request.headers["Cookie"].split(b"; ") if not part.startswith(name + b"="))
    return replace(request, headers=request.headers | {"Cookie": name + b"=" + value + b"; " + others})


def _content_type(draw: Draw, request: Request) -> Request:
    kind = draw(st.sampled_from(CONTENT_TYPES)).encode("latin-1")
    return replace(request, headers=request.headers | {"Content-Type": kind})


def _body(draw: Draw, request: Request) -> Request:
    """Something cut out of the body, something put in."""
    place = draw(st.integers(0, len(request.body)))
    body = request.body[:place] + draw(values) + request.body[place + draw(st.integers(0, 20)) :]
    return replace(request, body=body, told=str(len(body)).encode())


def _length(draw: Draw, request: Request) -> Request:
    """A number that is not the length; what is no number no server lets through (RFC 9110 section 8.6)."""
    return replace(request, told=draw(st.sampled_from((b"", b"0", b"1", b"7", b"99999"))))


OF_REQUESTS: dict[str, Callable[[Draw, Request], Request]] = {
    "path": _path, "query": _query, "method": _method, "header": _header, "cookie": _cookie,
    "content type": _content_type, "body": _body, "length": _length,
}  # fmt: skip

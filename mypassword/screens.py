"""How a screen of MyPassword is answered."""

from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def show(request: HttpRequest, screen: str, /, *, retry_after: int = 0, **context: Any) -> HttpResponse:
    """Render `mypassword/<screen>.html`; with status 429 when a limit was hit, for so many seconds."""
    response = render(request, f"mypassword/{screen}.html", context, status=429 if retry_after else 200)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def refused(form: Form, error: Exception, *, field: str = "") -> dict[str, Any]:
    """Put a refusal on the form, at its field where it has one; returns what `show` has to know of it."""
    form.add_error(field or getattr(error, "field", None), str(getattr(error, "message", error)))
    return {"form": form, "retry_after": getattr(error, "retry_after", 0)}


def detour(request: HttpRequest, name: str) -> HttpResponseRedirect:
    """To another page of MyPassword, on the way to where the visitor was going."""
    address = wanted(request)
    query = "?" + urlencode({"next": address}, safe="/") if address else ""
    return HttpResponseRedirect(resolve_url(f"mypassword:{name}") + query)


def back(request: HttpRequest) -> HttpResponseRedirect:
    """To where the visitor was going, if that is a page of this site, else to the menu."""
    return HttpResponseRedirect(wanted(request) or resolve_url("mypassword:menu"))


def wanted(request: HttpRequest) -> str:
    """The address in `next` if it leads to a page of this very site, else an empty text."""
    address = request.GET.get("next", "")
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else ""

"""The screens of the contacts for recovery."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import pins, signin
from accounts.forms import PinForm
from accounts.models import ContactChange
from accounts.pin_screen import PinScreen
from accounts.throttle import TooMany
from mypassword import contacts
from mypassword.forms.contacts import ContactsForm
from mypassword.guards import recently_signed_in, screen
from mypassword.screens import refused, show


@screen
@recently_signed_in
def edit(request: HttpRequest) -> HttpResponse:
    account = signin.account_of(request)
    form = ContactsForm(request.POST or None, initial=contacts.stored(account))
    pending = contacts.current(request, account)
    if request.method != "POST" or not form.is_valid():
        return show(request, "contacts", form=form, pending=pending, has_contacts=account.has_contacts)
    wanted = form.cleaned_data
    removed = contacts.removed_by(account, wanted)
    if removed and "removal_understood" not in request.POST:
        left = [kind for kind, stored in contacts.stored(account).items() if stored and kind not in removed]
        return show(request, "contacts_remove", wanted=wanted, removed=removed, is_last=not left)
    if wanted == contacts.stored(account):
        messages.info(request, _("Nothing has changed."))
        return redirect("mypassword:contacts")
    try:
        change = contacts.save(request, account, wanted=wanted)
    except (contacts.ContactsOver, TooMany) as error:
        return show(request, "contacts", pending=pending, has_contacts=account.has_contacts, **refused(form, error))
    if removed:
        messages.success(request, _("What you emptied has been removed."))
    return redirect("mypassword:contacts_verify" if change else "mypassword:contacts")


@sensitive_post_parameters("pin")
@screen
@recently_signed_in
def verify(request: HttpRequest) -> HttpResponse:
    account = signin.account_of(request)
    change = contacts.current(request, account)
    if change is None:
        return nothing_due(request)
    form = PinForm(request.POST or None)
    context: dict[str, Any] = {"change": change, "screen": pin_screen(request, change)}
    if request.method != "POST" or not form.is_valid():
        return show(request, "contacts_verify", form=form, **context)
    try:
        contacts.verify_pin(request, account, change, pin=form.cleaned_data["pin"])
    except (pins.PinRefused, TooMany) as error:
        return show(request, "contacts_verify", **context, **refused(form, error))
    except contacts.ContactsOver as error:
        messages.error(request, error.message)
        return redirect("mypassword:contacts")
    messages.success(request, _("The new contact counts from now on."))
    return redirect("mypassword:contacts_verify" if contacts.is_more_due(request) else "mypassword:contacts")


@screen
@recently_signed_in
def verify_new(request: HttpRequest) -> HttpResponse:
    account = signin.account_of(request)
    change = contacts.current(request, account)
    if change is None:
        return nothing_due(request)
    if request.method == "POST":
        try:
            contacts.renew_pin(request, account, change)
        except TooMany as error:
            context = {"form": PinForm(), "change": change, "screen": pin_screen(request, change)}
            return show(request, "contacts_verify", retry_after=error.retry_after, alert=error.message, **context)
    return redirect("mypassword:contacts_verify")


def nothing_due(request: HttpRequest) -> HttpResponse:
    """No contact waits for a PIN: it was proved by another click, is too old, or the account has changed."""
    if request.method == "POST":
        messages.info(request, _("No contact of yours waits for a PIN any more. These are the ones that count."))
    return redirect("mypassword:contacts")


def pin_screen(request: HttpRequest, change: ContactChange) -> PinScreen:
    return PinScreen(purpose=contacts.PURPOSE, binding=contacts.binding(request, change))

"""The screens beside the four steps: telling an office what is wrong in one's record, and its answer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.opening import AlreadyActivated
from accounts.throttle import TooMany
from activation import advice, attempts, corrections, decisions, flow, screens
from activation.correction_forms import FORMS, CorrectionForm, RecordForm
from activation.forms import ContactForm
from activation.models import Activation, CorrectionRequest
from activation.refusals import Overtaken
from activation.steps import Step, may_enter, next_step
from activation.views import answer, due, guarded, public, show
from registry import lookup, readings


@guarded(Step.CONTACT)
def start(request: HttpRequest, activation: Activation) -> HttpResponse:
    """From an error of a record that was found: a PIN first, unless one has proved the person already."""
    form = RecordForm(request.POST, prefix=RecordForm.PREFIX)
    if request.method != "POST" or not form.is_valid():
        return due(activation)
    try:
        flow.begin_correction(request, activation, **form.cleaned_data)
    except lookup.NotFound:
        typed = ContactForm(form.cleaned_data)
        return show(request, Step.CONTACT, form=typed, trouble=advice.not_found(activation.role))
    except AlreadyActivated as error:
        return render(request, "activation/already_active.html", {"message": error.message})
    step = Step.CORRECTION if may_enter(Step.CORRECTION, activation) else next_step(activation)
    return redirect(f"activation:{step}")


@sensitive_post_parameters("value", "remark")
@guarded(Step.CORRECTION)
def correction(request: HttpRequest, activation: Activation) -> HttpResponse:
    """What has been asked, and the fields to choose from; with one of them chosen, its form."""
    field = request.GET.get("field", "")
    if field not in FORMS:
        return overview(request, activation)
    form = FORMS[field](request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return form_of(request, activation, field, form)
    try:
        corrections.ask(request, activation, field=field, value=form.right_value(), remark=form.cleaned_data["remark"])
    except Overtaken:
        return redirect("activation:correction")
    except TooMany as error:
        form.add_error(None, error.message)
        return form_of(request, activation, field, form, retry_after=error.retry_after)
    messages.success(request, _("Your request has been sent to the office."))
    return redirect("activation:correction")


@guarded(Step.CORRECTION)
def withdraw(request: HttpRequest, activation: Activation) -> HttpResponse:
    given = request.POST.get("request", "")
    if given.isascii() and given.isdigit() and len(given) < 19:
        corrections.withdraw(request, activation, pk=int(given))
    return redirect("activation:correction")


def overview(request: HttpRequest, activation: Activation) -> HttpResponse:
    return show(
        request,
        Step.CORRECTION,
        asked=corrections.asked_by(activation),
        fields=CorrectionRequest.Field.choices,
        office=advice.office_of(activation.role, activation.affiliation),
        contacts=screens.contacts(activation),
        may_confirm=may_enter(Step.CONFIRM, activation),
    )


def form_of(
    request: HttpRequest, activation: Activation, field: str, form: CorrectionForm, *, retry_after: int = 0
) -> HttpResponse:
    label = CorrectionRequest.Field(field).label
    office = advice.office_of(activation.role, activation.affiliation)
    return show(request, Step.CORRECTION, form=form, label=label, office=office, retry_after=retry_after)


@public
def answered(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in an office's answer leads: what was decided, and the way on. A GET consumes nothing."""
    try:
        request_answered = corrections.find_answered(token)
    except corrections.AnswerOver:
        return render(request, "activation/answer_over.html", status=404)
    if request.method == "POST":
        return go_on(request, request_answered)
    record = request_answered.affiliation
    office = advice.office_of(record.role, record)
    kept = decisions.is_kept_here(request_answered.field)
    facts = {"answered": request_answered, "office": office, "kept": kept}
    return render(
        request, "activation/answer.html", facts | {"readings": None if kept else readings.of_role(record.role)}
    )


def go_on(request: HttpRequest, request_answered: CorrectionRequest) -> HttpResponse:
    """To the data about to be registered where this browser has proved the person, else to a PIN for the contact."""
    record = request_answered.affiliation
    activation = attempts.current(request)
    if activation and activation.affiliation == record and may_enter(Step.CONFIRM, activation):
        return redirect("activation:confirm")
    activation = attempts.start(request, role=record.role)
    form = ContactForm({"mobile": request_answered.mobile, "email": request_answered.email})
    return answer(
        request, activation, Step.CONTACT, form, lambda: flow.give_contact(request, activation, **form.cleaned_data)
    )

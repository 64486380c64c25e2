"""Imports: what they did and will do, a file to hand over, a view to read now, confirming and undoing.

A plan shows people of all departments. So it is for who may import, `registry.run_imports`, or sees all records anyhow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from registry import import_jobs, readings, scope
from registry.admin import plans
from registry.admin.handing_over import MemoryOnly, UploadForm
from registry.admin.read_only import ReadOnlyAdmin
from registry.importing import Refused, runs
from registry.importing.merging import FIELDS
from registry.models import ImportRun, Source

RUN_IMPORTS = "registry.run_imports"
State = ImportRun.State


@dataclass(frozen=True)
class Action:
    """A button of an import's page."""

    name: str
    address: str
    title: str
    about: str
    dangerous: bool = False


@dataclass(frozen=True)
class System:
    """How the readings of one system go."""

    source: Source
    readings: readings.Readings
    trouble: ImportRun | None
    has_view: bool
    suspended: bool

    @property
    def title(self) -> str:
        return str(self.source.label)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "outcome", "what", "added", "changed", "vanished", "rejected"]
    show_full_result_count = False
    change_list_template = "admin/registry/importrun/change_list.html"

    # ---- Who may what ------------------------------------------------------------------------------------------

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        sees_all = super().has_view_permission(request, obj) and request.user.has_perm(scope.SEE_ALL)
        return may_import(request) or sees_all

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    # ---- The list ----------------------------------------------------------------------------------------------

    @admin.display(description=pgettext_lazy("import", "state"), ordering="state")
    def outcome(self, run: ImportRun) -> str:
        return str(run.get_state_display())

    @admin.display(description=_lazy("file or view"), ordering="name")
    def what(self, run: ImportRun) -> str:
        return f"{run.get_source_display()}: {run.name}"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "may_import": may_import(request),
            "systems": [_system(source) for source in Source],
            "title": _("Imports"),
        }
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def get_urls(self) -> list[URLPattern]:
        def address(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"registry_importrun_{name}")

        return [
            address("upload/", self.upload, "upload"),
            address("read/<slug:source>/", require_POST(self.read_now), "read"),
            address("<int:pk>/apply/", require_POST(self.apply), "apply"),
            address("<int:pk>/refuse/", require_POST(self.refuse), "refuse"),
            address("<int:pk>/undo/", require_POST(self.undo), "undo"),
            address("<int:pk>/resume/", require_POST(self.resume), "resume"),
            *super().get_urls(),
        ]

    # ---- Starting ----------------------------------------------------------------------------------------------

    # Django's protection would read the file before it is known who sends it, and into a plain file on the disk.
    @method_decorator(csrf_exempt)
    def upload(self, request: HttpRequest) -> HttpResponse:
        refuse_others(request)
        request.upload_handlers = [MemoryOnly(request)]
        return csrf_protect(self._upload)(request)

    def _upload(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            run = import_jobs.take_in(
                form.cleaned_data["file"],
                source=Source(form.cleaned_data["source"]),
                extension=form.extension,
                by=request.user.get_username(),
                only_plan=form.cleaned_data["only_plan"],
            )
            return redirect("admin:registry_importrun_change", run.pk)
        return self._show(request, "upload", title=_("Import a file"), form=form)

    def read_now(self, request: HttpRequest, source: str) -> HttpResponse:
        refuse_others(request)
        if source not in Source.values or not settings.VIEWS[source]:
            raise Http404
        try:
            run = import_jobs.read_view(Source(source), by=request.user.get_username())
        except Refused as refusal:
            messages.warning(request, str(refusal))
            return redirect("admin:registry_importrun_changelist")
        return redirect("admin:registry_importrun_change", run.pk)

    # ---- One import --------------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        context = {
            "run": run,
            "running": plans.is_running(run),
            "stranded": import_jobs.is_stranded(run),
            "progress": plans.progress_of(run),
            "plan": plans.Plan(run, kind=request.GET.get("kind", ""), page=request.GET.get("page", "")),
            "facts": _facts(run),
            "counts": _counts(run),
            "changed_fields": _changed_fields(run),
            "actions": _actions(run) if may_import(request) else [],
            "may_see_records": request.user.has_perm("registry.view_affiliation"),
        }
        return self._show(request, "run", title=_title(run), **context)

    def apply(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let an import pass that a guard rail or its planner has held."""
        done = _("It is confirmed and will be applied now.")
        return self._act(request, pk, lambda run, by: import_jobs.confirm(run, by=by), done)

    def refuse(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._act(
            request,
            pk,
            lambda run, by: runs.refuse(run, reason=_("Given up by %(name)s.") % {"name": by}),
            _("Nothing was changed."),
        )

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._act(request, pk, lambda run, by: import_jobs.undo(run, by=by), _("The import is being undone."))

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._act(request, pk, lambda run, _by: import_jobs.resume(run), _("The import begins anew."))

    def _act(self, request: HttpRequest, pk: int, act: Callable[[ImportRun, str], object], done: str) -> HttpResponse:
        refuse_others(request)
        run = get_object_or_404(ImportRun, pk=pk)
        try:
            act(run, request.user.get_username())
        except Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, done)
        return redirect("admin:registry_importrun_change", pk)

    def _show(self, request: HttpRequest, page: str, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/registry/importrun/{page}.html", context)


def may_import(request: HttpRequest) -> bool:
    return request.user.has_perm(RUN_IMPORTS)


def refuse_others(request: HttpRequest) -> None:
    if not may_import(request):
        raise PermissionDenied


def _system(source: Source) -> System:
    return System(
        source,
        readings.of_source(source),
        readings.trouble(source),
        has_view=bool(settings.VIEWS[source]),
        suspended=readings.is_suspended(source),
    )


def _actions(run: ImportRun) -> list[Action]:
    """The buttons for the state that the import is in."""

    def action(name: str, title: str, about: str, *, dangerous: bool = False) -> Action:
        return Action(name, reverse(f"admin:registry_importrun_{name}", args=[run.pk]), title, about, dangerous)

    if run.state in (State.HELD, State.PLANNED) and not import_jobs.is_waiting(run):
        about = _("All of the plan below goes into the records, or nothing of it.")
        return [
            action("apply", _("Confirm and apply") if run.state == State.HELD else _("Apply"), about),
            action(
                "refuse", _("Do not apply"), _("The plan is given up. The records stay as they are."), dangerous=True
            ),
        ]
    if import_jobs.can_be_undone(run):
        about = _("Everything becomes what it was before this import, but for what was corrected since.")
        return [action("undo", _("Undo this import"), about, dangerous=True)]
    if import_jobs.is_stranded(run):
        return [action("resume", _("Take it up again"), _("It begins anew. Nothing was changed so far."))]
    return []


def _facts(run: ImportRun) -> list[tuple[str, object]]:
    """What it is, who started and confirmed it, and when; only what there is."""
    fields = (
        "source", "origin", "name", "complete", "started_at", "started_by", "planned_at", "confirmed_by",
        "finished_at", "undone_at", "undone_by",
    )  # fmt: skip
    return [(_label(name), _shown(run, name)) for name in fields if getattr(run, name) not in (None, "")]


def _title(run: ImportRun) -> str:
    return f"{run.get_source_display().capitalize()}, {date_format(localtime(run.started_at), 'j E Y, H:i')}"


def _counts(run: ImportRun) -> list[tuple[str, int]]:
    """Nothing as long as there is no plan."""
    if run.planned_at is None and run.state != State.APPLIED:
        return []
    fields = ("rows_read", "held_records", "added", "changed", "unchanged", "vanished", "rejected", "kept_corrections")
    return [(_label(name), getattr(run, name)) for name in fields]


def _changed_fields(run: ImportRun) -> list[tuple[str, int]]:
    """By label, the most frequent first."""
    numbers = sorted(run.changed_fields.items(), key=lambda pair: -pair[1])
    return [(str(FIELDS[name].verbose_name) if name in FIELDS else name, number) for name, number in numbers]


def _label(name: str) -> str:
    return str(ImportRun._meta.get_field(name).verbose_name)  # type: ignore[union-attr] # noqa: SLF001 Django documents _meta.


def _shown(run: ImportRun, name: str) -> object:
    if name == "complete":
        return _("yes") if run.complete else _("no, only what changed since the last reading")
    if name in ("source", "origin"):
        return getattr(run, f"get_{name}_display")()
    value = getattr(run, name)
    return date_format(localtime(value), "j E Y, H:i") if isinstance(value, datetime) else value

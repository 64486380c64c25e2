"""Less of what Django and django-otp bring for the administration."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

# A device that somebody adds here would let them sign in as its owner, who is told nothing of it.
admin.site.unregister((StaticDevice, TOTPDevice, Group))


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    # Without Django's two boxes side by side, which few can use without eyes, and of which half is in English.
    filter_horizontal = ()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": capfirst(str(self.opts.verbose_name_plural))})

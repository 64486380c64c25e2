"""Says what is wrong with the installation and what to do about it."""

import sys
from typing import Any

from django.core.checks import CheckMessage, run_checks
from django.core.checks.messages import ERROR
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Says what is wrong with the installation and what to do about it. Exit 0 all is well, 1 something is wrong."
    # It runs them itself, and reports instead of stopping.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        found = [message for message in run_checks(include_deployment_checks=True) if not message.is_silenced()]
        for message in sorted(found, key=lambda message: -message.level):
            self.stdout.write(self._lines(message))
        if found:
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("✓ Nothing is wrong."))

    def _lines(self, message: CheckMessage) -> str:
        style = self.style.ERROR if message.level >= ERROR else self.style.WARNING
        remedy = f"\n  → {message.hint}" if message.hint else ""
        return f"{style('✗')} {message.msg} ({message.id}){remedy}"

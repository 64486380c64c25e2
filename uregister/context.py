"""What every page knows: the institution whose name it bears."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language


def institution(request: HttpRequest) -> dict[str, Any]:
    greek = (get_language() or settings.LANGUAGE_CODE).startswith("el")
    return {
        "institution_name": settings.INSTITUTION_NAME_EL if greek else settings.INSTITUTION_NAME_EN,
        "helpdesk_email": settings.HELPDESK_EMAIL,
        "demo": settings.DEMO,
    }

"""The letter with a reset code, for somebody who was identified in person: the only place where it stands in clear."""

from dataclasses import dataclass, field
from datetime import datetime

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from accounts.models import Account
from registry.models import Affiliation


@dataclass(frozen=True)
class Letter:
    """What is printed, in the person's language; `picture` is a `data:` image of the QR code."""

    person: int
    language: str
    institution: str
    name: str
    username: str
    code: str = field(repr=False)
    picture: str = field(repr=False)
    address: str
    expires_at: datetime
    helpdesk: str


def write_letter(account: Account, record: Affiliation, *, code: str, expires_at: datetime) -> Letter:
    address = settings.PUBLIC_URL.rstrip("/") + reverse("mypassword:forgotten_code")
    greek = account.language == "el"
    with override(account.language):
        name = record.full_name
    return Letter(
        person=record.person_id,
        language=account.language,
        institution=settings.INSTITUTION_NAME_EL if greek else settings.INSTITUTION_NAME_EN,
        name=name,
        username=account.username,
        code=code,
        picture=qr_code(f"{address}#{code}"),
        address=address,
        expires_at=expires_at,
        helpdesk=settings.HELPDESK_EMAIL,
    )


def qr_code(address: str) -> str:
    """The address as a `data:` image, black on white whatever the page's colours are (ISO/IEC 18004, level M).

    The code stands in the address's fragment, behind `#`: a browser never sends that to a server, so no log of ours
    or of a proxy holds it, and `static/js/code.js` puts it into the field and takes it out of the address.
    """
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))

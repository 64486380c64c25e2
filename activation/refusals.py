"""What may stand in the way of an attempt, beside what the registry and the account refuse."""

from django.utils.translation import gettext_lazy as _

from registry import readiness
from registry.models import Affiliation


class Overtaken(Exception):
    """Another request of the same attempt was quicker: go to the step that is due."""


class RecordRefused(Exception):
    """The record can't be activated as it is; `hindrance` says what stops it."""

    def __init__(self, record: Affiliation, hindrance: readiness.Hindrance, *, typed_number: str = "") -> None:
        super().__init__(hindrance)
        self.record = record
        self.hindrance = hindrance
        self.typed_number = typed_number


class RecordChanged(Exception):
    message = _("Your record was changed meanwhile. Please start again.")


class DetailsChanged(Exception):
    """What the person has confirmed, or is about to, is not what the record says now."""

    message = _("Your details were changed meanwhile. Please check them once more.")


class LetterRefused(Exception):
    """Wrong, used, replaced, expired, somebody else's: nobody is told which."""

    message = _(
        "These do not belong together, or the letter has been used, has been replaced or is too old. "
        "Check what you typed. If it is right, ask whoever gave you the letter for a new one."
    )


class LetterReplaced(Exception):
    """The letter that opened this attempt was made invalid meanwhile."""

    message = _("Your letter was made invalid meanwhile. Start again with the newer one.")

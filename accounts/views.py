"""Where providers report what became of a message."""

import json
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator

from accounts.messages import receipts

# Twilio's message states (its API reference) that end a message's life.
TWILIO_DELIVERED = frozenset({"delivered", "read"})
TWILIO_FAILED = frozenset({"undelivered", "failed"})


@csrf_exempt
@login_not_required
@require_POST
def receipt_twilio(request: HttpRequest, key: UUID, token: str) -> HttpResponse:
    """Twilio's status callback, signed with the account's token over the address it was given."""
    try:
        message = receipts.open_receipt("twilio", key, token)
    except receipts.ReceiptForged:
        return HttpResponse(status=404)
    address = receipts.receipt_address("twilio", message)
    signature = request.headers.get("X-Twilio-Signature", "")
    if not RequestValidator(settings.TWILIO_TOKEN).validate(address, request.POST, signature):
        return HttpResponse(status=403)
    if message.provider_id and request.POST.get("MessageSid") != message.provider_id:
        return HttpResponse(status=403)
    state = request.POST.get("MessageStatus", "")
    if state in TWILIO_DELIVERED:
        receipts.delivered(message)
    elif state in TWILIO_FAILED:
        receipts.undelivered(message)
    return HttpResponse(status=204)


@csrf_exempt
@login_not_required
@require_POST
def receipt_gunet(request: HttpRequest, key: UUID, token: str) -> HttpResponse:
    """GUnet's callback: it has no identifier and no signature, so its address alone vouches for it."""
    try:
        message = receipts.open_receipt("gunet", key, token)
        report = json.loads(request.body)
        state, recipient = report["status"], str(report["recipient"])
    except receipts.ReceiptForged:
        return HttpResponse(status=404)
    except (ValueError, KeyError, TypeError, RecursionError):
        return HttpResponse(status=400)
    if not receipts.is_recipient(message, recipient):
        return HttpResponse(status=403)
    if state == "DELIVRD":
        receipts.delivered(message)
    elif state == "ERROR":
        receipts.undelivered(message)
    return HttpResponse(status=204)

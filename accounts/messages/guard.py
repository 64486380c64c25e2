"""Keeps paid SMS from becoming a weapon: allowed countries, and a budget per hour and per range of numbers."""

from django.conf import settings
from phonenumbers import parse, region_code_for_number

from accounts import throttle
from accounts.messages import alarm
from accounts.models.message import Channel

# Country code and the first digits behind it: the block of numbers that one operator, or one fraud, holds.
RANGE_LENGTH = 6


def refusal(channel: str, address: str) -> str:
    """Why no SMS goes to this number: "country", "budget", or "" when one may."""
    if channel != Channel.SMS:
        return ""
    if region_code_for_number(parse(address)) not in settings.SMS_COUNTRIES:
        return "country"
    try:
        throttle.count("sms:range", address[:RANGE_LENGTH])
        throttle.count("sms:all", "")
    except throttle.TooMany:
        alarm.ring("sms-budget", "An SMS was refused: the budget of this hour is spent.")
        return "budget"
    return ""

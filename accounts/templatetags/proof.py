"""`{% proof "lookup" %}` in a form: nothing, or the challenge that its page has to solve."""

from typing import Any

from django import template

from accounts import proof_of_work

register = template.Library()


@register.inclusion_tag("components/proof.html", takes_context=True)
def proof(context: dict[str, Any], act: str) -> dict[str, Any]:
    return {"challenge": proof_of_work.challenge(context["request"], act), "field": proof_of_work.FIELD}

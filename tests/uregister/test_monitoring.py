"""The rules and the dashboard ask in a way that can find something, and for what is there once."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

MONITORING = Path(__file__).resolve().parents[2] / "deploy/monitoring"
PANELS = json.loads((MONITORING / "grafana.json").read_text())["panels"]
EXPRESSIONS = [panel["expr"] for board in PANELS for panel in board["targets"]]
RULES = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]

# `or` joins series and pairs none.
UNION = re.compile(r" or ()")
OPERATORS = re.compile(r" (?:and|unless|==|!=|<=|>=|<|>|[-+*/]) ((?:on|ignoring) \(.*?\) )?")
SELECTOR = re.compile(r"\b(?:uregister_\w+|up)\b(\{[^}]*\})?")
AGGREGATION = re.compile(r"^(?:sum|max|min|count)( (?:by|without) \([^)]*\))?")


def split(expression: str, operator: re.Pattern[str]) -> list[tuple[str, str]]:
    """The operands outside of parentheses, each with what the operator before it captured, "" if nothing."""
    depth, start, before, parts = 0, 0, "", []
    for place, sign in enumerate(expression):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0 and place >= start and (found := operator.match(expression, place)):
            parts.append((expression[start:place], before))
            start, before = found.end(), found[1] or ""
    return [*parts, (expression[start:], before)]


def labels(operand: str) -> str:
    """What tells which labels the operand's series have: how they are brought together, or else how they are chosen."""
    if aggregated := AGGREGATION.match(operand):
        return f"together{aggregated[1] or ''}"
    found = SELECTOR.search(operand)
    assert found
    return found[1] or ""


def pairs_nothing(expression: str) -> bool:
    """Whether an operator meets series that can't have the same labels, and does not say which ones count."""
    for side, _nothing in split(expression, UNION):
        series = [(labels(part), matching) for part, matching in split(side, OPERATORS) if SELECTOR.search(part)]
        if any(one != other and not matching for (one, _), (other, matching) in pairwise(series)):
            return True
    return False


def test_how_pairs_are_judged() -> None:
    assert pairs_nothing('a < 0.2 * uregister_x{a="1"} and uregister_x{a="2"} > 1')
    assert pairs_nothing('max by (a) (uregister_x{b="1"}) < uregister_x{b="2"}')
    assert not pairs_nothing('uregister_x{a="1"} > 60 or absent(uregister_x)')
    assert not pairs_nothing('uregister_x{a="1"} < ignoring (a) uregister_x{a="2"}')
    assert not pairs_nothing('sum(uregister_x{a="1"}) > 0.05 * sum(uregister_x)')


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_a_rule_can_fire(rule: dict[str, str]) -> None:
    assert not pairs_nothing(rule["expr"])


# How series are brought together, if at all, before what is asked of each.
ASKED = re.compile(r"(?:(\w+)(?: by \([^)]*\) )?\()?(?:rate\(|increase\()?(uregister_\w+)")


@pytest.mark.parametrize("expression", [*EXPRESSIONS, *(rule["expr"] for rule in RULES)])
def test_what_every_machine_tells_is_not_added_up(expression: str) -> None:
    """Only what each machine's processes have counted by themselves is."""
    for together, name in ASKED.findall(expression):
        right = {"sum"} if name.startswith("uregister_request_seconds") else {"max", "min"}
        assert together in right or name == "uregister_database_up"

"""A proof of work is asked for only past a limit and counts once; without one a stricter limit holds."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from altcha import v1 as altcha
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from accounts import proof_of_work
from accounts.throttle import TooMany

Limit = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def _tight(limit: Limit, settings: Any) -> None:
    settings.PROOF_OF_WORK = 200
    limit("lookup:calm", "2 per 10 minutes")
    limit("lookup:unproved", "1 per 10 minutes")


def request(address: str = "192.0.2.1", **fields: str) -> HttpRequest:
    return RequestFactory().post("/", fields, REMOTE_ADDR=address)


def ensure(**fields: str) -> None:
    proof_of_work.ensure(request(**fields), "lookup")


def called_for(address: str = "192.0.2.1", act: str = "lookup") -> bool:
    return proof_of_work.challenge(request(address), act) is not None


def until_called_for() -> None:
    while not called_for():
        ensure()


def solve(act: str = "lookup", **changes: Any) -> str:
    """The proof of a challenge as the page's script would send it."""
    challenge = proof_of_work.challenge(request(), act)
    assert challenge is not None
    solution = altcha.solve_challenge(challenge.challenge, challenge.salt, challenge.algorithm, challenge.max_number)
    assert solution is not None
    proof = {
        "algorithm": challenge.algorithm, "challenge": challenge.challenge, "salt": challenge.salt,
        "signature": challenge.signature, "number": solution.number,
    }  # fmt: skip
    return base64.b64encode(json.dumps(proof | changes).encode()).decode()


def is_refused(**fields: str) -> bool:
    """Whether the attempt is refused once the stricter limit has been used up."""
    try:
        ensure(**fields)
    except TooMany:
        return True
    return False


def test_nobody_is_asked_before_there_is_a_reason() -> None:
    assert not called_for()
    ensure()
    assert not called_for()
    ensure()
    assert called_for()
    assert not called_for("192.0.2.2")
    assert not called_for(act="signin")


def test_without_a_proof_one_passes_under_a_stricter_limit() -> None:
    until_called_for()
    assert [is_refused() for _turn in range(3)] == [False, True, True]


def test_with_a_proof_one_passes() -> None:
    until_called_for()
    assert [is_refused(proof=solve()) for _turn in range(4)] == [False] * 4


def test_a_proof_counts_once() -> None:
    until_called_for()
    proof = solve()
    assert [is_refused(proof=proof) for _turn in range(3)] == [False, False, True]


def test_a_proof_for_another_act_does_not_count(limit: Limit) -> None:
    limit("signin:calm", "0 per 10 minutes")
    until_called_for()
    ensure()
    assert is_refused(proof=solve("signin"))
    assert not is_refused(proof=solve())


def test_a_proof_grows_old_by_the_server_s_time() -> None:
    with time_machine.travel(0, tick=False) as clock:
        until_called_for()
        ensure()
        proof = solve()
        clock.shift(proof_of_work.LIFETIME.total_seconds() + 1)
        until_called_for()
        ensure()
        assert is_refused(proof=proof)


@pytest.mark.parametrize(
    "change", [{"number": 201}, {"number": "1"}, {"salt": "x?act=lookup&"}, {"signature": "0" * 64}, {"algorithm": 7}]
)
def test_a_proof_that_was_touched_does_not_count(change: dict[str, Any]) -> None:
    until_called_for()
    ensure()
    assert is_refused(proof=solve(**change))


def test_the_load_of_all_together_calls_for_it(limit: Limit) -> None:
    limit("proof:load", "1 per minute")
    ensure()
    assert called_for("192.0.2.99")


def test_it_can_be_turned_off(settings: Any) -> None:
    settings.PROOF_OF_WORK = 0
    for _turn in range(9):
        ensure()
    assert not called_for()


NAMES = st.sampled_from(["salt", "number", "algorithm", "challenge", "signature"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(st.text() | json_values.map(lambda value: base64.b64encode(json.dumps(value).encode()).decode()))
def test_garbage_is_no_proof(text: str) -> None:
    assert not proof_of_work._is_proved(text, "lookup")
